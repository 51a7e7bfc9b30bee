using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>An image whose every blob is on this machine and has the digest that its manifest demands.</summary>
/// <param name="Reference">As the user named it.</param>
/// <param name="Digest">Digest of the manifest, or of the file for <c>rootfs:</c>. This is what gets pinned.</param>
/// <param name="Layers">Lowest first.</param>
/// <param name="Config">What the image says about running it.</param>
public sealed record Image(string Reference, Digest Digest, ImmutableArray<ImageLayer> Layers, ImageConfig Config);

/// <summary>One layer, still packed.</summary>
/// <param name="DiffId">Digest of the uncompressed tar. Unpacking is complete only when the bytes had it.</param>
/// <param name="BlobPath">The packed file on this machine.</param>
/// <param name="Compression">How it is packed.</param>
public sealed record ImageLayer(Digest DiffId, string BlobPath, LayerCompression Compression);

/// <summary>How a layer is packed.</summary>
public enum LayerCompression
{
    /// <summary>A bare tar.</summary>
    None,

    /// <summary>gzip.</summary>
    Gzip,
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
