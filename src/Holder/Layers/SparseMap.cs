using System.Buffers.Text;
using System.Collections.Immutable;

namespace DotnetRelease.Holder.Layers;

/// <summary>
/// Which parts of a sparse file the archive holds; between them are holes (GNU tar manual, "Storing Sparse Files"). The parts ascend, do
/// not overlap and lie inside the file.
/// </summary>
internal sealed record SparseMap
{
    /// <summary>A file in so many pieces is no file but an attack on our memory.</summary>
    private const int MostParts = 100_000;

    /// <exception cref="ReleaseException"><see cref="Fault.ImageMalformed"/>: the map contradicts itself or the bytes that follow.</exception>
    internal SparseMap(long size, IReadOnlyList<long> numbers, long stored)
    {
        var parts = ImmutableArray.CreateBuilder<(long, long)>(numbers.Count / 2);
        long end = 0;
        long total = 0;
        for (var i = 0; i + 1 < numbers.Count; i += 2)
        {
            var (offset, length) = (numbers[i], numbers[i + 1]);
            if (offset < end || length < 0 || offset > size || length > size - offset)
            {
                throw Wrong();
            }

            parts.Add((offset, length));
            end = offset + length;
            total += length;
        }

        if (numbers.Count % 2 is not 0 || total != stored)
        {
            throw Wrong();
        }

        (Size, Parts) = (size, parts.ToImmutable());
    }

    /// <summary>Of the whole file, holes included.</summary>
    internal long Size { get; }

    internal ImmutableArray<(long Offset, long Length)> Parts { get; }

    /// <summary>The old form of GNU: four parts in the header, and blocks with 21 more each behind it.</summary>
    /// <param name="header">The block of the header.</param>
    /// <param name="stored">Bytes of content.</param>
    /// <param name="nextBlock">Reads the next block, which is valid until the next call.</param>
    internal static SparseMap ReadOld(ReadOnlySpan<byte> header, long stored, NextBlock nextBlock)
    {
        const int inHeader = 4;
        const int inBlock = 21;
        var size = TarHeader.Number(header.Slice(483, 12));
        var numbers = new List<long>();
        AddOld(numbers, header.Slice(386, inHeader * 24));
        for (var more = header[482]; more is not 0;)
        {
            var block = nextBlock();
            AddOld(numbers, block[..(inBlock * 24)]);
            more = block[inBlock * 24];
        }

        return new SparseMap(size, numbers, stored);
    }

    /// <summary>The form 1.0 of pax: decimal numbers in lines before the content, filled up to whole blocks.</summary>
    /// <param name="size">Of the whole file.</param>
    /// <param name="stored">Bytes that follow, the map included.</param>
    /// <param name="nextBlock">Reads the next block of them.</param>
    internal static SparseMap ReadLines(long size, long stored, NextBlock nextBlock)
    {
        var lines = new NumberLines(nextBlock);
        var numbers = new List<long>();
        for (var left = 2 * lines.Next(); left > 0; left--)
        {
            Add(numbers, lines.Next());
        }

        return new SparseMap(size, numbers, stored - lines.Taken);
    }

    /// <summary>The form 0.1 of pax: the numbers with commas between.</summary>
    internal static List<long> Split(ReadOnlySpan<byte> text)
    {
        var numbers = new List<long>();
        foreach (var range in text.Split((byte)','))
        {
            Add(numbers, Utf8Parser.TryParse(text[range], out long number, out var used) && used == text[range].Length ? number : -1);
        }

        return numbers;
    }

    private static void AddOld(List<long> numbers, ReadOnlySpan<byte> parts)
    {
        // An empty place ends the list; a file that ends with a hole has a part of length 0 there.
        for (; !parts.IsEmpty && parts[0] is not 0; parts = parts[24..])
        {
            Add(numbers, TarHeader.Number(parts[..12]));
            Add(numbers, TarHeader.Number(parts.Slice(12, 12)));
        }
    }

    /// <summary>A number of a map, which becomes no longer than is sane.</summary>
    internal static void Add(List<long> numbers, long number) =>
        numbers.Add(number >= 0 && numbers.Count < 2 * MostParts ? number : throw Wrong());

    internal static ReleaseException Wrong() => TarReader.Malformed("has a sparse file whose map is wrong");
}

/// <summary>Reads one block of an archive.</summary>
internal delegate ReadOnlySpan<byte> NextBlock();

/// <summary>Decimal numbers, each in a line of its own, in blocks of an archive.</summary>
internal sealed class NumberLines(NextBlock nextBlock)
{
    private readonly byte[] _block = new byte[TarReader.BlockSize];
    private int _position = TarReader.BlockSize;

    /// <summary>Bytes of the blocks that were read.</summary>
    internal long Taken { get; private set; }

    internal long Next()
    {
        const int mostDigits = 18;
        long number = 0;
        for (var digits = 0; ; digits++)
        {
            var one = NextByte();
            if (one is (byte)'\n' && digits > 0)
            {
                return number;
            }

            number = one is >= (byte)'0' and <= (byte)'9' && digits < mostDigits ? (number * 10) + one - '0' : throw SparseMap.Wrong();
        }
    }

    private byte NextByte()
    {
        if (_position == _block.Length)
        {
            nextBlock().CopyTo(_block);
            Taken += _block.Length;
            _position = 0;
        }

        return _block[_position++];
    }
}
