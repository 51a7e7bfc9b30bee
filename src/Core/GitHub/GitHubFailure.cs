using System.Globalization;
using System.Net;

namespace DotnetRelease.GitHub;

/// <summary>
/// What went wrong, as a person can act on it: token, permission, name, validation. GitHub's own words come along, without secrets, and
/// the request id that its support asks for.
/// </summary>
internal static class GitHubFailure
{
    internal static ReleaseException Of(GitHubAsk ask, GitHubAnswer answer, GitHubClient client) => answer.Status switch
    {
        HttpStatusCode.Unauthorized => Unauthorized(ask, answer, client),
        HttpStatusCode.Forbidden => Forbidden(ask, answer, client),
        HttpStatusCode.NotFound or HttpStatusCode.Gone => NotFound(ask, answer, client),
        HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect => new(
            Fault.GitHubNotFound, $"{Text(ask, answer)}: {client.Place.Repository} has another name now; nothing was changed.{answer.Request}")
        {
            Remedy = $"Write the new name into project.github; https://{client.Place.WebHost}/{client.Place.Repository} leads there.",
        },
        HttpStatusCode.UnprocessableEntity when answer.Says("immutable release") => Immutable(ask, answer),

        // Nobody knows what was done: who asked has to look.
        >= HttpStatusCode.InternalServerError => new(Fault.RemoteFailed, $"{Text(ask, answer)}{Because(answer)}{answer.Request}.")
        {
            Remedy = "Run the command again later; it goes on where it stopped.",
        },
        _ => new(Fault.GitHubFailed, $"{Text(ask, answer)}{Because(answer)}{answer.Request}."),
    };

    internal static ReleaseException Limited(GitHubAsk ask, GitHubAnswer answer, TimeSpan wait, GitHubContext context)
    {
        var until = context.Time.GetUtcNow() + wait;
        return new(
            Fault.GitHubLimited,
            string.Create(CultureInfo.InvariantCulture, $"{Text(ask, answer)}{Because(answer)}; GitHub wants us to wait until {until:yyyy-MM-dd HH:mm:ss}Z, longer than we do.{answer.Request}"))
        {
            Remedy = "Run the command again after that time; it goes on where it stopped.",
        };
    }

    /// <summary>Cases 77 and 78: what GitHub never allows again.</summary>
    private static ReleaseException Immutable(GitHubAsk ask, GitHubAnswer answer) => answer.Says("tag_name was used")
        ? new(Fault.TagBurned, $"{Text(ask, answer)}{Because(answer)}{answer.Request}.")
        : new(Fault.ReleaseImmutable, $"{Text(ask, answer)}{Because(answer)}{answer.Request}.");

    private static ReleaseException Unauthorized(GitHubAsk ask, GitHubAnswer answer, GitHubClient client) => new(
        Fault.GitHubUnauthorized,
        client.Token is { } token
            ? $"{Text(ask, answer)}: the token from {token} is not valid; it has expired, was revoked, or is for another server.{answer.Request}"
            : $"{Text(ask, answer)}: a token is needed.{answer.Request}")
    {
        Remedy = $"Make a new one: https://{client.Place.WebHost}/settings/personal-access-tokens",
    };

    private static ReleaseException Forbidden(GitHubAsk ask, GitHubAnswer answer, GitHubClient client)
    {
        var from = client.Token is { } token ? $"the token from {token}" : "somebody without a token";
        var single = answer.Head.Value("x-github-sso") is { } sso && sso.StartsWith("required", StringComparison.OrdinalIgnoreCase);
        return new(Fault.GitHubUnauthorized, $"{Text(ask, answer)}: {from} may not do this{Because(answer)}{answer.Request}.")
        {
            Remedy = single
                ? "The organisation asks for single sign-on: authorise the token for it in the settings of the token."
                : $"It needs {Needed(answer)}.{Has(answer)}",
        };
    }

    /// <summary>GitHub says 404 to who may not see that there is something.</summary>
    private static ReleaseException NotFound(GitHubAsk ask, GitHubAnswer answer, GitHubClient client) => new(
        Fault.GitHubNotFound,
        $"{Text(ask, answer)}: there is no such thing in {client.Place.Repository}, or {(client.Token is { } token ? $"the token from {token} may not see it" : "a token is needed to see it")}.{answer.Request}")
    {
        Remedy = client.Token is null ? "" : $"Check project.github, and that the token has {Needed(answer)} for this repository.{Has(answer)}",
    };

    private static string Needed(GitHubAnswer answer) =>
        answer.Head.Value("x-accepted-github-permissions") is { Length: > 0 } permissions ? $"the permission {permissions}"
        : answer.Head.Value("x-accepted-oauth-scopes") is { Length: > 0 } scopes ? $"the scope {scopes}"
        : "the permission contents=write (classic: the scope repo)";

    private static string Has(GitHubAnswer answer) =>
        answer.Head.Value("x-oauth-scopes") is { } scopes ? $" It has {(scopes.Trim().Length is 0 ? "no scope" : scopes)}." : "";

    private static string Because(GitHubAnswer answer) => answer.Message.Length is 0 ? "" : $": {answer.Message.TrimEnd('.')}";

    private static string Text(GitHubAsk ask, GitHubAnswer answer) =>
        $"{ask.What}: {ask.Method} {ask.Url.GetLeftPart(UriPartial.Path)} -> {(int)answer.Status} {answer.Status}";
}
