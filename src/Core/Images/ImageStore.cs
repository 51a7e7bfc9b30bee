using DotnetRelease.Http;
using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>Which image of several is meant.</summary>
/// <param name="Platform">What it has to run on.</param>
/// <param name="Pinned">What the reference has to mean, from <c>release.lock</c>; null takes what it means now.</param>
public sealed record ImageWish(Platform Platform, Digest? Pinned = null);

/// <summary>
/// Images on this machine, and the way to get more. What came from a registry or an archive lies in one content cache; a layout folder and
/// a root file system stay where they are. The packed bytes of a layer are proven right before they are of use and not again after it was
/// unpacked: from then on the layer is known by its <see cref="ImageLayer.DiffId"/>.
/// </summary>
public sealed class ImageStore
{
    private readonly string _folder;
    private readonly Lazy<HttpDoor> _http;
    private readonly ContentCache _cache;
    private readonly IReporter _reporter;
    private readonly ImageNotes _notes;
    private readonly ArchiveNotes _archives;

    /// <summary>Nothing is asked yet.</summary>
    /// <param name="places">Where its notes are.</param>
    /// <param name="cache">Takes what is downloaded.</param>
    /// <param name="http">Opened only when a registry has to be asked.</param>
    /// <param name="reporter">Hears of progress.</param>
    public ImageStore(Places places, ContentCache cache, Lazy<HttpDoor> http, IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(cache);
        _folder = Path.Combine(places.Cache, "images");
        _notes = new ImageNotes(Path.Combine(_folder, "names"), cache.PathOf);
        _archives = new ArchiveNotes(Path.Combine(_folder, "archives"), cache.PathOf);
        (_cache, _http, _reporter) = (cache, http, reporter);
    }

    /// <summary>Tells by diff_id whether a layer is unpacked. The packed file of such a layer is neither downloaded nor read.</summary>
    public Func<Digest, bool> IsUnpacked { get; init; } = _ => false;

    /// <summary>The user's logins at registries; <see cref="RegistryLogins.None"/> makes pulls anonymous.</summary>
    public required RegistryLogins Logins { get; init; }

    /// <summary>Mirrors and token servers; read only when a registry has to be asked.</summary>
    public Lazy<RegistryRules> Rules { get; init; } = new(() => RegistryRules.None);

    /// <summary>
    /// Told of each layer as soon as its packed file is here and proven, so that unpacking one overlaps with downloading the next. Several
    /// calls may run at once; an image is complete when all of them ended. Layers that are unpacked already are left out.
    /// </summary>
    public Func<ImageLayer, CancellationToken, Task> LayerHere { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>What was pulled from registries, by reference.</summary>
    public IReadOnlyList<PulledImage> List() => _notes.All();

    /// <summary>
    /// What was pulled or read from an archive, was not used since, and is not pinned; and the packed files that only such images have.
    /// </summary>
    public ExpiredImages FindExpired(DateTimeOffset before, IReadOnlySet<Digest> pinned) =>
        ImagePruning.Find([.. _notes.All(), .. _archives.All()], before, pinned, BlobsOf);

    /// <summary>Removes what <see cref="FindExpired"/> found. An image that somebody used in between stays, and so does what a new one has.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/> while an image is being pulled.</exception>
    public void Remove(ExpiredImages images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Expired.IsEmpty)
        {
            return;
        }

        using var alone = FileLock.TryTake(PullLock)
            ?? throw new ReleaseException(Fault.LockHeld, "An image is being pulled meanwhile, so no download was removed.");
        foreach (var each in images.Expired.Where(each => File.GetLastWriteTimeUtc(each.Note) <= each.Used.UtcDateTime))
        {
            File.Delete(each.Note);
        }

        var wanted = _notes.All().Concat(_archives.All()).SelectMany(each => BlobsOf(each.Image)).Select(blob => blob.Digest).ToHashSet();
        foreach (var blob in images.Blobs.Keys.Where(blob => !wanted.Contains(blob)))
        {
            _cache.Remove(blob);
        }
    }

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
                using (var source = Registry(registry))
                {
                    return await source.ResolveAsync(ct);
                }

            case LayoutReference layout:
                return (await Layout(layout).TopAsync(ct)).Digest;
            case ArchiveReference archive:
                return await Archive(archive).ResolveAsync(ct);
            default:
                return await Rootfs(reference).DigestAsync(ct);
        }
    }

    /// <summary>
    /// Gets an image. With a pin, or a digest in the reference, nothing is asked for that is on this machine, so that it works without
    /// network; a bare tag is looked up each time.
    /// </summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.ImageMismatch"/> when anything is not what its digest says, <see cref="Fault.ImageNotFound"/>,
    /// <see cref="Fault.ImageMalformed"/>, <see cref="Fault.ImagePlatformMissing"/>, <see cref="Fault.ImageLayerUnsupported"/>, and what
    /// the network does.
    /// </exception>
    public async Task<Image> PullAsync(ImageReference reference, ImageWish wish, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(wish);
        return Pin(reference, wish) switch
        {
            RegistryReference { WrittenDigest: not null } registry when NotedAndUnpacked(registry, wish.Platform) is { } ready => ready,
            RegistryReference registry => await DownloadAsync(registry, null, wish.Platform, ct),
            ArchiveReference archive => await CopyAsync(archive, wish, ct),
            var local => await LocalAsync(local, wish, ct),
        };
    }

    /// <summary>
    /// Like <see cref="PullAsync"/>, but a tag that was pulled before means what it meant then: <c>run</c> does not ask a registry each time.
    /// </summary>
    public Task<Image> UseAsync(ImageReference reference, ImageWish wish, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (Pin(reference, wish) is not RegistryReference { WrittenDigest: null } registry || _notes.Find(registry, wish.Platform) is not { } noted)
        {
            return PullAsync(reference, wish, ct);
        }

        return IsAllUnpacked(noted) ? Task.FromResult(noted) : DownloadAsync(registry, noted.Digest, wish.Platform, ct);
    }

    /// <summary>Looks an image up without getting its layers, on this machine when it was pulled, else in the registry.</summary>
    public async Task<Image> DescribeAsync(ImageReference reference, ImageWish wish, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(wish);
        switch (Pin(reference, wish))
        {
            case RegistryReference registry:
                using (var source = Registry(registry))
                {
                    return _notes.Find(registry, wish.Platform) ?? await source.FindAsync(null, wish.Platform, ct);
                }

            case LayoutReference layout:
                return Check(layout, await Layout(layout).FindAsync(wish.Platform, ct), wish);
            case ArchiveReference archive:
                return Check(archive, await Archive(archive).FindAsync(wish.Platform, ct), wish);
            default:
                return Check(reference, await Rootfs(reference).FindAsync(wish.Platform, ct), wish);
        }
    }

    /// <param name="reference">The image.</param>
    /// <param name="meaning">What its tag is to mean; null to ask.</param>
    /// <param name="platform">Which image of an index.</param>
    /// <param name="ct">Ends the downloads.</param>
    private async Task<Image> DownloadAsync(RegistryReference reference, Digest? meaning, Platform platform, CancellationToken ct)
    {
        using var pulling = await FileLock.ShareAsync(PullLock, ct);
        var noted = _notes.Find(reference, platform);
        using var source = Registry(reference);
        var image = await source.FindAsync(meaning, platform, ct);
        await source.ProvideAsync(Needed(image), LayerHere, ct);
        if (meaning is null && (reference.WrittenDigest is null || noted is null))
        {
            await _notes.WriteAsync(reference, image, ct);
        }

        return image;
    }

    private async Task<Image> CopyAsync(ArchiveReference reference, ImageWish wish, CancellationToken ct)
    {
        using var pulling = await FileLock.ShareAsync(PullLock, ct);
        var archive = Archive(reference);
        var image = Check(reference, await archive.FindAsync(wish.Platform, ct), wish);
        await archive.ProvideAsync(image, Needed(image), LayerHere, ct);
        return image;
    }

    private async Task<Image> LocalAsync(ImageReference reference, ImageWish wish, CancellationToken ct)
    {
        var layout = reference is LayoutReference folder ? Layout(folder) : null;
        var image = layout is not null ? await layout.FindAsync(wish.Platform, ct) : await Rootfs(reference).FindAsync(wish.Platform, ct);
        Check(reference, image, wish);
        foreach (var layer in Needed(image))
        {
            if (layout is not null)
            {
                await layout.ProveAsync(layer, ct);
            }

            await LayerHere(layer, ct);
        }

        return image;
    }

    /// <summary>An image that was pulled under this very name and whose layers all are unpacked: the note of it is enough.</summary>
    private Image? NotedAndUnpacked(RegistryReference reference, Platform platform) =>
        _notes.Find(reference, platform) is { } image && IsAllUnpacked(image) ? image : null;

    private bool IsAllUnpacked(Image image)
    {
        foreach (var layer in image.Layers)
        {
            if (!IsUnpacked(layer.DiffId))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The layers that have to be unpacked, each packed file once.</summary>
    private IReadOnlyCollection<ImageLayer> Needed(Image image) =>
        [.. image.Layers.DistinctBy(layer => layer.Digest.Hex, StringComparer.Ordinal).Where(layer => !IsUnpacked(layer.DiffId))];

    /// <summary>The files of the cache that are an image's, with their sizes: manifests, configuration, packed layers.</summary>
    private IEnumerable<(Digest Digest, long Size)> BlobsOf(Image image) => image.Layers.Select(layer => layer.Digest)
        .Concat([image.Digest, image.Manifest])
        .Concat(ConfigOf(image.Manifest))
        .Distinct()
        .Select(digest => (digest, new FileInfo(_cache.PathOf(digest))))
        .Where(blob => blob.Item2.Exists)
        .Select(blob => (blob.digest, blob.Item2.Length));

    private Digest[] ConfigOf(Digest manifest)
    {
        try
        {
            return new FileInfo(_cache.PathOf(manifest)) is { Exists: true, Length: <= ManifestDocument.SizeLimit } file
                && ManifestDocument.Read(manifest, File.ReadAllBytes(file.FullName), told: null) is ImageManifest image ? [image.Config.Digest] : [];
        }
        catch (Exception ex) when (ex is ReleaseException or IOException or UnauthorizedAccessException)
        {
            // A configuration has a few KiB; an altered manifest is found out by whoever uses it.
            return [];
        }
    }

    private RegistrySource Registry(RegistryReference reference) => new(reference, _cache, new RegistryAccess(_http, Logins, Rules), _reporter);

    /// <summary>Shared by everybody who pulls: what was found in the cache a moment ago must not go.</summary>
    private string PullLock => Path.Combine(_folder, "pull.lock");

    private ImageArchive Archive(ArchiveReference reference) => new(reference, _cache, _archives);

    private OciLayout Layout(LayoutReference reference) => new(reference, _cache.Known);

    private RootfsFile Rootfs(ImageReference reference) => new((RootfsReference)reference, _cache.Known, Path.Combine(_folder, "unpacked"));

    /// <summary>The reference with the pin in it; a digest that the user wrote there must be the same.</summary>
    private static ImageReference Pin(ImageReference reference, ImageWish wish)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (wish.Pinned is not { } pinned)
        {
            return reference;
        }

        return reference.WrittenDigest is { } written && written != pinned
            ? throw reference.Failure(Fault.ImageMismatch, $"it is pinned to {pinned}", "Make the settings and release.lock agree.")
            : reference is RegistryReference registry ? registry.At(pinned) : reference;
    }

    private static Image Check(ImageReference reference, Image image, ImageWish wish)
    {
        const string remedy = "If the change is wanted, pin the new digest in release.lock.";
        return wish.Pinned is { } pinned && pinned != image.Digest
            ? throw reference.Failure(Fault.ImageMismatch, $"it is pinned to {pinned}, but has {image.Digest}", remedy)
            : image;
    }
}
