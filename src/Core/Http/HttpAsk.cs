using System.Collections.Immutable;
using System.Net;

namespace DotnetRelease.Http;

/// <summary>
/// One thing to ask a server for. GET and HEAD are repeated where a repetition may cure a failure. What changes the server is sent
/// once: nobody can know whether it was done when no answer came, so the caller looks first. It gets every answer, redirects too.
/// </summary>
/// <param name="Url">https; plain http only where <see cref="AllowPlain"/> says why.</param>
public sealed record HttpAsk(Uri Url)
{
    /// <summary>The bytes of a small document when nobody says more.</summary>
    public const int DocumentBytes = 4 * 1024 * 1024;

    /// <summary>GET, or what the caller wants done.</summary>
    public HttpMethod Method { get; init; } = HttpMethod.Get;

    /// <summary>What is sent along, or null.</summary>
    public HttpBody? Body { get; init; }

    /// <summary>Statuses that the caller deals with itself, although waiting and asking again might cure them.</summary>
    public ImmutableArray<HttpStatusCode> Handled { get; init; } = [];

    /// <summary>The media types wanted; goes along to every host, because it is no secret.</summary>
    public string? Accept { get; init; }

    /// <summary>Asks every cache on the way to fetch afresh; goes along to every host.</summary>
    public bool PastCaches { get; init; }

    /// <summary>
    /// <c>Authorization</c> and every other header meant for this host and port alone. A redirect to another one leaves them behind,
    /// and they stay behind even when a later redirect comes back.
    /// </summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>A body that announces or has more bytes is refused.</summary>
    public long MaxBytes { get; init; } = DocumentBytes;

    /// <summary>
    /// The user configured this host with <c>http://</c>, so plain HTTP to it is their wish. Loopback hosts need no such wish.
    /// </summary>
    public bool AllowPlain { get; init; }

    /// <summary>Told the bytes received so far; a repeated attempt starts again at zero.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>
    /// Asked before each attempt what is here already, so that only the rest is sent; null for all. It goes along to every host. Whoever
    /// asks so gets 206 with <c>Content-Range</c>, 200 with all bytes, or 416.
    /// </summary>
    internal Func<ResumePoint?>? Resume { get; init; }

    /// <summary>One attempt only: there is another place to ask.</summary>
    internal bool Once { get; init; }

    /// <summary>Whether asking changes nothing, so that asking twice does no harm.</summary>
    internal bool IsSafe => Method == HttpMethod.Get || Method == HttpMethod.Head;

    /// <summary>Method and URL as messages show them: without a query, which may carry a signature or a token.</summary>
    public override string ToString() => $"{Method} {UrlRules.Show(Url)}";
}

/// <summary>Where a body goes on.</summary>
/// <param name="Start">Bytes that are here.</param>
/// <param name="ETag">What they are the beginning of: a strong validator (RFC 9110, 13.1.5), or null when the digest of the whole has to do.</param>
internal sealed record ResumePoint(long Start, string? ETag);
