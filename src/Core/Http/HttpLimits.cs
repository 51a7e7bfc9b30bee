namespace DotnetRelease.Http;

/// <summary>
/// How long and how slow a remote may be. HttpClient's own limit ends with the headers: a body that stalls would hang for ever.
/// </summary>
public sealed record HttpLimits
{
    /// <summary>What people get. Tests shorten it.</summary>
    public static HttpLimits Default { get; } = new();

    /// <summary>Name resolution, TCP and TLS together.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>From the request to the end of the response's headers, on top of <see cref="Connect"/>.</summary>
    public TimeSpan Headers { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two pieces of a body.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The whole exchange: redirects, retries and waits included.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes per second that a body has to reach in each <see cref="RateWindow"/> of waiting for it.</summary>
    public long MinimumRate { get; init; } = 1024;

    /// <summary>Over how much waiting the rate is taken. Time that our own disk needs is not counted.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes per second that sending a body takes in the worst case; the total grows by it.</summary>
    public long SendRate { get; init; } = 32 * 1024;

    /// <summary>Bytes per second that a server needs to store what it got, before it answers; the wait for the headers grows by it.</summary>
    public long StoreRate { get; init; } = 8 * 1024 * 1024;

    /// <summary>Hops that are followed.</summary>
    public int Redirects { get; init; } = 5;

    /// <summary>Attempts after the first.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The first wait between attempts; the later ones grow, all with jitter.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest <c>Retry-After</c> that is obeyed; a longer one ends the exchange at once.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What one exchange may take: a large body may take longer.</summary>
    internal TimeSpan TotalOf(HttpAsk ask) => Total + TimeSpan.FromSeconds((ask.Body?.Length ?? 0) / SendRate);

    /// <summary>What the headers of an answer may take after everything was sent.</summary>
    internal TimeSpan HeadersOf(HttpAsk ask) => Headers + TimeSpan.FromSeconds((ask.Body?.Length ?? 0) / StoreRate);
}
