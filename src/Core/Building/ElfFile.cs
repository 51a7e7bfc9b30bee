using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.Building;

/// <summary>What a program or library in the format elf(5) says about where it runs and where it looks for libraries.</summary>
/// <param name="Machine">e_machine.</param>
/// <param name="LibraryPaths">The folders of DT_RPATH and DT_RUNPATH, as written.</param>
internal sealed record ElfFile(int Machine, ImmutableArray<string> LibraryPaths)
{
    /// <summary>A program that the kernel itself runs, on any machine.</summary>
    public const int Bpf = 247;

    private const int HeaderLength = 64, LoadSegment = 1, DynamicSegment = 2, MostSegments = 1024, MostDynamic = 64 * 1024, LongestPath = 64 * 1024;
    private const ulong StringTable = 5, RPath = 15, RunPath = 29;

    /// <summary>Whether a file is of this format, by its first bytes.</summary>
    public static bool IsElf(ReadOnlySpan<byte> start) => start.StartsWith("\u007fELF"u8);

    /// <summary>The machine that packages of an architecture are for; null when nobody knows.</summary>
    public static int? MachineOf(string arch) => arch switch
    {
        "x86_64" or "x86_64_v2" or "x86_64_v3" or "x86_64_v4" => 62,
        "i386" or "i486" or "i586" or "i686" => 3,
        "aarch64" => 183,
        "armv6hl" or "armv7hl" or "armv7hnl" => 40,
        "ppc64" or "ppc64le" => 21,
        "s390x" => 22,
        "riscv64" => 243,
        _ => null,
    };

    /// <summary>Reads a file; null when it only begins like one. What does not fit together has no library paths.</summary>
    public static ElfFile? TryRead(Stream file)
    {
        var header = ReadAt(file, 0, HeaderLength);
        return header is [_, _, _, _, 1 or 2, 1 or 2, ..] && IsElf(header) ? new Reader(file, header).Read() : null;
    }

    private static byte[]? ReadAt(Stream file, ulong offset, int count)
    {
        if (offset > (ulong)file.Length || (ulong)count > (ulong)file.Length - offset)
        {
            return null;
        }

        var bytes = new byte[count];
        file.Position = (long)offset;
        file.ReadExactly(bytes);
        return bytes;
    }

    private sealed record Segment(ulong Type, ulong Offset, ulong Address, ulong Length);

    /// <summary>The two widths and two byte orders of one format.</summary>
    private sealed class Reader(Stream file, byte[] header)
    {
        private readonly bool _isWide = header[4] is 2;
        private readonly bool _isLittle = header[5] is 1;

        internal ElfFile Read() => new((int)Number(header, 18, 2), LibraryPaths());

        private ImmutableArray<string> LibraryPaths()
        {
            var segments = Segments();
            if (segments.Find(segment => segment.Type is DynamicSegment) is not { Length: > 0 } dynamic
                || ReadAt(file, dynamic.Offset, (int)Math.Min(dynamic.Length, MostDynamic)) is not { } bytes)
            {
                return [];
            }

            var entries = Entries(bytes).TakeWhile(entry => entry.Tag is not 0).ToList();
            var strings = entries.Find(entry => entry.Tag is StringTable).Value;
            return
            [
                .. from entry in entries
                   where entry.Tag is RPath or RunPath
                   let place = segments.Find(segment => segment.Type is LoadSegment && strings - segment.Address < segment.Length)
                   where place is not null
                   let text = TextAt(strings - place.Address + place.Offset + entry.Value)

                   // The loader ignores a list that is empty, which patchelf leaves, but takes an empty entry for the current folder.
                   where text.Length > 0
                   from path in text.Split(':')
                   select path,
            ];
        }

        private List<Segment> Segments()
        {
            var (start, size, count) = (Number(header, _isWide ? 32 : 28, Word), (int)Number(header, _isWide ? 54 : 42, 2), (int)Number(header, _isWide ? 56 : 44, 2));
            return size == (_isWide ? 56 : 32) && count <= MostSegments && ReadAt(file, start, size * count) is { } table
                ? [.. Enumerable.Range(0, count).Select(index => SegmentAt(table, index * size))]
                : [];
        }

        private Segment SegmentAt(byte[] table, int at) => _isWide
            ? new(Number(table, at, 4), Number(table, at + 8, 8), Number(table, at + 16, 8), Number(table, at + 32, 8))
            : new(Number(table, at, 4), Number(table, at + 4, 4), Number(table, at + 8, 4), Number(table, at + 16, 4));

        private IEnumerable<(ulong Tag, ulong Value)> Entries(byte[] bytes)
        {
            for (var at = 0; at + (2 * Word) <= bytes.Length; at += 2 * Word)
            {
                yield return (Number(bytes, at, Word), Number(bytes, at + Word, Word));
            }
        }

        private string TextAt(ulong offset)
        {
            if (offset >= (ulong)file.Length || ReadAt(file, offset, (int)Math.Min(LongestPath, (ulong)file.Length - offset)) is not { } bytes)
            {
                return "";
            }

            var end = bytes.AsSpan().IndexOf((byte)0);
            return Encoding.UTF8.GetString(bytes.AsSpan(0, end < 0 ? 0 : end));
        }

        private int Word => _isWide ? 8 : 4;

        private ulong Number(byte[] bytes, int at, int width) => (width, _isLittle) switch
        {
            (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)),
            (2, false) => BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)),
            (4, true) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)),
            (4, false) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at)),
            (_, true) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)),
            (_, false) => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at)),
        };
    }
}
