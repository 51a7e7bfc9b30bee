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

    private readonly HttpDoor _door;
    private readonly ContentCache _cache;
    private readonly SourceOptions _options;
    private readonly IReporter _reporter;
    private readonly SimpleIndex _index;

    /// <summary>A fetcher for one run; it asks the index once for each package.</summary>
    public SourceFetcher(HttpDoor door, ContentCache cache, SourceOptions options, IReporter reporter)
    {
        (_door, _cache, _options, _reporter) = (door, cache, options, reporter);
        _index = new SimpleIndex(door, options, reporter);
    }

    /// <summary>Fetches and proves; the first failure ends everything that is still under way.</summary>
    /// <param name="sources">What the plan demands.</param>
    /// <param name="specFolder">Where sources without URL and package lie: the folder of the spec.</param>
    /// <param name="ct">Ends all downloads; nothing half is kept.</param>
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
                verified[i] = await FetchAsync(sources[i], specFolder, token);
            }
        });
        return [.. verified];
    }

    /// <summary>When the youngest of some files of a locked package was uploaded to the index; null when the index does not say.</summary>
    /// <exception cref="ReleaseException">The index did not answer, or not in its language.</exception>
    public Task<DateTimeOffset?> UploadedAsync(string package, IReadOnlyCollection<string> files, CancellationToken ct) => _index.UploadedAsync(package, files, ct);

    /// <summary>
    /// Where a source would come from: <c>beside the spec</c>, <c>cache</c>, or the URL of the file or of the index page that is asked first.
    /// Reads nothing, asks nobody and proves nothing.
    /// </summary>
    public string Foresee(PlannedSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source switch
        {
            { Url: null, Package: null } => "beside the spec",
            _ when _cache.Has(source.Digest) => "cache",
            { Url: { } url } => UrlRules.Show(Parse(url, source)),
            _ => UrlRules.Show(new Uri(_options.Index, source.Package + "/")),
        };
    }

    private async Task<VerifiedSource> FetchAsync(PlannedSource source, string specFolder, CancellationToken ct)
    {
        if (source is { Url: null, Package: null })
        {
            return await ProveAsync(source, specFolder, ct);
        }

        var file = await _cache.FindAsync(source.Digest, ct);
        if (file is null)
        {
            file = await TakeInAsync(source, ct);
            _reporter.Info($"{source.File}: fetched and proven, {file.Size} bytes");
        }
        else
        {
            _reporter.Detail($"{source.File}: in the cache");
        }

        return file.Size == (source.Size ?? file.Size)
            ? new VerifiedSource(source.File, source.Digest, file.Path, file.Size)
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
        var digest = await _cache.Known.OfFileAsync(path, ct);
        return digest == source.Digest
            ? new VerifiedSource(source.File, digest, path, opened.Length)
            : throw SourceFailure.OtherBytes(source with { Size = null }, $"'{path}'", new Intake(digest, opened.Length));
    }

    private async Task<CachedFile> TakeInAsync(PlannedSource source, CancellationToken ct)
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
                return await DownloadAsync(source, url, ct);
            }
            catch (ReleaseException ex) when (ex.Fault == Fault.SourceNotFound && package is not null)
            {
                _reporter.Info($"{ex.Message} Looking for {source.File} in the index.");
            }
        }

        var found = await _index.FindAsync(source, ct);
        return found.IsFile ? await CopyAsync(source, found.LocalPath, ct) : await DownloadAsync(source, found, ct);
    }

    // "#/name" is rpm's way to name the file that a URL gives; servers never see a fragment.
    private static Uri Parse(string text, PlannedSource source) => Uri.TryCreate(text.Split('#')[0], UriKind.Absolute, out var url)
        ? url
        : throw new ReleaseException(Fault.UrlRefused, $"'{text}' is no URL.", source.Origin);

    private async Task<CachedFile> DownloadAsync(PlannedSource source, Uri url, CancellationToken ct)
    {
        var expected = new Expected(source.Digest, source.Size);
        var ask = new HttpAsk(url)
        {
            MaxBytes = source.Size ?? ContentCache.UnknownSizeLimit,
            AllowPlain = _options.AllowsPlain(url),
            Progress = done => _reporter.Progress(source.File, done, source.Size),
        };

        var came = await ReceiveAsync(ask, expected, source, ct);
        if (came.File is null)
        {
            // A cache on the way may hold other bytes than the server; the server itself gets one chance to say so.
            _reporter.Info($"{SourceFailure.OtherBytes(source, UrlRules.Show(url), came).Message} Fetching it once more past all caches.");
            came = await ReceiveAsync(ask with { PastCaches = true }, expected, source, ct);
        }

        return came.File ?? throw SourceFailure.OtherBytes(source, UrlRules.Show(url), came);
    }

    private async Task<Intake> ReceiveAsync(HttpAsk ask, Expected expected, PlannedSource source, CancellationToken ct)
    {
        try
        {
            return await _door.ReceiveAsync(
                ask,
                async reply =>
                {
                    reply.RequireOk();
                    return await _cache.TakeInAsync(expected, reply.Content, ct);
                },
                ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.SourceTooLarge)
        {
            throw new ReleaseException(ex.Fault, $"{source.File}: {ex.Message}", source.Origin, ex);
        }
    }

    private async Task<CachedFile> CopyAsync(PlannedSource source, string path, CancellationToken ct)
    {
        await using var file = LocalFile.Open(path);
        try
        {
            var came = await _cache.TakeInAsync(new Expected(source.Digest, source.Size), file, ct);
            return came.File ?? throw SourceFailure.OtherBytes(source, $"'{path}'", came);
        }
        catch (IOException ex)
        {
            throw LocalFile.Unreadable(path, ex);
        }
    }
}
