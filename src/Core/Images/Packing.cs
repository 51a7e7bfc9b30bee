using System.IO.Compression;
using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>How a tar of the user's is packed, told by its first bytes and never by its name.</summary>
internal static class Packing
{
    /// <summary>Bytes that are enough to tell.</summary>
    internal const int Start = 6;

    /// <summary>The packing; anything that is none of them may be a bare tar.</summary>
    internal static LayerCompression Of(ReadOnlySpan<byte> start) => start switch
    {
        [0x1f, 0x8b, ..] => LayerCompression.Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => LayerCompression.Zstd,
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => LayerCompression.Xz,
        _ => LayerCompression.None,
    };

    /// <summary>The packing of a file.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageLayerUnsupported"/> for bzip2, with the way around.</exception>
    internal static LayerCompression Of(ImageReference reference, FileStream file)
    {
        Span<byte> start = stackalloc byte[Start];
        start = start[..RandomAccess.Read(file.SafeFileHandle, start, 0)];
        return start is [(byte)'B', (byte)'Z', (byte)'h', ..]
            ? throw reference.Failure(
                Fault.ImageLayerUnsupported, "it is compressed with bzip2; tar, tar.gz, tar.xz and tar.zst are supported", $"Unpack it: bzip2 -dk '{file.Name}'")
            : Of(start);
    }

    /// <summary>The uncompressed bytes; the packed stream stays open. A read throws <see cref="InvalidDataException"/> for damage.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ZstdMissing"/> or <see cref="Fault.XzMissing"/>.</exception>
    internal static Stream Open(Stream packed, LayerCompression compression) => compression switch
    {
        LayerCompression.Gzip => new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true),
        LayerCompression.Zstd => Zstd.OpenRead(packed),
        LayerCompression.Xz => Xz.OpenRead(packed),
        _ => packed,
    };

    /// <summary>The word for messages and JSON.</summary>
    internal static string Word(LayerCompression compression) => compression switch
    {
        LayerCompression.Gzip => "gzip",
        LayerCompression.Zstd => "zstd",
        LayerCompression.Xz => "xz",
        _ => "none",
    };
}
