using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>What one repository of a registry holds, by way of the cache: the registry is asked only for what is not on this machine.</summary>
internal sealed class ImageBlobs(RegistryReference reference, ContentCache cache, RegistryClient client, IReporter reporter)
{
    /// <summary>More at once gain nothing on a fast line and look like abuse on a slow one.</summary>
    private const int AtOnce = 4;

    /// <summary>The document that a digest of the user or of a tag stands for.</summary>
    internal async Task<ManifestDocument> TopAsync(Digest digest, CancellationToken ct)
    {
        if (await FindAsync(digest, ct) is { } cached)
        {
            return cached.Size <= ManifestDocument.SizeLimit ? ManifestDocument.Read(digest, await File.ReadAllBytesAsync(cached.Path, ct), told: null)
                : throw new ReleaseException(Fault.ImageMalformed, $"Image '{reference}': {digest} has {cached.Size} bytes and is no manifest.");
        }

        var received = await client.ReadManifestAsync(digest.ToString(), ct);
        var document = ManifestDocument.Read(digest, received.Bytes, received.MediaType);
        await KeepAsync(new Expected(digest), received.Bytes, ct);
        return document;
    }

    /// <summary>Reads a manifest or config.</summary>
    internal async Task<ReadOnlyMemory<byte>> ReadAsync(Descriptor descriptor, CancellationToken ct)
    {
        if (await FindAsync(descriptor.Digest, ct) is { } cached)
        {
            return cached.Size == descriptor.Size ? await File.ReadAllBytesAsync(cached.Path, ct) : throw descriptor.Mismatch(reference.ToString(), $"{cached.Size} bytes");
        }

        var bytes = MediaType.IsConfig(descriptor.MediaType)
            ? await client.ReceiveBlobAsync(descriptor, null, body => AllAsync(body, ct), ct)
            : (await client.ReadManifestAsync(descriptor.Digest.ToString(), ct)).Bytes;
        await KeepAsync(new Expected(descriptor.Digest, descriptor.Size), descriptor.Check(reference.ToString(), bytes), ct);
        return bytes;
    }

    /// <summary>Makes sure that the blobs are in the cache with the right bytes, and downloads the missing ones, several at once.</summary>
    internal async Task ProvideAsync(IReadOnlyCollection<Descriptor> blobs, CancellationToken ct)
    {
        var missing = new List<Descriptor>();
        foreach (var blob in blobs.DistinctBy(blob => blob.Digest))
        {
            if (await FindAsync(blob.Digest, ct) is not { } cached)
            {
                missing.Add(blob);
            }
            else if (cached.Size != blob.Size)
            {
                throw blob.Mismatch(reference.ToString(), $"{cached.Size} bytes");
            }
        }

        var progress = new TransferProgress($"{reference.Repository}:{reference.Tag ?? "image"}", missing.Sum(blob => blob.Size), reporter);
        await Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (blob, token) =>
            await DownloadAsync(blob, progress.Part(), token));
    }

    internal string PathOf(Descriptor descriptor) => cache.PathOf(descriptor.Digest);

    private async Task DownloadAsync(Descriptor blob, Action<long> progress, CancellationToken ct)
    {
        var intake = await client.ReceiveBlobAsync(blob, progress, body => cache.TakeInAsync(new Expected(blob.Digest, blob.Size), body, ct), ct);
        if (intake.File is null)
        {
            throw new ReleaseException(
                Fault.ImageMismatch,
                $"Image '{reference}': the manifest says {blob.Digest} ({blob.Size} bytes), the registry gave {intake.Digest?.ToString() ?? "more"} ({intake.Size} bytes). Nothing was stored.");
        }
    }

    /// <summary>Loud once about an entry that somebody altered: using it is refused, and it is gone afterwards.</summary>
    private async Task<CachedFile?> FindAsync(Digest digest, CancellationToken ct)
    {
        var there = File.Exists(cache.PathOf(digest));
        var found = await cache.FindAsync(digest, ct);
        return there && found is null && !File.Exists(cache.PathOf(digest))
            ? throw new ReleaseException(Fault.ImageMismatch, $"Image '{reference}': '{cache.PathOf(digest)}' was altered after it was downloaded. The altered file was removed.")
            {
                Remedy = "Run the command again to download it anew; if it happens again, check the disk.",
            }
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
