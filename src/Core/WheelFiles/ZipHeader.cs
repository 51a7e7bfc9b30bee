namespace DotnetRelease.WheelFiles;

/// <summary>A member as the directory describes it; its local header has to say the same.</summary>
/// <param name="Name">Decoded and checked.</param>
/// <param name="RawName">As it is stored.</param>
/// <param name="Sizes">Sizes and place.</param>
internal sealed record ZipHeader(string Name, byte[] RawName, ZipSizes Sizes)
{
    private const uint LocalSignature = 0x04034b50, DescriptorSignature = 0x08074b50;
    private const int LocalSize = 30;
    private const int SizesFollow = 1 << 3;

    public required ushort Flags { get; init; }

    public required ushort Method { get; init; }

    public required uint Crc { get; init; }

    public long Offset => Sizes.Offset;

    /// <summary>Reads the local header, which has to be where the member before ended.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="expected">Where the header has to start.</param>
    /// <param name="limit">Where the directory starts.</param>
    /// <param name="entry">The member, whose both headers agree.</param>
    /// <returns>Where the next header has to start.</returns>
    public long ReadLocal(ZipBytes bytes, long expected, long limit, out ZipEntry entry)
    {
        if (Offset != expected)
        {
            throw bytes.Refuse($"'{Name}' starts at byte {Offset} and not at {expected}: members overlap, or something lies between them");
        }

        var header = bytes.Read(Offset, LocalSize, $"the header of '{Name}'");
        var follows = (Flags & SizesFollow) is not 0;
        var (nameSize, extraSize) = (ZipBytes.Short(header, 26), ZipBytes.Short(header, 28));
        if (ZipBytes.Int(header, 0) != LocalSignature || ZipBytes.Short(header, 6) != Flags || ZipBytes.Short(header, 8) != Method || nameSize != RawName.Length
            || bytes.Read(Offset + LocalSize, nameSize + extraSize, $"the name of '{Name}'") is not { } names
            || !names.AsSpan(0, nameSize).SequenceEqual(RawName) || !IsSame(header, names.AsSpan(nameSize), follows, bytes))
        {
            throw bytes.Refuse($"the directory and the header at byte {Offset} differ on '{Name}'");
        }

        var start = Offset + LocalSize + nameSize + extraSize;
        if (Sizes.PackedSize > limit - start || (Method is 0 && Sizes.PackedSize != Sizes.Size) || (Name.EndsWith('/') && Sizes.Size is not 0))
        {
            throw bytes.Refuse($"'{Name}' has impossible sizes: {Sizes.PackedSize} bytes packed, {Sizes.Size} unpacked");
        }

        entry = new ZipEntry(Name, start, Sizes.PackedSize, Sizes.Size) { Crc = Crc, IsDeflated = Method is not 0 };
        var end = start + Sizes.PackedSize;
        return follows ? end + DescriptorSize(bytes, end) : end;
    }

    private bool IsSame(ReadOnlySpan<byte> header, ReadOnlySpan<byte> extra, bool follows, ZipBytes bytes)
    {
        var (crc, packed, size) = (ZipBytes.Int(header, 14), ZipBytes.Int(header, 18), ZipBytes.Int(header, 22));
        if (follows && crc is 0 && packed is 0 or uint.MaxValue && size is 0 or uint.MaxValue)
        {
            return true;
        }

        var local = new ZipSizes(size, packed, 0).With64(extra, Name, bytes);
        return crc == Crc && local.Size == Sizes.Size && local.PackedSize == Sizes.PackedSize;
    }

    /// <summary>What was not known when the header was written follows the content: CRC and sizes, of four or eight bytes, with a signature or not.</summary>
    private int DescriptorSize(ZipBytes bytes, long at)
    {
        foreach (var (size, marks, width) in (ReadOnlySpan<(int, int, int)>)[(16, 4, 4), (24, 4, 8), (12, 0, 4), (20, 0, 8)])
        {
            if (at + size <= bytes.Length && Describes(bytes.Read(at, size, $"the end of '{Name}'"), marks, width))
            {
                return size;
            }
        }

        throw bytes.Refuse($"what follows '{Name}' is not the size that the directory gives it");
    }

    private bool Describes(ReadOnlySpan<byte> descriptor, int marks, int width)
    {
        var (packed, size) = width is 4
            ? (ZipBytes.Int(descriptor, marks + 4), ZipBytes.Int(descriptor, marks + 8))
            : (ZipBytes.Long(descriptor, marks + 4), ZipBytes.Long(descriptor, marks + 12));
        return (marks is 0 || ZipBytes.Int(descriptor, 0) == DescriptorSignature)
            && ZipBytes.Int(descriptor, marks) == Crc && packed == Sizes.PackedSize && size == Sizes.Size;
    }
}
