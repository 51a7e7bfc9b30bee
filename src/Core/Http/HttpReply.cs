using System.Net;
using System.Net.Http.Headers;

namespace DotnetRelease.Http;

/// <summary>Status and headers of an answer that is not a redirect we follow and not one we repeat.</summary>
public class HttpHead
{
    private readonly HttpAsk _ask;
    private readonly HttpHeadersNonValidated _headers;
    private readonly HttpHeadersNonValidated _contentHeaders;

    internal HttpHead(HttpAsk ask, HttpResponseMessage response)
    {
        _ask = ask;
        _headers = response.Headers.NonValidated;
        _contentHeaders = response.Content.Headers.NonValidated;
        Status = response.StatusCode;
        Url = response.RequestMessage!.RequestUri!;
        Length = response.Content.Headers.ContentLength;
    }

    /// <summary>The status; 401 and 404 come through, so that a registry client can read the challenge.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Where the answer came from after redirects.</summary>
    public Uri Url { get; }

    /// <summary>The announced number of bytes, or null.</summary>
    public long? Length { get; }

    /// <summary>The values of a header, unparsed, one per line that the server sent.</summary>
    public IReadOnlyList<string> Values(string name) =>
        _headers.TryGetValues(name, out var values) || _contentHeaders.TryGetValues(name, out values) ? [.. values] : [];

    /// <summary>The first value of a header, or null.</summary>
    public string? Value(string name) => Values(name) is [var first, ..] ? first : null;

    /// <summary>Goes on only with a 200.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.SourceNotFound"/> for 404 and 410, <see cref="Fault.RemoteUnauthorized"/> for 401, 403 and 407, else
    /// <see cref="Fault.RemoteFailed"/>.
    /// </exception>
    public void RequireOk()
    {
        if (Status is not HttpStatusCode.OK)
        {
            throw new ReleaseException(FaultOf(Status), $"{_ask} -> {Say(Status)}{From}.");
        }
    }

    internal static string Say(HttpStatusCode status) => $"{(int)status} {status}";

    // Never the body: a server may echo the token it refused.
    private string From => Url == _ask.Url ? "" : $" from {UrlRules.Show(Url)}";

    private static Fault FaultOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.NotFound or HttpStatusCode.Gone => Fault.SourceNotFound,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired => Fault.RemoteUnauthorized,
        _ => Fault.RemoteFailed,
    };
}

/// <summary>An answer whose body is still on the way.</summary>
public sealed class HttpReply : HttpHead
{
    internal HttpReply(HttpAsk ask, HttpResponseMessage response, Stream content)
        : base(ask, response) => Content = content;

    /// <summary>
    /// The bytes as they were sent, never decompressed. Reading keeps the limits of time, rate and size; the announced length is
    /// checked. An exception of this stream must reach the door unchanged: it decides about another attempt.
    /// </summary>
    public Stream Content { get; }
}

/// <summary>An answer in memory.</summary>
public sealed class HttpDocument : HttpHead
{
    internal HttpDocument(HttpAsk ask, HttpResponseMessage response, ReadOnlyMemory<byte> bytes)
        : base(ask, response) => Bytes = bytes;

    /// <summary>The whole body.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }
}
