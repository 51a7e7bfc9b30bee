using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.Sources;

/// <summary>
/// Where sources may come from. Files of locked packages come from the index's host and the allowed hosts; what the spec names by URL
/// may come from any https host, because a person wrote that URL beside its digest.
/// </summary>
/// <param name="Index">Root of the simple index: https, http or file, with a slash at the end.</param>
/// <param name="AllowHosts"><c>host</c> or <c>host:port</c>: where the index's pages and the lock may point to besides the index's own host.</param>
public sealed record SourceOptions(Uri Index, ImmutableArray<string> AllowHosts)
{
    /// <summary>Where the files of the index of pypi.org are.</summary>
    private const string PyPIFiles = "files.pythonhosted.org";

    /// <summary>Addresses that others have the same files as; they are asked first.</summary>
    public ImmutableArray<MirroredPrefix> Mirrors { get; init; } = [];

    /// <summary>Reads the <c>[sources]</c> of the settings.</summary>
    /// <param name="index"><c>https://…</c>, <c>http://…</c>, <c>file:///…</c>, or <c>file:FOLDER</c> relative to the project.</param>
    /// <param name="allowHosts">As written.</param>
    /// <param name="projectFolder">The folder of <c>release.toml</c>.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.SettingsInvalid"/>.</exception>
    public static SourceOptions Parse(string index, ImmutableArray<string> allowHosts, string projectFolder)
    {
        ArgumentNullException.ThrowIfNull(index);
        if (allowHosts.FirstOrDefault(host => !IsHost(host)) is { } wrong)
        {
            throw Invalid($"sources.allow-hosts: '{wrong}' is no host name");
        }

        var url = Locate(index, projectFolder);
        return new(url, url.IdnHost is "pypi.org" ? allowHosts.Add(PyPIFiles) : allowHosts);
    }

    /// <summary>Whether the index's pages and the lock may point to this host.</summary>
    internal bool Allows(Uri url) =>
        SameHost(url.IdnHost, Index.IdnHost) || AllowHosts.Any(host => SameHost(url.IdnHost, host) || SameHost($"{url.IdnHost}:{url.Port}", host));

    /// <summary>Whether the user wrote <c>http://</c> for this very host.</summary>
    internal bool AllowsPlain(Uri url) =>
        Mirrors.SelectMany(rule => rule.Mirrors).Prepend(Index).Any(known => known.Scheme is "http" && SameHost(url.IdnHost, known.IdnHost));

    private static bool IsHost(string text) => text.Split(':') switch
    {
        [var host] => Uri.CheckHostName(host) is not UriHostNameType.Unknown,
        [var host, var port] => Uri.CheckHostName(host) is not UriHostNameType.Unknown
            && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        _ => false,
    };

    private static bool SameHost(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static Uri Locate(string index, string projectFolder)
    {
        const string file = "file:";
        var text = index.TrimEnd('/') + "/";
        if (text.StartsWith(file, StringComparison.Ordinal) && !text.StartsWith(file + "//", StringComparison.Ordinal))
        {
            return FileUrl(Path.GetFullPath(Uri.UnescapeDataString(text[file.Length..]), Path.GetFullPath(projectFolder)));
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || text.StartsWith('/') || url.Scheme is not ("https" or "http" or "file"))
        {
            throw Invalid($"sources.index: '{index}' is neither an https:// nor a file: URL");
        }

        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw Invalid("sources.index: user names, queries and fragments do not belong into the URL of an index");
        }

        return url is { IsFile: true, Host.Length: > 0 } && !SameHost(url.Host, "localhost")
            ? throw Invalid($"sources.index: '{index}' names the host '{url.Host}'; a folder of this machine is file:///…")
            : url.IsFile ? FileUrl(url.LocalPath) : url;
    }

    /// <summary>The URL of an absolute path.</summary>
    // Not through the Uri parser: a "%" or "#" of a folder's name would change its meaning.
    internal static Uri FileUrl(string folder) => new("file://" + string.Join('/', folder.Split('/').Select(Uri.EscapeDataString)));

    private static ReleaseException Invalid(string detail) => new(Fault.SettingsInvalid, detail + ".")
    {
        Remedy = "Write for example: index = \"https://pypi.org/simple\" or index = \"file:vendor/index\".",
    };
}
