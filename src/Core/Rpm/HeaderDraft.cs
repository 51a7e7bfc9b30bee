using System.Buffers.Binary;
using System.Text;

namespace DotnetRelease.Rpm;

/// <summary>
/// A header in the making: values by tag, written in the order of the tags with a region that spans them all.
/// </summary>
/// <param name="region"><see cref="RpmTag.HeaderSignatures"/> or <see cref="RpmTag.HeaderImmutable"/>.</param>
internal sealed class HeaderDraft(int region)
{
    private readonly SortedDictionary<int, Value> _values = [];

    /// <summary>Puts a value in as it stands in another header.</summary>
    internal void Add(RpmHeader header, RpmEntry entry) => _values.Add(entry.Tag, new Value(entry.Type, entry.Count, header.Bytes.Slice(entry.Start, entry.Length)));

    internal void Add(int tag, string text) => _values.Add(tag, new Value(RpmType.String, 1, Encode([text])));

    internal void Add(int tag, IReadOnlyCollection<string> texts) => AddList(tag, RpmType.StringArray, texts);

    /// <summary>Text that could be there in several languages, and is there in none in particular.</summary>
    internal void AddTranslatable(int tag, string text) => AddList(tag, RpmType.I18nString, [text]);

    internal void Add(int tag, ReadOnlyMemory<byte> bytes) => _values.Add(tag, new Value(RpmType.Binary, bytes.Length, bytes));

    internal void Add(int tag, params IReadOnlyCollection<int> numbers)
    {
        if (numbers.Count > 0)
        {
            _values.Add(tag, new Value(RpmType.Int32, numbers.Count, numbers.SelectMany(Bytes).ToArray()));
        }
    }

    internal void AddShort(int tag, IReadOnlyCollection<int> numbers)
    {
        if (numbers.Count > 0)
        {
            _values.Add(tag, new Value(RpmType.Int16, numbers.Count, numbers.SelectMany(number => Bytes(number)[2..]).ToArray()));
        }
    }

    /// <summary>Zeros, to be overwritten later by something that needs the room.</summary>
    internal void AddRoom(int tag, int length) => Add(tag, new byte[length]);

    /// <summary>The header: magic, index, data.</summary>
    internal byte[] ToBytes()
    {
        var data = new MemoryStream();
        var index = new MemoryStream();
        foreach (var (tag, value) in _values)
        {
            while (data.Length % value.Alignment is not 0)
            {
                data.WriteByte(0);
            }

            WriteEntry(index, tag, value.Type, (int)data.Length, value.Count);
            data.Write(value.Data.Span);
        }

        var (count, dataLength) = (_values.Count + 1, (int)data.Length + RpmHeaderParser.EntryLength);
        var header = new MemoryStream();
        header.Write(RpmHeaderParser.Magic.AsSpan());
        header.Write(Bytes(count));
        header.Write(Bytes(dataLength));
        WriteEntry(header, region, RpmType.Binary, (int)data.Length, RpmHeaderParser.EntryLength);
        index.WriteTo(header);
        data.WriteTo(header);
        WriteEntry(header, region, RpmType.Binary, -count * RpmHeaderParser.EntryLength, RpmHeaderParser.EntryLength);
        return header.ToArray();
    }

    /// <summary>With the padding that stands after a signature header.</summary>
    internal byte[] ToPaddedBytes()
    {
        const int unit = 8;
        var header = ToBytes();
        Array.Resize(ref header, (header.Length + unit - 1) & -unit);
        return header;
    }

    private void AddList(int tag, RpmType type, IReadOnlyCollection<string> texts)
    {
        if (texts.Count > 0)
        {
            _values.Add(tag, new Value(type, texts.Count, Encode(texts)));
        }
    }

    private static byte[] Encode(IEnumerable<string> texts) => Encoding.UTF8.GetBytes(string.Concat(texts.Select(text => text + '\0')));

    private static void WriteEntry(MemoryStream stream, int tag, RpmType type, int offset, int count)
    {
        foreach (var number in (ReadOnlySpan<int>)[tag, (int)type, offset, count])
        {
            stream.Write(Bytes(number));
        }
    }

    private static byte[] Bytes(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private sealed record Value(RpmType Type, int Count, ReadOnlyMemory<byte> Data)
    {
        internal int Alignment => Type switch
        {
            RpmType.Int16 => 2,
            RpmType.Int32 => 4,
            RpmType.Int64 => 8,
            _ => 1,
        };
    }
}
