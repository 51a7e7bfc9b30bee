using System.Buffers.Binary;
using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>A header of an RPM, put together tag by tag; what it holds may be as strange as a test wants.</summary>
/// <param name="region">62 for the signature header, 63 for the main one.</param>
public sealed class HeaderBytes(int region)
{
    private const int Int16 = 3, Int32 = 4, String = 6, Binary = 7, StringArray = 8, Translated = 9;
    private const int EntryLength = 16;

    private readonly SortedDictionary<int, (int Type, int Count, byte[] Data)> _entries = [];

    /// <summary>One text; ISO-8859-1 when it holds characters above U+FFFF's private use (see <see cref="Encode"/>).</summary>
    public HeaderBytes Text(int tag, string text) => Add(tag, String, 1, Strings([text]));

    /// <summary>One text of the kind that may be translated.</summary>
    public HeaderBytes Translation(int tag, string text) => Add(tag, Translated, 1, Strings([text]));

    /// <summary>Several texts; none leaves the tag out.</summary>
    public HeaderBytes Texts(int tag, IReadOnlyCollection<string> texts) => Add(tag, StringArray, texts.Count, Strings(texts));

    /// <summary>Numbers of four bytes; none leaves the tag out.</summary>
    public HeaderBytes Numbers(int tag, params IReadOnlyCollection<uint> numbers) => Add(tag, Int32, numbers.Count, [.. numbers.SelectMany(number => BigEndian(number))]);

    /// <summary>Numbers of two bytes; none leaves the tag out.</summary>
    public HeaderBytes Shorts(int tag, params IReadOnlyCollection<ushort> numbers) => Add(tag, Int16, numbers.Count, [.. numbers.SelectMany(number => (byte[])[(byte)(number >> 8), (byte)number])]);

    /// <summary>The header as it lies in a file.</summary>
    public byte[] Build()
    {
        var (index, data) = (new MemoryStream(), new MemoryStream());
        foreach (var (tag, (type, count, bytes)) in _entries)
        {
            var alignment = type switch { Int16 => 2, Int32 => 4, _ => 1 };
            data.Write(new byte[-(int)data.Length & (alignment - 1)]);
            Entry(index, tag, type, (int)data.Length, count);
            data.Write(bytes);
        }

        var result = new MemoryStream();
        result.Write([0x8E, 0xAD, 0xE8, 1, 0, 0, 0, 0]);
        result.Write(BigEndian((uint)_entries.Count + 1));
        result.Write(BigEndian((uint)data.Length + EntryLength));
        Entry(result, region, Binary, (int)data.Length, EntryLength);
        result.Write(index.ToArray());
        result.Write(data.ToArray());
        Entry(result, region, Binary, -(_entries.Count + 1) * EntryLength, EntryLength);
        return result.ToArray();
    }

    private HeaderBytes Add(int tag, int type, int count, byte[] data)
    {
        if (count > 0)
        {
            _entries[tag] = (type, count, data);
        }

        return this;
    }

    private static byte[] Strings(IEnumerable<string> texts) => [.. texts.SelectMany(text => Encode(text).Append((byte)0))];

    /// <summary>UTF-8, except that U+E000 to U+E0FF stand for the bytes 0 to 255 themselves: so a text can be no UTF-8 at all.</summary>
    private static IEnumerable<byte> Encode(string text) =>
        text.EnumerateRunes().SelectMany(rune => rune.Value is >= 0xE000 and <= 0xE0FF ? [(byte)rune.Value] : Encoding.UTF8.GetBytes(rune.ToString()));

    private static byte[] BigEndian(uint number)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }

    private static void Entry(MemoryStream stream, params int[] fields)
    {
        foreach (var field in fields)
        {
            stream.Write(BigEndian((uint)field));
        }
    }
}
