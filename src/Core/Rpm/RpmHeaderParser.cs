using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace DotnetRelease.Rpm;

/// <summary>
/// Checks the structure of a header as rpm's <c>hdrblobVerifyRegion</c> and <c>hdrblobVerifyInfo</c> do: one region that spans the
/// whole header, entries inside it, aligned, in order and without overlap. What rpm leaves open is refused here: a tag given twice. Headers
/// of rpm 3 have no region.
/// </summary>
internal readonly ref struct RpmHeaderParser
{
    internal const int IntroLength = 16;
    internal const int EntryLength = 16;
    internal static readonly ImmutableArray<byte> Magic = [0x8E, 0xAD, 0xE8, 0x01, 0, 0, 0, 0];

    /// <summary>rpm allows 65,535 and 256 MiB; no real package comes near either, and a reader has to hold the header in memory.</summary>
    private const int MaxEntries = 65_535;
    private const int MaxData = 64 * 1024 * 1024;
    private const int MaxSignatureEntries = 32;
    private const int FirstOrdinaryTag = 100;

    private readonly string _path;
    private readonly long _offset;
    private readonly int _region;

    /// <param name="path">For messages.</param>
    /// <param name="offset">Where the header starts in the file.</param>
    /// <param name="region"><see cref="RpmTag.HeaderSignatures"/> or <see cref="RpmTag.HeaderImmutable"/>.</param>
    internal RpmHeaderParser(string path, long offset, int region) => (_path, _offset, _region) = (path, offset, region);

    /// <summary>How many bytes the whole header has, from its first 16; within the limits, so that it can be allocated.</summary>
    internal int MeasureFrom(ReadOnlySpan<byte> intro)
    {
        if (!intro.StartsWith(Magic.AsSpan()))
        {
            throw Failure("it does not start with the magic of a header");
        }

        var (entries, data) = (BinaryPrimitives.ReadUInt32BigEndian(intro[8..]), BinaryPrimitives.ReadUInt32BigEndian(intro[12..]));
        var most = _region is RpmTag.HeaderSignatures ? MaxSignatureEntries : MaxEntries;
        return (entries, data) switch
        {
            _ when entries is 0 || entries > most => throw Failure($"it claims {entries} entries, allowed are 1 to {most}"),
            _ when data > MaxData => throw Failure($"it claims {data} bytes of data, allowed are {MaxData}"),
            _ => IntroLength + (int)entries * EntryLength + (int)data,
        };
    }

    /// <summary>Checks everything and gives the header as a value.</summary>
    internal RpmHeader Parse(ReadOnlyMemory<byte> bytes)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(bytes.Span[8..]);
        var dataStart = IntroLength + count * EntryLength;
        var hasRegion = new Raw(bytes.Span[IntroLength..]).Tag < FirstOrdinaryTag;
        var dataEnd = hasRegion ? CheckRegion(bytes.Span, count, dataStart) : bytes.Length;

        var entries = ImmutableArray.CreateBuilder<RpmEntry>(count);
        var tags = new HashSet<int>(count);
        var end = dataStart;
        for (var index = hasRegion ? 1 : 0; index < count; index++)
        {
            var entry = ParseEntry(bytes.Span, index, dataStart, dataEnd);
            if (entry.Start < end || !tags.Add(entry.Tag))
            {
                throw Failure(entry.Start < end ? $"the data of tag {entry.Tag} overlaps what is before it" : $"tag {entry.Tag} is there twice");
            }

            end = entry.Start + entry.Length;
            entries.Add(entry);
        }

        return new RpmHeader(_path, _offset, bytes, entries.DrainToImmutable()) { HasRegion = hasRegion };
    }

    /// <summary>The first entry names the region, and the region's trailer must be the last 16 bytes of the data.</summary>
    private int CheckRegion(ReadOnlySpan<byte> bytes, int count, int dataStart)
    {
        var first = new Raw(bytes[IntroLength..]);
        if (first.Tag != _region || first.Type != (int)RpmType.Binary || first.Count != EntryLength)
        {
            throw Failure($"it has no region {_region}");
        }

        var trailerStart = bytes.Length - EntryLength;
        if (trailerStart < dataStart || first.Offset != trailerStart - dataStart)
        {
            throw Failure("its region does not span all of its data");
        }

        // The trailer's offset counts backwards over the index. Old signature headers name their region 61 there.
        const int oldImage = 61;
        var trailer = new Raw(bytes[trailerStart..]);
        var named = trailer.Tag == _region || (_region is RpmTag.HeaderSignatures && trailer.Tag is oldImage);
        return named && trailer.Type is (int)RpmType.Binary && trailer.Count is EntryLength && trailer.Offset == -count * EntryLength
            ? trailerStart
            : throw Failure("the trailer of its region is wrong");
    }

    private RpmEntry ParseEntry(ReadOnlySpan<byte> bytes, int index, int dataStart, int dataEnd)
    {
        var raw = new Raw(bytes[(IntroLength + index * EntryLength)..]);
        var (type, size) = ((RpmType)raw.Type, dataEnd - dataStart);
        if (raw.Tag < FirstOrdinaryTag || type is <= RpmType.Null or > RpmType.I18nString)
        {
            throw Failure($"entry {index} has tag {raw.Tag} and type {raw.Type}");
        }

        if (raw.Count <= 0 || raw.Count > size || raw.Offset < 0 || raw.Offset >= size || raw.Offset % Alignment(type) is not 0)
        {
            throw Failure($"tag {raw.Tag} has {raw.Count} values at {raw.Offset}, which is not inside its data");
        }

        var data = bytes[(dataStart + raw.Offset)..dataEnd];
        var length = LengthOf(data, type, raw.Count);
        return length > 0 && length <= data.Length
            ? new RpmEntry(raw.Tag, type, raw.Count, dataStart + raw.Offset, (int)length)
            : throw Failure($"the data of tag {raw.Tag} does not end inside the header");
    }

    private static long LengthOf(ReadOnlySpan<byte> data, RpmType type, int count)
    {
        switch (type)
        {
            case RpmType.Int16 or RpmType.Int32 or RpmType.Int64:
                return (long)count * Alignment(type);
            case RpmType.Char or RpmType.Int8 or RpmType.Binary:
                return count;
            case RpmType.String when count is not 1:
                return -1;
        }

        var length = 0;
        for (; count > 0; count--)
        {
            var end = data[length..].IndexOf((byte)0);
            if (end < 0)
            {
                return -1;
            }

            length += end + 1;
        }

        return length;
    }

    private static int Alignment(RpmType type) => type switch
    {
        RpmType.Int16 => 2,
        RpmType.Int32 => 4,
        RpmType.Int64 => 8,
        _ => 1,
    };

    private ReleaseException Failure(string why) =>
        Malformed.Rpm(_path, $"in the {(_region is RpmTag.HeaderSignatures ? "signature" : "main")} header at byte {_offset}: {why}");

    [StructLayout(LayoutKind.Auto)]
    private readonly ref struct Raw(ReadOnlySpan<byte> entry)
    {
        internal readonly int Tag = BinaryPrimitives.ReadInt32BigEndian(entry);
        internal readonly int Type = BinaryPrimitives.ReadInt32BigEndian(entry[4..]);
        internal readonly int Offset = BinaryPrimitives.ReadInt32BigEndian(entry[8..]);
        internal readonly int Count = BinaryPrimitives.ReadInt32BigEndian(entry[12..]);
    }
}
