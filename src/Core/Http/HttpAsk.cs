using System.Collections.Immutable;

namespace DotnetRelease.Http;

/// <summary>One thing to ask a server for. Only safe methods exist here, so that every ask may be repeated.</summary>
/// <param name="Url">https; plain http only where <see cref="AllowPlain"/> says why.</param>
public sealed record HttpAsk(Uri Url)
{
    /// <summary>The bytes of a small document when nobody says more.</summary>
    public const int DocumentBytes = 4 * 1024 * 1024;

    /// <summary>GET or HEAD.</summary>
    public HttpMethod Method { get; init; } = HttpMethod.Get;

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

    /// <summary>Method and URL as messages show them: without a query, which may carry a signature or a token.</summary>
    public override string ToString() => $"{Method} {UrlRules.Show(Url)}";
}
