using DotnetRelease.Http;
using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Sources;

/// <summary>
/// Brings one source from where it is into the cache. What came before a connection broke, or before the program was killed, is not asked
/// for again, whichever mirror has the rest; the digest of the whole decides.
/// </summary>
internal sealed class SourceDownload(HttpDoor door, ContentCache cache, SourceOptions options, IReporter reporter)
{
    /// <summary>Asks the mirrors of an address, and at last the address.</summary>
    /// <exception cref="ReleaseException">What the address itself did.</exception>
    internal async Task<FetchedFile> RunAsync(PlannedSource source, SourceMirrors mirrors, Uri url, CancellationToken ct)
    {
        await using var part = await cache.BeginAsync(new Expected(source.Digest, source.Size), ct);
        return await mirrors.AskAsync(url, async place => new FetchedFile(await ReceiveAsync(source, part, place, ct), UrlRules.Show(place.Url)));
    }

    private async Task<CachedFile> ReceiveAsync(PlannedSource source, PartialFile part, SourcePlace place, CancellationToken ct)
    {
        var ask = new HttpAsk(place.Url) { AllowPlain = options.AllowsPlain(place.Url), Once = place.Mirror is not null };
        var (came, wasPieced) = await PartialTransfer.CompleteAsync(part, () => RoundAsync(ask, source, part, ct));
        if (came.File is null)
        {
            // A cache on the way may hold other bytes than the server, and pieces may be of two files; the server gets one chance to say it all at once.
            var pieces = wasPieced ? "The pieces do not fit together: " : "";
            reporter.Info($"{pieces}{SourceFailure.OtherBytes(source, UrlRules.Show(place.Url), came).Message} Fetching it once more past all caches.");
            (came, _) = await PartialTransfer.CompleteAsync(part, () => RoundAsync(ask with { PastCaches = true }, source, part, ct));
        }

        return came.File ?? throw SourceFailure.OtherBytes(source, UrlRules.Show(place.Url), came);
    }

    private async Task RoundAsync(HttpAsk ask, PlannedSource source, PartialFile part, CancellationToken ct)
    {
        var transfer = new PartialTransfer(part, done => reporter.Progress(source.File, done, source.Size));
        try
        {
            await door.ReceiveAsync(
                transfer.Of(ask),
                async reply =>
                {
                    if (!transfer.IsRest(ask, reply))
                    {
                        reply.RequireOk();
                    }

                    await transfer.TakeAsync(reply, ct);
                    return true;
                },
                ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.SourceTooLarge)
        {
            throw new ReleaseException(ex.Fault, $"{source.File}: {ex.Message}", source.Origin, ex);
        }
    }
}

/// <summary>A source that was not here before.</summary>
/// <param name="File">Proven.</param>
/// <param name="From">The URL or path that gave it, as messages show it.</param>
internal sealed record FetchedFile(CachedFile File, string From);
