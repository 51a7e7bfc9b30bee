using DotnetRelease.Http;
using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>Which image of several is meant.</summary>
/// <param name="Platform">What it has to run on.</param>
/// <param name="Pinned">What the reference has to mean, from <c>release.lock</c>; null takes what it means now.</param>
public sealed record ImageWish(Platform Platform, Digest? Pinned = null);

/// <summary>
/// Images on this machine, and the way to get more. Everything that came from a registry lies in one content cache; a layout folder and a
/// root file system stay where they are. The packed bytes of a layer are proven right before they are of use and not again after it was
/// unpacked: from then on the layer is known by its <see cref="ImageLayer.DiffId"/>.
/// </summary>
public sealed class ImageStore
{
    private readonly string _folder;
    private readonly Lazy<HttpDoor> _http;
    private readonly Lazy<ContentCache> _cache;
    private readonly KnownDigests _known;
    private readonly IReporter _reporter;
    private readonly ImageNotes _notes;

    /// <summary>Nothing is read or opened yet.</summary>
    /// <param name="places">Where the cache is.</param>
    /// <param name="known">Spares hashing files that nobody touched.</param>
    /// <param name="http">Opened only when a registry has to be asked.</param>
    /// <param name="reporter">Hears of progress.</param>
    public ImageStore(Places places, KnownDigests known, Lazy<HttpDoor> http, IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(places);
        _folder = Path.Combine(places.Cache, "images");
        _cache = new(() => new ContentCache(Path.Combine(_folder, "blobs"), known));
        _notes = new ImageNotes(Path.Combine(_folder, "names"), digest => _cache.Value.PathOf(digest));
        (_known, _http, _reporter) = (known, http, reporter);
    }

    /// <summary>Tells by diff_id whether a layer is unpacked. The packed file of such a layer is neither downloaded nor read.</summary>
    public Func<Digest, bool> IsUnpacked { get; init; } = _ => false;

    /// <summary>What was pulled from registries, by reference.</summary>
    public IReadOnlyList<PulledImage> List() => _notes.All();

    /// <summary>
    /// What a reference means now, to be pinned. For a name in a registry that is the digest of the index when the name stands for several
    /// platforms, so that one pin serves all of them.
    /// </summary>
    public async Task<Digest> ResolveAsync(ImageReference reference, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(reference);
        switch (reference)
        {
            case RegistryReference { WrittenDigest: { } written }:
                return written;
            case RegistryReference registry:
                using (var client = new RegistryClient(_http, registry))
                {
                    return await client.ResolveAsync(ct);
                }

            case LayoutReference layout:
                return (await new OciLayout(layout, _known).FindAsync(ct)).Digest;
            default:
                return await Rootfs((RootfsReference)reference).DigestAsync(ct);
        }
    }

    /// <summary>
    /// Gets an image. With a pin, or a digest in the reference, nothing is asked for that is on this machine, so that it works without
    /// network; a bare tag is looked up each time.
    /// </summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.ImageMismatch"/> when anything is not what its digest says, <see cref="Fault.ImageNotFound"/>, <see cref="Fault.ImageMalformed"/>,
    /// <see cref="Fault.ImagePlatformMissing"/>, <see cref="Fault.ImageLayerUnsupported"/>, and what the network does.
    /// </exception>
    public async Task<Image> PullAsync(ImageReference reference, ImageWish wish, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(wish);
        if (wish.Pinned is { } pinned && reference.WrittenDigest is { } written && pinned != written)
        {
            throw new ReleaseException(Fault.ImageMismatch, $"Image '{reference}' is pinned to {pinned}.") { Remedy = "Make the settings and release.lock agree." };
        }

        return reference switch
        {
            RegistryReference registry when Pinned(registry, wish) is { WrittenDigest: not null } pinnedHere => ReadyToUse(pinnedHere, wish) ?? await FromRegistryAsync(pinnedHere, null, wish.Platform, ct),
            RegistryReference registry => await FromRegistryAsync(registry, null, wish.Platform, ct),
            LayoutReference layout => await FromLayoutAsync(layout, wish, ct),
            _ => await FromRootfsAsync((RootfsReference)reference, wish, ct),
        };
    }

    /// <summary>Like <see cref="PullAsync"/>, but a tag that was pulled before means what it meant then; <c>run</c> does not ask a registry each time.</summary>
    public Task<Image> UseAsync(ImageReference reference, ImageWish wish, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(wish);
        return reference is not RegistryReference registry ? PullAsync(reference, wish, ct)
            : ReadyToUse(Pinned(registry, wish), wish) is { } ready ? Task.FromResult(ready)
            : wish.Pinned is null && registry.WrittenDigest is null && _notes.Find(registry, wish.Platform) is { } before ? FromRegistryAsync(registry, before.Digest, wish.Platform, ct)
            : PullAsync(reference, wish, ct);
    }

    private static RegistryReference Pinned(RegistryReference reference, ImageWish wish) => wish.Pinned is { } digest ? reference.At(digest) : reference;

    /// <summary>An image that was pulled before under this very name and whose layers all are unpacked: the note of it is enough.</summary>
    private Image? ReadyToUse(RegistryReference reference, ImageWish wish)
    {
        if (_notes.Find(reference, wish.Platform) is not { } image)
        {
            return null;
        }

        foreach (var layer in image.Layers)
        {
            if (!IsUnpacked(layer.DiffId))
            {
                return null;
            }
        }

        return image;
    }

    /// <param name="reference">The image.</param>
    /// <param name="meaning">What its tag is to mean; null to ask.</param>
    /// <param name="platform">Which image of an index.</param>
    /// <param name="ct">Ends the downloads.</param>
    private async Task<Image> FromRegistryAsync(RegistryReference reference, Digest? meaning, Platform platform, CancellationToken ct)
    {
        using var client = new RegistryClient(_http, reference);
        var blobs = new ImageBlobs(reference, _cache.Value, client, _reporter);
        var digest = meaning ?? reference.WrittenDigest ?? await client.ResolveAsync(ct);
        var found = await new ImageWalk(reference.ToString(), platform, blobs.ReadAsync).FindAsync(await blobs.TopAsync(digest, ct), ct);
        await blobs.ProvideAsync(Needed(found), ct);
        var image = Assemble(reference, digest, found, blobs.PathOf);
        if (meaning is null && (reference.WrittenDigest is null || _notes.Find(reference, platform) is null))
        {
            await _notes.WriteAsync(reference, image, ct);
        }

        return image;
    }

    private async Task<Image> FromLayoutAsync(LayoutReference reference, ImageWish wish, CancellationToken ct)
    {
        var layout = new OciLayout(reference, _known);
        var top = await layout.FindAsync(ct);
        CheckPin(reference, wish, top.Digest);
        var document = ManifestDocument.Read(top.Digest, await layout.ReadAsync(top, ct), top.MediaType);
        var found = await new ImageWalk(reference.ToString(), wish.Platform, layout.ReadAsync).FindAsync(document, ct);
        foreach (var layer in Needed(found))
        {
            await layout.ProveAsync(layer, ct);
        }

        return Assemble(reference, top.Digest, found, layout.PathOf);
    }

    private async Task<Image> FromRootfsAsync(RootfsReference reference, ImageWish wish, CancellationToken ct)
    {
        var file = Rootfs(reference);
        var digest = await file.DigestAsync(ct);
        CheckPin(reference, wish, digest);
        return new Image(reference.ToString(), digest, [await file.LayerAsync(digest, ct)], ImageConfig.Empty) { Platform = wish.Platform, Manifest = digest };
    }

    private RootfsFile Rootfs(RootfsReference reference) => new(reference, _known, Path.Combine(_folder, "unpacked"));

    private IReadOnlyCollection<Descriptor> Needed(FoundImage found) =>
        [.. found.Manifest.Layers.Zip(found.Config.DiffIds).Where(pair => !IsUnpacked(pair.Second)).Select(pair => pair.First)];

    private static Image Assemble(ImageReference reference, Digest digest, FoundImage found, Func<Descriptor, string> pathOf)
    {
        var layers = found.Manifest.Layers.Zip(found.Config.DiffIds, (layer, diffId) =>
            new ImageLayer(diffId, pathOf(layer), MediaType.Compression(layer.MediaType)!.Value) { Digest = layer.Digest, Size = layer.Size });
        return new(reference.ToString(), digest, [.. layers], found.Config.Config) { Platform = found.Platform, Manifest = found.Manifest.Digest };
    }

    private static void CheckPin(ImageReference reference, ImageWish wish, Digest actual)
    {
        if (wish.Pinned is { } pinned && pinned != actual)
        {
            throw new ReleaseException(Fault.ImageMismatch, $"Image '{reference}' is pinned to {pinned}, but has {actual}.")
            {
                Remedy = "If the change is wanted, pin the new digest in release.lock.",
            };
        }
    }
}
