using System.Globalization;
using System.Net;
using DotnetRelease.Http;

namespace DotnetRelease.GitHub;

/// <summary>How long GitHub may make us wait.</summary>
public sealed record GitHubLimits
{
    /// <summary>What people get.</summary>
    public static GitHubLimits Default { get; } = new();

    /// <summary>All waits of one request together; what would take longer ends the run.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Between two requests that change something, as GitHub asks for.</summary>
    public TimeSpan BetweenWrites { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait when GitHub says "too many" and no time; it doubles each time.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Pages of one list; a list that goes on is refused.</summary>
    public int Pages { get; init; } = 100;
}

/// <summary>Reads the primary and secondary limits out of an answer.</summary>
internal static class RateLimit
{
    /// <summary>A server with limits says so with every answer; an Enterprise server without them does not.</summary>
    internal static bool IsAnnounced(HttpHead head) => head.Value("x-ratelimit-limit") is not null;

    /// <summary>How long to wait before asking again; null when the answer has nothing to do with limits.</summary>
    /// <param name="answer">What came back.</param>
    /// <param name="nextUnsaid">The wait when GitHub does not say.</param>
    /// <param name="now">The time.</param>
    internal static TimeSpan? WaitOf(GitHubAnswer answer, TimeSpan nextUnsaid, DateTimeOffset now)
    {
        if (answer.Status is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
        {
            return null;
        }

        if (RetryAfter(answer.Head.Value("retry-after"), now) is { } said)
        {
            return said;
        }

        if (answer.Head.Value("x-ratelimit-remaining") is "0" && Number(answer.Head.Value("x-ratelimit-reset")) is { } reset)
        {
            // One second more: both clocks are cut to seconds.
            return TimeSpan.FromSeconds(Math.Clamp(reset - now.ToUnixTimeSeconds() + 1, 1, TimeSpan.FromDays(1).TotalSeconds));
        }

        var isLimit = answer.Status is HttpStatusCode.TooManyRequests || answer.Message.Contains("rate limit", StringComparison.OrdinalIgnoreCase)
            || answer.Message.Contains("abuse detection", StringComparison.OrdinalIgnoreCase);
        return isLimit ? nextUnsaid : null;
    }

    private static TimeSpan? RetryAfter(string? value, DateTimeOffset now)
    {
        if (Number(value) is { } seconds)
        {
            return TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(1).TotalSeconds));
        }

        return DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date > now ? date - now : TimeSpan.Zero
            : null;
    }

    private static long? Number(string? value) => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
