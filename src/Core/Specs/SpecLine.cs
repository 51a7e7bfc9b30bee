using System.Text;

namespace DotnetRelease.Specs;

/// <summary>One line of a spec with its own line ending; all lines together give the file back byte by byte.</summary>
/// <param name="Text">One character per byte (Latin-1), so that bytes of any encoding survive.</param>
/// <param name="Ending"><c>\n</c>, <c>\r\n</c>, or empty at the end of a file without a final newline.</param>
internal readonly record struct SpecLine(string Text, string Ending)
{
    public static List<SpecLine> Split(string text)
    {
        List<SpecLine> lines = [];
        var start = 0;
        while (start < text.Length)
        {
            var newline = text.IndexOf('\n', start);
            var next = newline < 0 ? text.Length : newline + 1;
            var end = newline < 0 ? next : newline > start && text[newline - 1] is '\r' ? newline - 1 : newline;
            lines.Add(new SpecLine(text[start..end], text[end..next]));
            start = next;
        }

        return lines;
    }

    public static string Join(IEnumerable<SpecLine> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.Append(line.Text).Append(line.Ending);
        }

        return text.ToString();
    }

    /// <summary>Bytes to the one-character-per-byte form.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>The one-character-per-byte form back to bytes.</summary>
    public static byte[] ToBytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>Ordinary text to the one-character-per-byte form of its UTF-8 bytes.</summary>
    public static string FromText(string text) => text.All(char.IsAscii) ? text : FromBytes(Encoding.UTF8.GetBytes(text));

    /// <summary>The one-character-per-byte form as a person reads it.</summary>
    public static string ToText(string latin) => latin.All(char.IsAscii) ? latin : Encoding.UTF8.GetString(ToBytes(latin));
}
