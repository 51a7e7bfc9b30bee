using System.Collections.Immutable;
using DotnetRelease.Http;
using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Sources;

/// <summary>
/// Turns planned sources into proven files on this machine: from the cache, from the URL that lock or spec names, from the index, or
/// from beside the spec. The digest of the plan decides, whatever anybody else says.
/// </summary>
public sealed class SourceFetcher
{
    /// <summary>More downloads at once do not make one line faster.</summary>
    private const int AtOnce = 4;

    private readonly ContentCache _cache;
    private readonly SourceOptions _options;
    private readonly IReporter _reporter;
    private readonly SourceMirrors _mirrors;
    private readonly SourceDownload _download;
    private readonly SimpleIndex _index;

    /// <summary>A fetcher for one run; it asks the index once for each package.</summary>
    public SourceFetcher(HttpDoor door, ContentCache cache, SourceOptions options, IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_cache, _options, _reporter) = (cache, options, reporter);
        _mirrors = new SourceMirrors(options.Mirrors, reporter);
        _download = new SourceDownload(door, cache, options, reporter);
        _index = new SimpleIndex(door, options, reporter);
    }

    /// <summary>Fetches and proves; the first failure ends everything that is still under way.</summary>
    /// <param name="sources">What the plan demands.</param>
    /// <param name="specFolder">Where sources without URL and package lie: the folder of the spec.</param>
    /// <param name="ct">Ends all downloads; a later run goes on with what came.</param>
    /// <returns>One for each source, in the same order.</returns>
    /// <exception cref="ReleaseException">Faults of the thousands digit 2, each with the place that demands the source.</exception>
    public async Task<ImmutableArray<VerifiedSource>> FetchAsync(ImmutableArray<PlannedSource> sources, string specFolder, CancellationToken ct)
    {
        var verified = new VerifiedSource[sources.Length];

        // Two names for the same bytes are fetched one after the other, and so only once.
        var groups = Enumerable.Range(0, sources.Length).GroupBy(i => sources[i].Digest);
        await Parallel.ForEachAsync(groups, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (group, token) =>
        {
            foreach (var i in group)
            {
                verified[i] = await ProveOtherAsync(sources[i], await FetchAsync(sources[i], specFolder, token), token);
            }
        });
        return [.. verified];
    }

    /// <summary>When the youngest of some files of a locked package was uploaded to the index; null when the index does not say.</summary>
    /// <exception cref="ReleaseException">The index did not answer, or not in its language.</exception>
    public Task<DateTimeOffset?> UploadedAsync(string package, IReadOnlyCollection<string> files, CancellationToken ct) => _index.UploadedAsync(package, files, ct);

    /// <summary>Where a source would come from. Reads nothing, asks nobody and proves nothing.</summary>
    public ForeseenSource Foresee(PlannedSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source is { Url: null, Package: null })
        {
            return new ForeseenSource(VerifiedSource.BesideTheSpec, null, []);
        }

        if (source.Url?.StartsWith(GitSource.UrlStart, StringComparison.Ordinal) is true)
        {
            var made = source.Sdist is { } sdist ? $"{source.Url}, by {sdist}" : source.Url;
            return new ForeseenSource(_cache.Has(source.Digest) ? VerifiedSource.Cache : made, source.Url, []);
        }

        var places = _mirrors.PlacesOf(source.Url is { } url ? Parse(url, source) : _index.PageOf(source.Package!));
        var first = _cache.Has(source.Digest) ? VerifiedSource.Cache : UrlRules.Show(places[0].Url);
        return new ForeseenSource(first, UrlRules.Show(places[^1].Url), [.. places[..^1].Select(place => UrlRules.Show(place.Url))]);
    }

    private async Task<VerifiedSource> FetchAsync(PlannedSource source, string specFolder, CancellationToken ct)
    {
        if (source is { Url: null, Package: null })
        {
            return await ProveAsync(source, specFolder, ct);
        }

        if (await _cache.FindAsync(source.Digest, ct) is not { } file)
        {
            var (fetched, from) = await TakeInAsync(source, ct);
            _reporter.Info($"{source.File}: fetched from {from} and proven, {fetched.Size} bytes");
            return new VerifiedSource(source.File, fetched, from);
        }

        _reporter.Detail($"{source.File}: in the cache");
        return file.Size == (source.Size ?? file.Size)
            ? new VerifiedSource(source.File, file, VerifiedSource.Cache)
            : throw SourceFailure.OtherBytes(source, "the cache", new Intake(file.Digest, file.Size));
    }

    private async Task<VerifiedSource> ProveAsync(PlannedSource source, string specFolder, CancellationToken ct)
    {
        if (source.File is "" or "." or ".." || source.File.Contains('/', StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.SpecMalformed, $"'{source.File}' is no file name.", source.Origin);
        }

        var path = Path.Combine(specFolder, source.File);
        await using var opened = LocalFile.Open(path);
        var digest = await _cache.Known.OfFileLikeAsync(path, source.Digest, ct);
        return digest == source.Digest
            ? new VerifiedSource(source.File, new CachedFile(path, digest, opened.Length), VerifiedSource.BesideTheSpec)
            : throw SourceFailure.OtherBytes(source with { Size = null }, $"'{path}'", new Intake(digest, opened.Length));
    }

    /// <summary>Lock and <c>sources</c> may each demand a digest of their own kind.</summary>
    private static async Task<VerifiedSource> ProveOtherAsync(PlannedSource source, VerifiedSource verified, CancellationToken ct)
    {
        if (source.Also is not { } other)
        {
            return verified;
        }

        var digest = await Digest.OfFileLikeAsync(verified.Path, other, ct);
        return digest == other ? verified : throw SourceFailure.OtherBytes(source with { Digest = other }, verified.From, new Intake(digest, verified.Size));
    }

    private async Task<FetchedFile> TakeInAsync(PlannedSource source, CancellationToken ct)
    {
        if (source is { Url: { } text, Package: var package })
        {
            var url = Parse(text, source);
            if (package is not null && !_options.Allows(url))
            {
                throw SourceFailure.HostNotAllowed(url, $"The lock's entry of {source.File}", source.Origin);
            }

            try
            {
                return await _download.RunAsync(source, _mirrors, url, ct);
            }
            catch (ReleaseException ex) when (ex.Fault == Fault.SourceNotFound && package is not null)
            {
                _reporter.Info($"{ex.Message} Looking for {source.File} in the index.");
            }
        }

        return await _mirrors.AskAsync(_index.PageOf(source.Package!), async page =>
        {
            var found = await _index.FindAsync(source, page, ct);
            return found.IsFile ? await CopyAsync(source, found.LocalPath, ct) : await _download.RunAsync(source, _mirrors, found, ct);
        });
    }

    // "#/name" is rpm's way to name the file that a URL gives; servers never see a fragment.
    private static Uri Parse(string text, PlannedSource source) => Uri.TryCreate(text.Split('#')[0], UriKind.Absolute, out var url)
        ? url
        : throw new ReleaseException(Fault.UrlRefused, $"'{text}' is no URL.", source.Origin);

    private async Task<FetchedFile> CopyAsync(PlannedSource source, string path, CancellationToken ct)
    {
        await using var file = LocalFile.Open(path);
        try
        {
            var came = await _cache.TakeInAsync(new Expected(source.Digest, source.Size), file, ct);
            return new FetchedFile(came.File ?? throw SourceFailure.OtherBytes(source, $"'{path}'", came), path);
        }
        catch (IOException ex)
        {
            throw LocalFile.Unreadable(path, ex);
        }
    }
}

/// <summary>Where a source would come from.</summary>
/// <param name="First">What is asked first: a URL, of the file or of an index page; or <c>cache</c> or <c>beside the spec</c>.</param>
/// <param name="Origin">The address that lock, spec or settings name; null for a file beside the spec.</param>
/// <param name="Mirrors">The same at each mirror, in the order in which they are asked before it.</param>
public sealed record ForeseenSource(string First, string? Origin, ImmutableArray<string> Mirrors);
