using DotnetRelease.Fixtures;
using DotnetRelease.Http;

namespace DotnetRelease.Core.Tests.Http;

/// <summary>Doors with limits short enough for tests and long enough for a busy machine.</summary>
internal static class Doors
{
    internal static HttpLimits Impatient { get; } = new()
    {
        Connect = TimeSpan.FromSeconds(5),
        Headers = TimeSpan.FromSeconds(5),
        Idle = TimeSpan.FromSeconds(2),
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
