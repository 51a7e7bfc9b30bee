namespace DotnetRelease.Holder.Layers;

/// <summary>One 512-byte header block whose checksum was right.</summary>
internal readonly ref struct TarHeader
{
    private const int ChecksumAt = 148;
    private const int ChecksumLength = 8;

    private readonly ReadOnlySpan<byte> _block;

    internal TarHeader(ReadOnlySpan<byte> block)
    {
        _block = block;
        long unsigned = 0;
        long signed = 0;
        for (var i = 0; i < block.Length; i++)
        {
            var one = i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? (byte)' ' : block[i];
            unsigned += one;
            signed += (sbyte)one;
        }

        // Some old programs summed signed characters.
        var written = Number(ChecksumAt, ChecksumLength);
        if (written != unsigned && written != signed)
        {
            throw TarReader.Malformed("has a header with a wrong checksum");
        }
    }

    internal char Type => (char)_block[156];

    internal int Mode => (int)(Number(100, 8) & 0xfff);

    internal long User => Number(108, 8);

    internal long Group => Number(116, 8);

    internal long Size => Number(124, 12) is >= 0 and var size ? size : throw TarReader.Malformed("has an entry of negative size");

    internal long Modified => Number(136, 12);

    internal byte[] LinkName => UpToNul(_block.Slice(157, 100)).ToArray();

    /// <summary>The prefix belongs to the name in POSIX's ustar only; GNU keeps other things there.</summary>
    internal byte[] Name
    {
        get
        {
            var name = UpToNul(_block[..100]);
            var prefix = _block.Slice(257, 6).SequenceEqual("ustar\0"u8) ? UpToNul(_block.Slice(345, 155)) : [];
            return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
        }
    }

    internal static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;

    /// <summary>Octal digits between blanks, or GNU's big-endian binary when the first bit is set.</summary>
    internal static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) is not 0)
        {
            return Binary(field);
        }

        long number = 0;
        foreach (var digit in UpToNul(field).Trim((byte)' '))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                throw TarReader.Malformed($"has a number that is not octal, '{TarEntry.Show(field)}'");
            }

            number = (number << 3) + digit - '0';
        }

        return number;
    }

    private long Number(int at, int length) => Number(_block.Slice(at, length));

    private static long Binary(ReadOnlySpan<byte> field)
    {
        // Two's complement; the bits beside the mark in the first byte are only ever the sign.
        long number = field[0] is 0xff ? -1 : 0;
        foreach (var digit in field[1..])
        {
            if (field[0] is not (0x80 or 0xff) || number is > long.MaxValue >> 8 or < long.MinValue >> 8)
            {
                throw TarReader.Malformed("has a number that is too large");
            }

            number = (number << 8) | digit;
        }

        return number;
    }
}
