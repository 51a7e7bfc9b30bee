
namespace DotnetRelease.Images;

/// <summary>Gives the bytes that a descriptor points to. Whoever implements it makes sure of their digest and number.</summary>
internal delegate Task<ReadOnlyMemory<byte>> ReadDocument(Descriptor descriptor, CancellationToken ct);

/// <summary>
/// Walks from whatever a reference means down to the image for one platform. Works alike on a registry and on a layout folder, and
/// reads a bounded number of documents however indexes point to each other.
/// </summary>
/// <param name="reference">For messages.</param>
/// <param name="platform">Which image of an index is wanted.</param>
/// <param name="read">Reads a document.</param>
internal sealed class ImageWalk(ImageReference reference, Platform platform, ReadDocument read)
{
    private const int NestingLimit = 4;
    private const int DocumentLimit = 64;
    private readonly SortedSet<string> _available = new(StringComparer.Ordinal);
    private int _documents;

    /// <summary>Finds the image of the platform.</summary>
    /// <exception cref="ReleaseException">Malformed or altered documents, or no image for the platform.</exception>
    internal async Task<FoundImage> FindAsync(ManifestDocument top, CancellationToken ct) =>
        await DescendAsync(top, platformStated: false, depth: 0, ct)
        ?? throw reference.Failure(Fault.ImagePlatformMissing, $"it has nothing for {platform}. {Available}");

    private string Available => _available.Count is 0 ? "It has no images at all" : $"Available: {string.Join(", ", _available)}";

    private async Task<FoundImage?> DescendAsync(ManifestDocument document, bool platformStated, int depth, CancellationToken ct)
    {
        if (document is ImageManifest manifest)
        {
            return await LeafAsync(manifest, platformStated, ct);
        }

        if (depth is NestingLimit)
        {
            throw reference.Failure(Fault.ImageMalformed, $"index nesting is deeper than {NestingLimit}");
        }

        foreach (var entry in Candidates((IndexDocument)document))
        {
            var next = ManifestDocument.Read(entry.Digest, await ReadAsync(entry, ManifestDocument.SizeLimit, ct), entry.MediaType);
            if (await DescendAsync(next, platformStated || entry.Platform is not null, depth + 1, ct) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The best fitting first, then those that do not say what they are made for. Foreign kinds of entries are legal and skipped.</summary>
    private IEnumerable<Descriptor> Candidates(IndexDocument index)
    {
        var images = index.Entries.Where(entry => MediaType.IsIndex(entry.MediaType) || MediaType.IsManifest(entry.MediaType)).ToList();
        // Builders attach attestations as "unknown/unknown": those are no platforms to choose from.
        var platforms = images.Select(entry => entry.Platform).OfType<Platform>().Where(other => other.Os is not "unknown");
        _available.UnionWith(platforms.Select(other => Printable.Of(other.ToString())));
        var fitting = images.Where(entry => entry.Platform?.Fits(platform) > 0).OrderByDescending(entry => entry.Platform!.Fits(platform)).Take(1);
        return fitting.Concat(images.Where(entry => entry.Platform is null));
    }

    private async Task<FoundImage?> LeafAsync(ImageManifest manifest, bool platformStated, CancellationToken ct)
    {
        if (!MediaType.IsConfig(manifest.Config.MediaType))
        {
            throw Malformed(manifest, $"its config has the type '{Printable.Of(manifest.Config.MediaType)}': it is an artifact, not an image to run");
        }

        var config = ConfigDocument.Read(manifest.Config.Digest, await ReadAsync(manifest.Config, ConfigDocument.SizeLimit, ct));
        if (!platformStated && config.Platform.Fits(platform) is 0)
        {
            _available.Add(Printable.Of(config.Platform.ToString()));
            return null;
        }

        Check(manifest, config);
        return new FoundImage(manifest, config, platform);
    }

    private void Check(ImageManifest manifest, ConfigDocument config)
    {
        if (manifest.Layers.Length != config.DiffIds.Length)
        {
            throw Malformed(manifest, $"the manifest has {manifest.Layers.Length} layers, the config {config.DiffIds.Length} diff_ids");
        }

        foreach (var (at, layer) in manifest.Layers.Index())
        {
            if (MediaType.Compression(layer.MediaType) is null)
            {
                var why = MediaType.WhyNot(layer.MediaType);
                throw reference.Failure(Fault.ImageLayerUnsupported, $"layer {at + 1} of {manifest.Layers.Length} ({layer.Digest}) {why}");
            }
        }
    }

    private Task<ReadOnlyMemory<byte>> ReadAsync(Descriptor descriptor, int limit, CancellationToken ct)
    {
        if (descriptor.Size > limit)
        {
            throw reference.Failure(Fault.ImageMalformed, $"{descriptor.Digest} is said to have {descriptor.Size} bytes; a document has at most {limit}");
        }

        if (++_documents > DocumentLimit)
        {
            throw reference.Failure(Fault.ImageMalformed, $"more than {DocumentLimit} documents had to be read to find {platform}");
        }

        return read(descriptor, ct);
    }

    private ReleaseException Malformed(ImageManifest manifest, string why) =>
        reference.Failure(Fault.ImageMalformed, $"{why} (manifest {manifest.Digest})");
}
