namespace DotnetRelease.Images;

/// <summary>How a layer is packed.</summary>
public enum LayerCompression
{
    /// <summary>A bare tar.</summary>
    None,

    /// <summary>gzip.</summary>
    Gzip,

    /// <summary>Zstandard, through the system's libzstd.</summary>
    Zstd,

    /// <summary>xz, through the system's liblzma; only of root file systems, no registry has such layers.</summary>
    Xz,
}
