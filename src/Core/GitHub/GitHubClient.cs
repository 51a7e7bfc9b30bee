using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using DotnetRelease.Http;

namespace DotnetRelease.GitHub;

/// <summary>
/// Talks to the REST API: headers, waits that GitHub asks for, pages, and failures in words. What a request means is the business of
/// <see cref="GitHubReleases"/> and <see cref="GitHubHistory"/>.
/// </summary>
public sealed class GitHubClient
{
    private const string ApiVersion = "2022-11-28";
    private const int Attempts = 5;

    private readonly HttpDoor _door;
    private readonly GitHubContext _context;
    private readonly WritePace _pace;
    private volatile bool _hasLimits;

    /// <summary>Nothing is asked yet.</summary>
    /// <param name="door">The network.</param>
    /// <param name="place">Which repository.</param>
    /// <param name="token">Null: as a stranger.</param>
    /// <param name="context">Clock, limits, and who hears of waits.</param>
    public GitHubClient(HttpDoor door, GitHubPlace place, GitHubToken? token, GitHubContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (_door, Place, Token, _context) = (door, place, token, context);
        _pace = new WritePace(context.Limits.BetweenWrites, context.Time);
    }

    /// <summary>Which repository.</summary>
    public GitHubPlace Place { get; }

    /// <summary>Null: as a stranger.</summary>
    public GitHubToken? Token { get; }

    internal GitHubContext Context => _context;

    /// <summary>Reads one document.</summary>
    internal Task<GitHubAnswer> GetAsync(string path, string what, CancellationToken ct) =>
        SendAsync(new GitHubAsk(HttpMethod.Get, Place.At(path)) { What = what }, ct);

    /// <summary>Changes something.</summary>
    internal Task<GitHubAnswer> ChangeAsync(HttpMethod method, string path, Action<Utf8JsonWriter>? write, string what, CancellationToken ct) =>
        SendAsync(
            new GitHubAsk(method, Place.At(path))
            {
                What = what,
                Body = write is null ? null : HttpBody.Of(System.Text.Encoding.UTF8.GetBytes(JsonText.Of(write)), "application/json; charset=utf-8"),
            },
            ct);

    /// <summary>Sends a request; waits as long as GitHub wants, within bounds. A request that was refused for its rate was not done.</summary>
    /// <returns>The answer of any status, except one about limits.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.GitHubLimited"/>, and what <see cref="HttpDoor"/> throws.</exception>
    internal async Task<GitHubAnswer> SendAsync(GitHubAsk ask, CancellationToken ct)
    {
        var (waited, unsaid) = (TimeSpan.Zero, _context.Limits.FirstWait);
        for (var attempt = 1; ; attempt++)
        {
            if (!ask.IsRead && (!ask.IsUpload || _hasLimits))
            {
                await _pace.WaitAsync(ct);
            }

            var answer = new GitHubAnswer(await _door.ReadAsync(ToHttp(ask), ct));
            _hasLimits |= RateLimit.IsAnnounced(answer.Head);
            if (RateLimit.WaitOf(answer, unsaid, _context.Time.GetUtcNow()) is not { } wait)
            {
                return answer;
            }

            if (attempt == Attempts || waited + wait > _context.Limits.LongestWait)
            {
                throw GitHubFailure.Limited(ask, answer, wait, _context);
            }

            _context.Reporter.Info($"{ask.What}: GitHub wants us to wait {(long)Math.Ceiling(wait.TotalSeconds)} s ({(int)answer.Status}: {answer.Message}).");
            await Task.Delay(wait, _context.Time, ct);
            (waited, unsaid) = (waited + wait, unsaid * 2);
        }
    }

    /// <summary>
    /// The items of a list over all its pages. Links to another origin, to a page that was there already, or to one page too many end it
    /// with an error.
    /// </summary>
    internal async IAsyncEnumerable<JsonElement> ListAsync(string path, string what, [EnumeratorCancellation] CancellationToken ct)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var url = Place.At(path); url is not null;)
        {
            if (!seen.Add(url.AbsoluteUri) || seen.Count > _context.Limits.Pages)
            {
                throw new ReleaseException(Fault.GitHubFailed, $"{what}: GitHub's pages do not end ({seen.Count} so far, the next is {Shown(url)}).");
            }

            var ask = new GitHubAsk(HttpMethod.Get, url) { What = what };
            var answer = await SendAsync(ask, ct);
            if (answer.Status is not HttpStatusCode.OK || answer.Root.ValueKind is not JsonValueKind.Array)
            {
                throw Failure(ask, answer);
            }

            foreach (var item in answer.Root.EnumerateArray())
            {
                yield return item;
            }

            url = PageLink.Next(answer.Head.Values("link"), url);
            if (url is not null && !PageLink.SameOrigin(url, Place.Api))
            {
                throw new ReleaseException(Fault.GitHubFailed, $"{what}: the next page is said to be at {Shown(url)}, which is another server. It was not asked.");
            }
        }
    }

    /// <summary>A large body of the API, with the token; redirects to the storage go without it.</summary>
    internal Task<T> ReceiveAsync<T>(Uri url, long size, Func<HttpReply, Task<T>> receive, CancellationToken ct) => _door.ReceiveAsync(
        new HttpAsk(url)
        {
            Accept = "application/octet-stream",
            Headers = Headers(url),
            MaxBytes = size,
        },
        receive,
        ct);

    /// <summary>What an answer means that was not expected.</summary>
    internal ReleaseException Failure(GitHubAsk ask, GitHubAnswer answer) => GitHubFailure.Of(ask, answer, this);

    private HttpAsk ToHttp(GitHubAsk ask) => new(ask.Url)
    {
        Method = ask.Method,
        Body = ask.Body,
        Accept = "application/vnd.github+json",
        Headers = Headers(ask.Url),
        MaxBytes = GitHubAsk.MostBytes,
        Handled = [HttpStatusCode.TooManyRequests],
    };

    private ImmutableArray<KeyValuePair<string, string>> Headers(Uri url)
    {
        var version = KeyValuePair.Create("X-GitHub-Api-Version", ApiVersion);
        return Token is null || !Place.IsFamily(url) ? [version] : [version, KeyValuePair.Create("Authorization", $"Bearer {Token.Value}")];
    }

    private static string Shown(Uri url) => url.GetLeftPart(UriPartial.Path);
}

/// <summary>What surrounds a client.</summary>
/// <param name="Reporter">Hears of waits, repetitions and progress.</param>
/// <param name="Time">The clock; tests have one of their own.</param>
public sealed record GitHubContext(IReporter Reporter, TimeProvider Time)
{
    /// <summary>How long GitHub may make us wait.</summary>
    public GitHubLimits Limits { get; init; } = GitHubLimits.Default;

    /// <summary>How slow the network may be.</summary>
    public HttpLimits Http { get; init; } = HttpLimits.Default;
}
