using System.Runtime.InteropServices;

namespace DotnetRelease.WheelFiles;

/// <summary>The three numbers of a member that may be too large for their fields and then lie in a ZIP64 extra field (APPNOTE 4.5.3).</summary>
/// <param name="Size">Bytes once unpacked.</param>
/// <param name="PackedSize">Bytes in the file.</param>
/// <param name="Offset">Where the local header starts; a local header has none.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ZipSizes(long Size, long PackedSize, long Offset)
{
    private const ushort Zip64 = 1;

    /// <summary>An Info-ZIP field with another name than the header's: two readers would see two files.</summary>
    private const ushort UnicodePath = 0x7075;

    private const long Elsewhere = uint.MaxValue;

    /// <summary>The numbers with those of the extra field in place of the marks for "look there".</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelRefused"/>: the extra fields can be read in several ways.</exception>
    public ZipSizes With64(ReadOnlySpan<byte> extra, string member, ZipBytes bytes)
    {
        var numbers = ReadOnlySpan<byte>.Empty;
        var hasNumbers = false;
        while (!extra.IsEmpty)
        {
            if (extra.Length < 4 || extra.Length - 4 < ZipBytes.Short(extra, 2))
            {
                throw bytes.Refuse($"the extra fields of '{member}' are malformed");
            }

            var (id, size) = (ZipBytes.Short(extra, 0), ZipBytes.Short(extra, 2));
            if (id is UnicodePath || (id is Zip64 && hasNumbers))
            {
                throw bytes.Refuse($"'{member}' has an extra field that gives it a second name or size");
            }

            if (id is Zip64)
            {
                numbers = extra.Slice(4, size);
                hasNumbers = true;
            }

            extra = extra[(4 + size)..];
        }

        // Older Pythons repeat in the field what the header says already; any other number there would be a second size.
        const int both = 16;
        if (numbers.Length is both && Size is not Elsewhere && PackedSize is not Elsewhere && Offset is not Elsewhere
            && ZipBytes.Long(numbers, 0) == Size && ZipBytes.Long(numbers, both / 2) == PackedSize)
        {
            return this;
        }

        var full = new ZipSizes(Take(Size, ref numbers), Take(PackedSize, ref numbers), Take(Offset, ref numbers));
        return full is { Size: >= 0, PackedSize: >= 0, Offset: >= 0 } && numbers.IsEmpty
            ? full
            : throw bytes.Refuse($"the ZIP64 field of '{member}' does not have what its header asks for");
    }

    private static long Take(long number, ref ReadOnlySpan<byte> numbers)
    {
        if (number is not Elsewhere)
        {
            return number;
        }

        if (numbers.Length < 8)
        {
            return -1;
        }

        number = ZipBytes.Long(numbers, 0);
        numbers = numbers[8..];
        return number;
    }
}
