namespace DotnetRelease.WheelFiles;

/// <summary>One member of a wheel's archive, as its two headers agree on it.</summary>
/// <param name="Name">Relative path with slashes, as every reader understands it; a folder's ends with one.</param>
/// <param name="Offset">Where its bytes start in the file.</param>
/// <param name="PackedSize">Bytes in the file.</param>
/// <param name="Size">Bytes once unpacked.</param>
internal readonly record struct ZipEntry(string Name, long Offset, long PackedSize, long Size)
{
    /// <summary>CRC-32 of the unpacked bytes.</summary>
    public required uint Crc { get; init; }

    /// <summary>Whether it is compressed by deflate; else it is stored as it is.</summary>
    public required bool IsDeflated { get; init; }

    /// <summary>A folder, which has no content.</summary>
    public bool IsFolder => Name.EndsWith('/');
}
