using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>What of the images in the cache nobody wants any more, and what is still wanted.</summary>
/// <param name="Expired">Images that were not used for long, and that nothing pins.</param>
/// <param name="Kept">Digests of unpacked layers that other images have.</param>
/// <param name="Blobs">Packed files that only expired images have, with their sizes.</param>
public sealed record ExpiredImages(ImmutableArray<PulledImage> Expired, ImmutableHashSet<Digest> Kept, ImmutableDictionary<Digest, long> Blobs);

/// <summary>Finds and removes images by their last use. Unpacked layers are the engine's.</summary>
internal static class ImagePruning
{
    /// <summary>Splits what was noted. An image whose digest is pinned stays however old it is.</summary>
    /// <param name="noted">All notes.</param>
    /// <param name="before">Used before this moment is expired.</param>
    /// <param name="pinned">Digests that projects rely on.</param>
    /// <param name="blobs">Digests and sizes of the files that an image has in the cache.</param>
    internal static ExpiredImages Find(
        IReadOnlyList<PulledImage> noted, DateTimeOffset before, IReadOnlySet<Digest> pinned, Func<Image, IEnumerable<(Digest Digest, long Size)>> blobs)
    {
        var expired = noted.Where(each => each.Used < before && !pinned.Contains(each.Image.Digest) && !pinned.Contains(each.Image.Manifest)).ToImmutableArray();
        var kept = noted.Except(expired).Select(each => each.Image).ToList();
        var wanted = kept.SelectMany(blobs).Select(blob => blob.Digest).ToHashSet();
        return new(
            expired,
            [.. kept.SelectMany(image => image.Layers).Select(layer => layer.DiffId)],
            expired.SelectMany(each => blobs(each.Image)).Where(blob => !wanted.Contains(blob.Digest)).DistinctBy(blob => blob.Digest)
                .ToImmutableDictionary(blob => blob.Digest, blob => blob.Size));
    }
}
