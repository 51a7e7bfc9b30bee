using System.Collections.Immutable;
using System.Text.RegularExpressions;
using DotnetRelease.Http;

namespace DotnetRelease.Images;

/// <summary>
/// The right to read one repository, asked for when the registry demands it (distribution specification, token authentication).
/// Anonymous: no credential is ever sent to the realm, which the registry chose.
/// </summary>
internal sealed partial class RegistryToken(Lazy<HttpDoor> http, RegistryReference reference) : IDisposable
{
    private const int SizeLimit = 1024 * 1024;
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>The headers that carry the token; empty until a challenge was answered.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Headers { get; private set; } = [];

    /// <summary>Answers a challenge. Of several downloads that are challenged at once, the first asks and the others share its token.</summary>
    /// <param name="challenge">The values of <c>WWW-Authenticate</c>.</param>
    /// <param name="refused">The headers that were not enough.</param>
    /// <param name="ct">Ends the exchange.</param>
    internal async Task AnswerAsync(IReadOnlyList<string> challenge, ImmutableArray<KeyValuePair<string, string>> refused, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (Headers == refused)
            {
                var token = await FetchAsync(Url(AuthChallenge.Parse(challenge)), ct);
                Headers = [new("Authorization", $"Bearer {token}")];
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private Uri Url(ImmutableArray<AuthChallenge> challenges)
    {
        var bearer = challenges.FirstOrDefault(challenge => challenge.Scheme is "bearer" && challenge.Parameters.ContainsKey("realm"));
        if (bearer is null)
        {
            var schemes = string.Join(", ", challenges.Select(challenge => Printable.Of(challenge.Scheme)).Distinct(StringComparer.Ordinal));
            throw Refused($"it asks for a login ({(schemes.Length is 0 ? "nothing" : schemes)}), and only anonymous pulls are supported");
        }

        var realm = Realm(bearer.Parameters["realm"]);
        var scope = bearer.Parameters.GetValueOrDefault("scope") is { Length: > 0 } asked ? asked : $"repository:{reference.Repository}:pull";
        var query = $"scope={Uri.EscapeDataString(scope)}"
            + (bearer.Parameters.GetValueOrDefault("service") is { Length: > 0 } service ? $"&service={Uri.EscapeDataString(service)}" : "");
        return new UriBuilder(realm) { Query = realm.Query.Length > 1 ? $"{realm.Query[1..]}&{query}" : query, Fragment = "" }.Uri;
    }

    /// <summary>The registry chooses the realm: a public one must not send us to a plain or a nearer place.</summary>
    private Uri Realm(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var realm) || realm.Host.Length is 0
            || (realm.Scheme is not "https" && !(realm.Scheme is "http" && realm.IsLoopback && reference.Endpoint.IsLoopback)))
        {
            throw Refused($"it names the token server '{Printable.Of(text)}', which is no https URL");
        }

        if (realm.UserInfo.Length > 0 || (realm.IsLoopback && !reference.Endpoint.IsLoopback))
        {
            var why = realm.UserInfo.Length > 0 ? "with a user name in the URL" : "on this machine";
            throw Refused($"it names the token server '{Printable.Of(realm.Host)}' {why}");
        }

        return realm;
    }

    private async Task<string> FetchAsync(Uri url, CancellationToken ct)
    {
        var reply = await http.Value.ReadAsync(new HttpAsk(url) { Accept = "application/json", MaxBytes = SizeLimit }, ct);
        reply.RequireOk();
        var json = OciJson.ParseObject($"token of {url.Host}", reply.Bytes);
        var token = json.FindText("token") is { Length: > 0 } first ? first : json["access_token"].Text();
        return TokenPattern().IsMatch(token) ? token : throw Refused($"the token server '{url.Host}' gave something that is no token");
    }

    /// <summary>The way to an image that wants a login.</summary>
    internal static string LoginElsewhere(RegistryReference reference) =>
        $"Check the name; with a login, use another tool: skopeo copy docker://{reference} oci:FOLDER:tag, and name oci:FOLDER:tag.";

    private ReleaseException Refused(string why) =>
        reference.Failure(Fault.RemoteUnauthorized, $"the registry does not let us read it: {why}", LoginElsewhere(reference));

    // RFC 6750 b64token; a wider set could smuggle a header.
    [GeneratedRegex(@"^[A-Za-z0-9\-._~+/]+=*\z")]
    private static partial Regex TokenPattern();
}
