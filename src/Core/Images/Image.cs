using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>
/// An image whose manifest and config were checked against the digests that lead to them. Each layer's packed file is on this machine,
/// or the layer was already unpacked when the image was asked for.
/// </summary>
/// <param name="Reference">As the user named it.</param>
/// <param name="Digest">
/// What the reference means and what gets pinned: the digest of the index when the name stands for several platforms, else of the
/// manifest; of the file for <c>rootfs:</c>.
/// </param>
/// <param name="Layers">Lowest first.</param>
/// <param name="Config">What the image says about running it.</param>
public sealed record Image(string Reference, Digest Digest, ImmutableArray<ImageLayer> Layers, ImageConfig Config)
{
    /// <summary>Lowest first; each knows its place.</summary>
    public ImmutableArray<ImageLayer> Layers { get; init; } =
        [.. Layers.Select((layer, index) => layer with { Place = $"{Reference}: layer {index + 1} of {Layers.Length} ({layer.Digest})" })];

    /// <summary>What it is made for.</summary>
    public required Platform Platform { get; init; }

    /// <summary>Digest of the manifest of this platform; equal to <see cref="Digest"/> when there is no index, and for <c>rootfs:</c>.</summary>
    public required Digest Manifest { get; init; }

    /// <summary>Bytes of all packed layers.</summary>
    public long PackedSize => Layers.Sum(layer => layer.Size);
}

/// <summary>One layer, still packed.</summary>
/// <param name="DiffId">Digest of the uncompressed tar. Unpacking is complete only when the bytes had it.</param>
/// <param name="BlobPath">The packed file on this machine. Prove it with ImageStore.ProveAsync before it is read.</param>
/// <param name="Compression">How it is packed.</param>
public sealed record ImageLayer(Digest DiffId, string BlobPath, LayerCompression Compression)
{
    /// <summary>Digest of the packed file.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Bytes of the packed file.</summary>
    public required long Size { get; init; }

    /// <summary>Image, number and digest, for messages.</summary>
    public string Place { get; init; } = $"layer {DiffId}";

    /// <summary>A layer is the same whichever image names it, so <see cref="Place"/> does not count.</summary>
    public bool Equals(ImageLayer? other) => other is not null
        && (DiffId, BlobPath, Compression, Digest, Size) == (other.DiffId, other.BlobPath, other.Compression, other.Digest, other.Size);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(DiffId, Digest);

    /// <summary>The word for <see cref="Compression"/> in JSON.</summary>
    public string CompressionWord => Packing.Word(Compression);
}

/// <summary>What an image says about running it; all of it may be empty.</summary>
/// <param name="Environment"><c>NAME=value</c> each.</param>
/// <param name="Entrypoint">Put before the command.</param>
/// <param name="Command">What runs when the user names nothing.</param>
/// <param name="WorkingDirectory">Where it starts; empty means <c>/</c>.</param>
/// <param name="User">Whom it runs as; empty means root.</param>
public sealed record ImageConfig(
    ImmutableArray<string> Environment, ImmutableArray<string> Entrypoint, ImmutableArray<string> Command, string WorkingDirectory, string User)
{
    /// <summary>An image that says nothing.</summary>
    public static ImageConfig Empty { get; } = new([], [], [], "", "");
}
