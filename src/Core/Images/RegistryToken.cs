using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using DotnetRelease.Http;

namespace DotnetRelease.Images;

/// <summary>
/// The right to read one repository, asked for when the registry demands it (distribution specification, token authentication; RFC 7617).
/// The user's login goes to the registry itself or to a token server that <see cref="RealmTrust"/> covers; any other one is asked for an
/// anonymous token.
/// </summary>
internal sealed partial class RegistryToken(RegistryAccess access, RegistryReference reference) : IDisposable
{
    private const string ClientId = "dotnet-release";
    private const int SizeLimit = 1024 * 1024;
    private readonly SemaphoreSlim _one = new(1);
    private FoundLogin? _found;

    /// <summary>The headers that carry the token or login; empty until a challenge was answered.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Headers { get; private set; } = [];

    /// <summary>What became of the user's login, for the message of a refusal; empty when none was asked for.</summary>
    internal string LoginWords { get; private set; } = "";

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
                Headers = [new("Authorization", await AuthorizationAsync(AuthChallenge.Parse(challenge), ct))];
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<string> AuthorizationAsync(ImmutableArray<AuthChallenge> challenges, CancellationToken ct)
    {
        if (challenges.FirstOrDefault(challenge => challenge.Scheme is "bearer" && challenge.Parameters.ContainsKey("realm")) is { } bearer)
        {
            var realm = Realm(bearer.Parameters["realm"]);
            return $"Bearer {await FetchAsync(realm, bearer, await LoginAsync(realm, ct), ct)}";
        }

        if (challenges.Any(challenge => challenge.Scheme is "basic") && (await LoginAsync(reference.Endpoint, ct))?.Basic is { } basic)
        {
            return basic;
        }

        var schemes = string.Join(", ", challenges.Select(challenge => Printable.Of(challenge.Scheme)).Distinct(StringComparer.Ordinal));
        throw Refused($"it asks for a login ({(schemes.Length is 0 ? "nothing" : schemes)})");
    }

    /// <summary>The login that this place may see, or null.</summary>
    private async Task<RegistryLogin?> LoginAsync(Uri place, CancellationToken ct)
    {
        _found ??= await access.Logins.FindAsync(reference, ct);
        var withheld = _found.Login is not null && !RealmTrust.Covers(reference, place, access.Rules.Value);
        LoginWords = withheld
            ? $"; the login for {reference.Registry} was not sent to the token server '{Printable.Of(place.Authority)}', which may be somebody else's; "
                + $"if it is the registry's own, say so in release.toml: [registry.\"{reference.Registry}\"] token-servers = [\"{Printable.Of(place.Authority)}\"]"
            : $"; {_found.Words}";
        return withheld ? null : _found.Login;
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

    private async Task<string> FetchAsync(Uri realm, AuthChallenge challenge, RegistryLogin? login, CancellationToken ct)
    {
        var reply = await access.Http.Value.ReadAsync(Ask(realm, challenge, login) with { Once = access.HasAnother }, ct);
        // OAuth2 calls an identity token that ended a bad request.
        var isRefusal = reply.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            || (reply.Status is HttpStatusCode.BadRequest && login?.IdentityToken is not null);
        if (isRefusal)
        {
            throw Refused($"the token server '{realm.Host}' answered {(int)reply.Status} {reply.Status}");
        }

        reply.RequireOk();
        var json = OciJson.ParseObject($"token of {realm.Host}", reply.Bytes);
        var token = json.FindText("token") is { Length: > 0 } first ? first : json["access_token"].Text();
        if (login is not null)
        {
            Redactor.Shared.Learn(token);
        }

        return TokenPattern().IsMatch(token) ? token : throw Refused($"the token server '{realm.Host}' gave something that is no token");
    }

    /// <summary>A GET, with the password if there is one; an identity token is sent as OAuth2 wants it, in the body of a POST.</summary>
    private HttpAsk Ask(Uri realm, AuthChallenge challenge, RegistryLogin? login)
    {
        var scope = challenge.Parameters.GetValueOrDefault("scope") is { Length: > 0 } asked ? asked : $"repository:{reference.Repository}:pull";
        var query = $"scope={Uri.EscapeDataString(scope)}"
            + (challenge.Parameters.GetValueOrDefault("service") is { Length: > 0 } service ? $"&service={Uri.EscapeDataString(service)}" : "");
        if (login?.IdentityToken is { } identity)
        {
            var form = $"grant_type=refresh_token&client_id={ClientId}&{query}&refresh_token={Uri.EscapeDataString(identity)}";
            return new HttpAsk(new UriBuilder(realm) { Fragment = "" }.Uri)
            {
                Method = HttpMethod.Post,
                Body = HttpBody.Of(Encoding.UTF8.GetBytes(form), "application/x-www-form-urlencoded"),
                Accept = "application/json",
                MaxBytes = SizeLimit,
            };
        }

        return new HttpAsk(new UriBuilder(realm) { Query = realm.Query.Length > 1 ? $"{realm.Query[1..]}&{query}" : query, Fragment = "" }.Uri)
        {
            Headers = login?.Basic is { } basic ? [new("Authorization", basic)] : [],
            Accept = "application/json",
            MaxBytes = SizeLimit,
        };
    }

    /// <summary>The way to an image that wants a login.</summary>
    internal static string LoginElsewhere(RegistryReference reference) =>
        $"Check the name, and log in: podman login {reference.Registry}, or docker login. Or use another tool: skopeo copy docker://{reference} oci:FOLDER:tag, and name oci:FOLDER:tag.";

    private ReleaseException Refused(string why) =>
        reference.Failure(Fault.RemoteUnauthorized, $"the registry does not let us read it: {why}{LoginWords}", LoginElsewhere(reference));

    // RFC 6750 b64token; a wider set could smuggle a header.
    [GeneratedRegex(@"^[A-Za-z0-9\-._~+/]+=*\z")]
    private static partial Regex TokenPattern();
}
