using System.Collections.Concurrent;
using DotnetRelease.Http;
using DotnetRelease.Planning;

namespace DotnetRelease.Sources;

/// <summary>
/// Looks files up in a simple index: over HTTP (PEP 503 and 691), or in a folder with a page or the files themselves for each package,
/// or with all files in one place. The index only says where a file is; what it has to be, the lock says.
/// </summary>
internal sealed class SimpleIndex(HttpDoor door, SourceOptions options, IReporter reporter)
{
    private const string Accept =
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

    private const int PageBytes = 32 * 1024 * 1024;

    private readonly ConcurrentDictionary<Uri, Lazy<Task<IndexPage>>> _pages = new();

    /// <summary>Where the index says what it has of a package.</summary>
    internal Uri PageOf(string package) => new(options.Index, Uri.EscapeDataString(package) + "/");

    /// <summary>Where the file of a locked package is, as one page says.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.SourceNotFound"/>; <see cref="Fault.SourceMismatch"/> when the index gives it another digest than the lock;
    /// <see cref="Fault.UrlRefused"/> when it points to a host that is not allowed.
    /// </exception>
    internal async Task<Uri> FindAsync(PlannedSource source, SourcePlace place, CancellationToken ct)
    {
        var package = source.Package!;
        var page = await PageAsync(place, package, ct);
        var links = page.Links.Where(link => string.Equals(link.File, source.File, StringComparison.Ordinal)).ToList();
        if (links.Count is 0)
        {
            throw new ReleaseException(
                Fault.SourceNotFound,
                $"{UrlRules.Show(page.Url)} offers {page.Links.Count} files of {package}, but not '{source.File}'.",
                source.Origin)
            {
                Remedy = "Name an index that has it in [sources] index of release.toml, or update the lock.",
            };
        }

        var link = links.Find(link => SameHash(link, source)) ?? links.Find(link => link.Sha256 is null)
            ?? throw SourceFailure.IndexDisagrees(source, UrlRules.Show(page.Url), links[0].Sha256!);
        if (link.Yanked is { } why)
        {
            var because = why.Length > 0 ? $": {why}" : "";
            reporter.Warning($"{source.File} was withdrawn by its publisher{because}. The lock still asks for it.", source.Origin);
        }

        return Permitted(link.Url, page.Url);
    }

    /// <summary>
    /// When the youngest of some files of a package was uploaded; null when the index does not say it of all that it has. No digest proves
    /// this, so no mirror is asked.
    /// </summary>
    internal async Task<DateTimeOffset?> UploadedAsync(string package, IReadOnlyCollection<string> files, CancellationToken ct)
    {
        var links = (await PageAsync(new SourcePlace(PageOf(package)), package, ct)).Links.Where(link => files.Contains(link.File, StringComparer.Ordinal)).ToList();
        return links.TrueForAll(link => link.UploadedAt is not null) ? links.Max(link => link.UploadedAt) : null;
    }

    private async Task<IndexPage> PageAsync(SourcePlace place, string package, CancellationToken ct)
    {
        try
        {
            return await _pages.GetOrAdd(place.Url, _ => new(() => options.Index.IsFile ? ReadFolderAsync(package, ct) : ReadRemoteAsync(place, package, ct))).Value;
        }
        catch
        {
            // Another RPM of the run may ask again; a failure or somebody else's cancellation is no page.
            _pages.TryRemove(place.Url, out _);
            throw;
        }
    }

    private static bool SameHash(IndexLink link, PlannedSource source) =>
        string.Equals(link.Sha256, source.Digest.Hex, StringComparison.OrdinalIgnoreCase);

    private Uri Permitted(Uri url, Uri page)
    {
        // The index's host answers for where its pages redirect to; only a folder may point to files of this machine.
        var allowed = url.IsFile ? page.IsFile : options.Allows(url) || url.IdnHost.Equals(page.IdnHost, StringComparison.OrdinalIgnoreCase);
        return allowed ? url : throw SourceFailure.HostNotAllowed(url, $"The index page {UrlRules.Show(page)}", null);
    }

    private async Task<IndexPage> ReadRemoteAsync(SourcePlace place, string package, CancellationToken ct)
    {
        var ask = new HttpAsk(place.Url) { Accept = Accept, MaxBytes = PageBytes, AllowPlain = options.AllowsPlain(place.Url), Once = place.Mirror is not null };
        var document = await door.ReadAsync(ask, ct);
        document.RequireOk();
        try
        {
            return document.Value("Content-Type")?.Contains("json", StringComparison.OrdinalIgnoreCase) is true
                ? IndexJson.Read(document.Url, document.Bytes)
                : IndexHtml.Read(document.Url, document.Bytes);
        }
        catch (FormatException ex)
        {
            throw new ReleaseException(Fault.IndexMalformed, $"{ask} -> the page of {package} cannot be read: {ex.Message}.", inner: ex);
        }
    }

    private async Task<IndexPage> ReadFolderAsync(string package, CancellationToken ct)
    {
        var root = options.Index.LocalPath;
        var folder = Path.Combine(root, package);
        var page = Path.Combine(folder, "index.html");
        if (File.Exists(page))
        {
            return IndexHtml.Read(SourceOptions.FileUrl(page), await LocalFile.ReadAllAsync(page, PageBytes, ct));
        }

        if (!Directory.Exists(root))
        {
            throw new ReleaseException(Fault.SourceNotFound, $"The index '{root}' is no folder.")
            {
                Remedy = "Create it, or name another one in [sources] index of release.toml.",
            };
        }

        var listed = Directory.Exists(folder) ? folder : root;
        var files = Directory.EnumerateFiles(listed).Select(path => new IndexLink(Path.GetFileName(path), SourceOptions.FileUrl(path)));
        return new(SourceOptions.FileUrl(listed), [.. files]);
    }
}
