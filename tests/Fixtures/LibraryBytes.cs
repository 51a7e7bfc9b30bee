using System.Buffers.Binary;
using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>
/// A shared library of elf(5) without code, of which rpm's generator makes what it makes of a real one: it has a section table, a name, and names of
/// others that it needs.
/// </summary>
public static class LibraryBytes
{
    private const int Header = 64, Segment = 56, Section = 64, Entry = 16;

    /// <summary>64 bits wide, for x86_64.</summary>
    /// <param name="name">DT_SONAME.</param>
    /// <param name="needed">DT_NEEDED.</param>
    public static byte[] Of(string name, params string[] needed)
    {
        var strings = new MemoryStream();
        strings.WriteByte(0);
        int Text(string text)
        {
            var at = (int)strings.Position;
            strings.Write(Encoding.UTF8.GetBytes(text + '\0'));
            return at;
        }

        List<(long Tag, long Value)> tags = [(14, Text(name)), .. needed.Select(each => (1L, (long)Text(each)))];
        var (dynamicName, stringName) = (Text(".dynamic"), Text(".dynstr"));
        var dynamic = Header + (2 * Segment);
        var text = dynamic + ((tags.Count + 3) * Entry);
        var sections = (text + (int)strings.Length + 7) / 8 * 8;
        tags.AddRange([(5, text), (10, strings.Length), (0, 0)]);

        var bytes = new byte[sections + (3 * Section)];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(bytes);
        Put16(bytes, 16, 3, 62);
        bytes[20] = 1;
        Put64(bytes, 32, Header, sections);
        Put16(bytes, 52, Header, Segment, 2, Section, 3, 2);
        PutSegment(bytes, 0, 1, 0, bytes.Length);
        PutSegment(bytes, 1, 2, dynamic, tags.Count * Entry);
        foreach (var (index, tag) in tags.Index())
        {
            Put64(bytes, dynamic + (index * Entry), tag.Tag, tag.Value);
        }

        strings.ToArray().CopyTo(bytes, text);
        PutSection(bytes, sections + Section, (dynamicName, 6, 2), (dynamic, tags.Count * Entry));
        PutSection(bytes, sections + (2 * Section), (stringName, 3, 0), (text, (int)strings.Length));
        return bytes;
    }

    private static void PutSegment(byte[] bytes, int index, int type, int offset, int length)
    {
        var at = Header + (index * Segment);
        bytes[at] = (byte)type;
        bytes[at + 4] = 6;
        Put64(bytes, at + 8, offset, offset, offset, length, length, 8);
    }

    private static void PutSection(byte[] bytes, int at, (int Name, int Type, int Link) what, (int Offset, int Length) where)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), what.Name);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 4), what.Type);
        Put64(bytes, at + 8, 2, where.Offset, where.Offset, where.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 40), what.Link);
        Put64(bytes, at + 48, 8, what.Type is 6 ? Entry : 0);
    }

    private static void Put16(byte[] bytes, int at, params ReadOnlySpan<int> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + (2 * i)), (ushort)values[i]);
        }
    }

    private static void Put64(byte[] bytes, int at, params ReadOnlySpan<long> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at + (8 * i)), values[i]);
        }
    }
}
