namespace DotnetRelease.GitHub;

/// <summary>A repository on GitHub or on a GitHub Enterprise server.</summary>
public sealed record GitHubPlace
{
    private const string PublicApi = "https://api.github.com/";

    private GitHubPlace(Uri api, string repository) => (Api, Repository) = (api, repository);

    /// <summary>Where the API is, with a slash at the end.</summary>
    public Uri Api { get; }

    /// <summary><c>owner/name</c>.</summary>
    public string Repository { get; init; }

    /// <summary>The host that people see, and that <c>gh</c> knows tokens for.</summary>
    public string WebHost => Api.Host.StartsWith("api.", StringComparison.OrdinalIgnoreCase) ? Api.Host["api.".Length..] : Api.Host;

    /// <summary>A place whose address was checked.</summary>
    /// <param name="repository"><c>owner/name</c>, as the settings checked it.</param>
    /// <param name="api">The value of <c>GITHUB_API_URL</c>; null or empty: github.com.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: the address is no https URL, or carries a user.</exception>
    public static GitHubPlace Of(string repository, string? api)
    {
        Redactor.Shared.LearnUserInfo(api);
        var text = string.IsNullOrEmpty(api) ? PublicApi : api.TrimEnd('/') + '/';
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { UserInfo: "", Query: "", Fragment: "" } && IsSafe(url)
            ? new GitHubPlace(url, repository)
            : throw new ReleaseException(Fault.Usage, "GITHUB_API_URL is no https URL without user name and query.")
            {
                Remedy = "For GitHub Enterprise it is https://HOST/api/v3; for github.com leave it out.",
            };
    }

    /// <summary>The address of an API path, or of what is below the repository.</summary>
    internal Uri At(string path) => new(Api, path);

    /// <summary>
    /// Whether the server may send our token there: the API's own host, or for an API at <c>api.X</c> also <c>uploads.X</c> and <c>X</c>.
    /// </summary>
    internal bool IsFamily(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        var sameDoor = url.Scheme == Api.Scheme && url.Port == Api.Port && url.UserInfo.Length is 0;
        var isApiName = WebHost.Length < Api.Host.Length;
        return sameDoor && (Is(Api.Host) || (isApiName && (Is(WebHost) || Is("uploads." + WebHost))));

        bool Is(string host) => url.Host.Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsSafe(Uri url) => url.Scheme is "https" || (url.Scheme is "http" && url.IsLoopback);
}
