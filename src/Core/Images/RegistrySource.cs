using DotnetRelease.Http;
using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>One repository of a registry, by way of the cache: the registry is asked only for what is not on this machine.</summary>
internal sealed class RegistrySource(RegistryReference reference, ContentCache cache, RegistryAccess access, IReporter reporter) : IDisposable
{
    /// <summary>More at once gain nothing on a fast line and look like abuse on a slow one.</summary>
    private const int AtOnce = 4;

    private readonly RegistryPlaces _places = new(reference, access, reporter);

    /// <summary>Finds the image, without its layers.</summary>
    /// <param name="meaning">What the reference means; null to ask the registry.</param>
    /// <param name="platform">Which image of an index.</param>
    /// <param name="ct">Ends the exchange.</param>
    internal async Task<Image> FindAsync(Digest? meaning, Platform platform, CancellationToken ct)
    {
        var digest = meaning ?? reference.WrittenDigest ?? await ResolveAsync(ct);
        var found = await new ImageWalk(reference, platform, ReadAsync).FindAsync(await TopAsync(digest, ct), ct);
        return found.ToImage(reference, digest, cache.PathOf);
    }

    /// <summary>What the tag means now.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageNotFound"/>, with the tags that there are.</exception>
    internal async Task<Digest> ResolveAsync(CancellationToken ct)
    {
        try
        {
            return await _places.Registry.ResolveAsync(ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.ImageNotFound)
        {
            var tags = await new RegistryTags(_places.Registry).WordsAsync(reference.Asked, ct);
            throw new ReleaseException(ex.Fault, ex.Message + tags, inner: ex) { Remedy = tags.Length > 0 ? "Name one of its tags." : ex.Remedy };
        }
    }

    /// <summary>Makes sure that the layers are in the cache with the right bytes, and downloads the missing ones, several at once.</summary>
    /// <param name="layers">Each once.</param>
    /// <param name="here">Told of each as soon as it is here.</param>
    /// <param name="ct">Ends the downloads.</param>
    internal async Task ProvideAsync(IReadOnlyCollection<ImageLayer> layers, Func<ImageLayer, CancellationToken, Task> here, CancellationToken ct)
    {
        await Parallel.ForEachAsync(layers, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (layer, token) =>
        {
            var blob = new Descriptor("", layer.Digest, layer.Size);
            if (await CachedAsync(blob.Digest, token) is not { } cached)
            {
                await DownloadAsync(blob, new TransferProgress(blob, reporter).Say, token);
            }
            else if (cached.Size != blob.Size)
            {
                throw blob.Mismatch(reference, $"{cached.Size} bytes");
            }

            await here(layer, token);
        });
    }

    public void Dispose() => _places.Dispose();

    /// <summary>The document that a digest of the user or of a tag stands for.</summary>
    private async Task<ManifestDocument> TopAsync(Digest digest, CancellationToken ct)
    {
        if (await CachedAsync(digest, ct) is { } cached)
        {
            return cached.Size <= ManifestDocument.SizeLimit
                ? ManifestDocument.Read(digest, await File.ReadAllBytesAsync(cached.Path, ct), told: null)
                : throw reference.Failure(Fault.ImageMalformed, $"{digest} has {cached.Size} bytes and is no manifest");
        }

        var (received, document) = await _places.AskAsync(async client =>
        {
            var manifest = await client.ReadManifestAsync(digest.ToString(), ct);
            return (manifest, ManifestDocument.Read(digest, manifest.Bytes, manifest.MediaType));
        });
        await KeepAsync(new Expected(digest), received.Bytes, ct);
        return document;
    }

    /// <summary>Reads a manifest or config.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadAsync(Descriptor descriptor, CancellationToken ct)
    {
        if (await CachedAsync(descriptor.Digest, ct) is { } cached)
        {
            return cached.Size == descriptor.Size
                ? await File.ReadAllBytesAsync(cached.Path, ct)
                : throw descriptor.Mismatch(reference, $"{cached.Size} bytes");
        }

        var bytes = await _places.AskAsync(async client => descriptor.Check(reference, MediaType.IsConfig(descriptor.MediaType)
            ? await client.ReceiveBlobAsync(descriptor, body => AllAsync(body, ct), ct)
            : (await client.ReadManifestAsync(descriptor.Digest.ToString(), ct)).Bytes));
        await KeepAsync(new Expected(descriptor.Digest, descriptor.Size), bytes, ct);
        return bytes;
    }

    private async Task DownloadAsync(Descriptor blob, Action<long> progress, CancellationToken ct)
    {
        await using var part = await cache.BeginAsync(new Expected(blob.Digest, blob.Size), ct);
        await _places.AskAsync(async client =>
        {
            var (intake, wasPieced) = await PartialTransfer.CompleteAsync(part, () => client.CompleteBlobAsync(blob, part, progress, ct));
            if (intake.File is null && wasPieced)
            {
                // A piece of an earlier transfer may be the wrong one; all of it in one go is the registry's word.
                (intake, _) = await PartialTransfer.CompleteAsync(part, () => client.CompleteBlobAsync(blob, part, progress, ct));
            }

            var gave = $"{intake.Digest?.ToString() ?? "more"} ({intake.Size} bytes)";
            return intake.File ?? throw reference.Failure(
                Fault.ImageMismatch, $"expected {blob.Digest} ({blob.Size} bytes), {client.Host} gave {gave}; nothing was stored");
        });
    }

    /// <summary>Loud once about an entry that somebody altered: using it is refused, and it is gone afterwards.</summary>
    private async Task<CachedFile?> CachedAsync(Digest digest, CancellationToken ct)
    {
        const string remedy = "Run the command again to download it anew; if it happens again, check the disk.";
        var path = cache.PathOf(digest);
        var there = File.Exists(path);
        var found = await cache.FindAsync(digest, ct);
        return there && found is null && !File.Exists(path)
            ? throw reference.Failure(Fault.ImageMismatch, $"'{path}' was altered after it was downloaded; the altered file was removed", remedy)
            : found;
    }

    private async Task KeepAsync(Expected expected, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        using var content = new MemoryStream(bytes.ToArray(), writable: false);
        await cache.TakeInAsync(expected, content, ct);
    }

    private static async Task<ReadOnlyMemory<byte>> AllAsync(Stream body, CancellationToken ct)
    {
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, ct);
        return bytes.ToArray();
    }
}
