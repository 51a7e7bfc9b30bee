using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>
/// An archive of images. It is read from start to end, once to learn what is in it, and once more to copy the layers that are not on this
/// machine into the cache, each proven by its digest while it is copied. Memory does not grow with it, and nothing of it is unpacked.
/// </summary>
/// <param name="reference">Names the file.</param>
/// <param name="cache">Takes the layers.</param>
/// <param name="notes">Spares the first pass through a file that nobody touched.</param>
internal sealed class ImageArchive(ArchiveReference reference, ContentCache cache, ArchiveNotes notes)
{
    private ArchiveContent? _content;

    /// <summary>What the reference means, whatever platforms the image is for.</summary>
    internal async Task<Digest> ResolveAsync(CancellationToken ct) => notes.Find(await DigestAsync(ct), reference, Platform.Current) is { } noted
        ? noted.Digest
        : ArchiveContent.Top(reference, await CatalogAsync(ct));

    /// <summary>Finds the image without its layers.</summary>
    internal async Task<Image> FindAsync(Platform platform, CancellationToken ct)
    {
        var digest = await DigestAsync(ct);
        if (notes.Find(digest, reference, platform) is { } noted)
        {
            return noted;
        }

        var image = (await ReadAsync(platform, ct)).Image;
        if (await DigestAsync(ct) != digest)
        {
            throw reference.Failure(Fault.ImageMismatch, "the file changed while it was read");
        }

        await notes.WriteAsync(digest, reference, image, ct);
        return image;
    }

    /// <summary>Makes sure that the layers are in the cache.</summary>
    /// <param name="image">What <see cref="FindAsync"/> gave.</param>
    /// <param name="layers">Those that are needed, each once.</param>
    /// <param name="here">Told of each as soon as it is here; the next is copied meanwhile.</param>
    /// <param name="ct">Ends the work.</param>
    internal async Task ProvideAsync(Image image, IReadOnlyCollection<ImageLayer> layers, Func<ImageLayer, CancellationToken, Task> here, CancellationToken ct)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var told = new List<Task>();
        try
        {
            var missing = new List<ImageLayer>();
            foreach (var layer in layers)
            {
                if (await cache.FindAsync(layer.Digest, ct) is { } cached && cached.Size == layer.Size)
                {
                    told.Add(here(layer, all.Token));
                }
                else
                {
                    missing.Add(layer);
                }
            }

            if (missing.Count > 0)
            {
                var content = _content ?? await ReadAsync(image.Platform, ct);
                await Task.Run(() => CopyAsync(content, missing, layer => told.Add(here(layer, all.Token)), all.Token), ct);
            }
        }
        catch
        {
            await all.CancelAsync();
            await Task.WhenAll(told).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await Task.WhenAll(told);
    }

    private Task<Digest> DigestAsync(CancellationToken ct) => LocalFile.DigestAsync(reference, (reference.File, reference.FileDigest), cache.Known, ct);

    private async Task<ArchiveContent> ReadAsync(Platform platform, CancellationToken ct) =>
        _content = await ArchiveContent.FindAsync(reference, await CatalogAsync(ct), platform, cache.PathOf);

    private Task<ArchiveCatalog> CatalogAsync(CancellationToken ct) => Task.Run(() => Reading(() => ArchiveCatalog.Read(reference, ct)), ct);

    private async Task CopyAsync(ArchiveContent content, List<ImageLayer> missing, Action<ImageLayer> here, CancellationToken ct)
    {
        var wanted = missing.ToDictionary(layer => content.Files[layer.Digest], StringComparer.Ordinal);
        using var bytes = Reading(() => new ArchiveBytes(reference));
        var tar = new ArchiveTar(bytes);
        while (wanted.Count > 0 && Reading(tar.Next) is { } entry)
        {
            if (!wanted.Remove(entry.Name, out var layer))
            {
                continue;
            }

            await using var file = tar.Content();
            var intake = await cache.TakeInAsync(new Expected(layer.Digest, layer.Size), file, ct);
            if (intake.File is null)
            {
                throw new Descriptor("", layer.Digest, layer.Size).Mismatch(
                    reference, $"'{Printable.Of(entry.Name)}' with {intake.Digest?.ToString() ?? "more"} ({intake.Size} bytes)");
            }

            here(layer);
        }

        if (wanted.Count > 0)
        {
            throw reference.Failure(Fault.ImageMismatch, "the file changed while it was read");
        }
    }

    private T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw reference.Failure(Fault.FileUnreadable, $"it could not be read: {ex.Message.TrimEnd('.')}", inner: ex);
        }
    }
}
