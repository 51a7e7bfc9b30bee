using System.Globalization;
using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>Writes tar archives byte by byte, so that a test can also write what no honest program would.</summary>
public sealed class TarBuilder
{
    private const int BlockSize = 512;

    private readonly List<byte> _bytes = [];

    /// <summary>A folder, mode 755.</summary>
    public TarBuilder Folder(string name, int mode = 0b111_101_101, long owner = 0) => Entry('5', name, mode: mode, owner: owner);

    /// <summary>A file with a text.</summary>
    public TarBuilder File(string name, string text = "", int mode = 0b110_100_100, long owner = 0) => File(name, Encoding.UTF8.GetBytes(text), mode, owner);

    /// <summary>A file with bytes.</summary>
    public TarBuilder File(string name, byte[] content, int mode = 0b110_100_100, long owner = 0)
    {
        Entry('0', name, size: content.Length, mode: mode, owner: owner);
        return Content(content);
    }

    /// <summary>A symbolic link.</summary>
    public TarBuilder Link(string name, string target) => Entry('2', name, target, mode: 0b111_111_111);

    /// <summary>A hard link.</summary>
    public TarBuilder HardLink(string name, string target) => Entry('1', name, target);

    /// <summary>A pax extended header for the next entry.</summary>
    public TarBuilder Pax(params (string Key, string Value)[] records)
    {
        var text = new MemoryStream();
        foreach (var (key, value) in records)
        {
            var rest = Encoding.UTF8.GetByteCount($" {key}={value}\n");
            var length = rest + 1;
            while (rest + length.ToString(CultureInfo.InvariantCulture).Length != length)
            {
                length++;
            }

            text.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {key}={value}\n")));
        }

        return Extension('x', text.ToArray());
    }

    /// <summary>An entry of GNU's or pax's own types, with its content.</summary>
    public TarBuilder Extension(char type, byte[] content)
    {
        Entry(type, "././@LongLink", size: content.Length);
        return Content(content);
    }

    /// <summary>Any header. Names are Latin-1, so that every byte can be written.</summary>
    public TarBuilder Entry(char type, string name, string link = "", long size = 0, int mode = 0b110_100_100, long owner = 0)
    {
        var block = new byte[BlockSize];
        Encoding.Latin1.GetBytes(name).AsSpan(0, Math.Min(100, name.Length)).CopyTo(block);
        Octal(block.AsSpan(100, 8), mode);
        Number(block.AsSpan(108, 8), owner);
        Number(block.AsSpan(116, 8), owner);
        Number(block.AsSpan(124, 12), size);
        Octal(block.AsSpan(136, 12), 1_600_000_000);
        block[156] = (byte)type;
        Encoding.Latin1.GetBytes(link).AsSpan(0, Math.Min(100, link.Length)).CopyTo(block.AsSpan(157));
        "ustar\0"u8.CopyTo(block.AsSpan(257));
        "00"u8.CopyTo(block.AsSpan(263));
        Sum(block);
        return Raw(block);
    }

    /// <summary>Bytes as they are.</summary>
    public TarBuilder Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Content, filled up to whole blocks.</summary>
    public TarBuilder Content(byte[] content) => Raw(content).Raw(new byte[-content.Length & (BlockSize - 1)]);

    /// <summary>The archive with its end mark.</summary>
    public byte[] Build() => [.. _bytes.ToArray(), .. new byte[2 * BlockSize]];

    /// <summary>The archive without its end mark.</summary>
    public byte[] BuildUnfinished() => _bytes.ToArray();

    /// <summary>Writes the checksum of a header.</summary>
    public static void Sum(Span<byte> block)
    {
        block.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var one in block)
        {
            sum += one;
        }

        Octal(block.Slice(148, 7), sum);
    }

    private static void Number(Span<byte> field, long value)
    {
        var largest = 1L << (3 * (field.Length - 1));
        if (value >= 0 && value < largest)
        {
            Octal(field, value);
            return;
        }

        // GNU's way for what octal digits cannot say.
        for (var i = field.Length - 1; i >= 0; i--)
        {
            field[i] = (byte)value;
            value >>= 8;
        }

        field[0] |= 0x80;
    }

    private static void Octal(Span<byte> field, long value)
    {
        var digits = Convert.ToString(value, 8).PadLeft(field.Length - 1, '0');
        Encoding.ASCII.GetBytes(digits).CopyTo(field);
        field[^1] = 0;
    }
}
