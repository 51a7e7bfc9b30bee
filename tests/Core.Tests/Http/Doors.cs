using DotnetRelease.Fixtures;
using DotnetRelease.Http;

namespace DotnetRelease.Core.Tests.Http;

/// <summary>Limits short enough for tests, and answers that many tests need.</summary>
internal static class Doors
{
    internal static HttpLimits Impatient { get; } = new()
    {
        Connect = TimeSpan.FromSeconds(2),
        Headers = TimeSpan.FromMilliseconds(500),
        Idle = TimeSpan.FromMilliseconds(700),
        Total = TimeSpan.FromSeconds(20),
        FirstWait = TimeSpan.FromMilliseconds(5),
        LongestWait = TimeSpan.FromSeconds(2),
    };

    internal static HttpDoor Open(ListReporter? reporter = null, HttpLimits? limits = null) => new(limits ?? Impatient, reporter ?? new ListReporter());

    internal static async Task<ReleaseException> FailsAsync(HttpAsk ask, CancellationToken ct, HttpLimits? limits = null)
    {
        using var door = Open(limits: limits);
        return await Assert.ThrowsExactlyAsync<ReleaseException>(() => door.ReadAsync(ask, ct));
    }
}
