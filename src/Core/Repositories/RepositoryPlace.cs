using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>One repository of one target: where we write it and how clients find it.</summary>
/// <param name="Id">Name of the section and file of the <c>.repo</c>: project and repository, so that a client can have several.</param>
/// <param name="Store">What holds the packages and <c>repodata/</c>.</param>
/// <param name="BaseUrl">What clients put before a location; ends in a slash.</param>
public sealed record RepositoryPlace(string Id, StoreAddress Store, Uri BaseUrl)
{
    /// <summary>What its metadata is like.</summary>
    public SnapshotStyle Style { get; init; } = new();

    /// <summary>Name of the key file beside the packages.</summary>
    public string KeyName => $"RPM-GPG-KEY-{Id}";

    /// <summary>Name of the file for <c>/etc/yum.repos.d</c>.</summary>
    public string RepoName => $"{Id}.repo";

    /// <summary>
    /// Finds the place from settings. Source packages lie beside the binary ones, as dnf expects of small repositories; clients
    /// that install never choose a package of architecture <c>src</c>.
    /// </summary>
    /// <param name="address">What the settings say about the repository.</param>
    /// <param name="project">The project's name.</param>
    /// <param name="target">The distro the packages are for.</param>
    /// <param name="arch">The machine the packages are for.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.SettingsInvalid"/>.</exception>
    public static RepositoryPlace Of(RepositoryAddress address, string project, string target, string arch)
    {
        ArgumentNullException.ThrowIfNull(address);
        var layout = address.Layout.Replace("{project}", project, StringComparison.Ordinal)
            .Replace("{target}", target, StringComparison.Ordinal)
            .Replace("{arch}", arch, StringComparison.Ordinal).Trim('/');
        if (layout.Length > 0 && !RepositoryPath.IsSafe(layout))
        {
            throw Invalid(address, "layout", $"gives '{layout}', which is not a plain relative path; known are {{project}}, {{target}} and {{arch}}");
        }

        var store = StoreAddress.Of(address.Url).Below(layout);
        var baseUrl = address.BaseUrl is { } given ? $"{given.TrimEnd('/')}/{layout}" : store.ClientUrl?.AbsoluteUri
            ?? throw Invalid(address, "base-url", $"is missing: clients do not read '{address.Url}' itself, and the .repo file has to say where they do");
        return Uri.TryCreate(baseUrl.TrimEnd('/') + "/", UriKind.Absolute, out var clients)
            ? new RepositoryPlace($"{project}-{address.Name}", store, clients) { Style = address.Style with { Project = project } }
            : throw Invalid(address, "base-url", $"is '{address.BaseUrl}', which is not a URL");
    }

    private static ReleaseException Invalid(RepositoryAddress address, string key, string why) =>
        new(Fault.SettingsInvalid, $"{key} of repository '{address.Name}' {why}.");

    /// <summary>What a client puts into <c>/etc/yum.repos.d</c>: packages and metadata are both checked.</summary>
    internal string ToRepoFile(string project) => ToRepoFile(project, [new Uri(BaseUrl, KeyName).AbsoluteUri]);

    /// <summary>The same with keys that are elsewhere.</summary>
    internal string ToRepoFile(string project, IEnumerable<string> keys) =>
        $"""
        [{Id}]
        name={project} ({Id})
        baseurl={BaseUrl.AbsoluteUri}
        enabled=1
        gpgcheck=1
        repo_gpgcheck=1
        gpgkey={string.Join(' ', keys)}

        """;
}

/// <summary>What settings say about a repository.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Url">Where we write: the full path of a folder, or a URL.</param>
/// <param name="Layout">Folder below it, with <c>{project}</c>, <c>{target}</c> and <c>{arch}</c>.</param>
/// <param name="BaseUrl">Where clients find <paramref name="Url"/>; null: the same place, when clients can read it.</param>
public sealed record RepositoryAddress(string Name, string Url, string Layout, string? BaseUrl)
{
    /// <summary>What its metadata is like.</summary>
    public SnapshotStyle Style { get; init; } = new();
}
