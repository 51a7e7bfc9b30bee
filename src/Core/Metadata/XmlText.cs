using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Xml;

namespace DotnetRelease.Metadata;

/// <summary>Puts together a fragment of XML as UTF-8. Repository metadata is large and simple; this is a fifth of the work of an XmlWriter.</summary>
internal sealed class XmlText
{
    private static readonly SearchValues<char> InText = SearchValues.Create("&<>\r");
    private static readonly SearchValues<char> InAttribute = SearchValues.Create("&<>\"\t\n\r");

    private readonly ArrayBufferWriter<byte> _bytes = new(8 * 1024);

    /// <summary>Markup, as it is.</summary>
    internal XmlText Raw(ReadOnlySpan<byte> utf8)
    {
        _bytes.Write(utf8);
        return this;
    }

    /// <summary>Character data.</summary>
    internal XmlText Text(string text) => Escaped(text, InText);

    /// <summary>A number.</summary>
    internal XmlText Number(long value)
    {
        const int longest = 20;
        Utf8Formatter.TryFormat(value, _bytes.GetSpan(longest), out var count);
        _bytes.Advance(count);
        return this;
    }

    /// <summary><c> name="value"</c>.</summary>
    internal XmlText Attribute(ReadOnlySpan<byte> name, string value) =>
        Raw(" "u8).Raw(name).Raw("=\""u8).Escaped(value, InAttribute).Raw("\""u8);

    /// <summary><c> name="value"</c>.</summary>
    internal XmlText Attribute(ReadOnlySpan<byte> name, long value) =>
        Raw(" "u8).Raw(name).Raw("=\""u8).Number(value).Raw("\""u8);

    /// <summary>An element of its own line that holds only text, empty text included.</summary>
    internal XmlText Line(ReadOnlySpan<byte> indent, ReadOnlySpan<byte> name, string text) =>
        Raw(indent).Raw("<"u8).Raw(name).Raw(">"u8).Text(text).Raw("</"u8).Raw(name).Raw(">\n"u8);

    /// <summary>What was put together; the next fragment starts empty.</summary>
    internal byte[] Take()
    {
        var bytes = _bytes.WrittenSpan.ToArray();
        _bytes.ResetWrittenCount();
        return bytes;
    }

    private XmlText Escaped(ReadOnlySpan<char> text, SearchValues<char> special)
    {
        // Unicode, but no XML characters.
        for (int at; (at = text.IndexOfAny('\uFFFE', '\uFFFF')) >= 0; text = text[(at + 1)..])
        {
            Escaped(text[..at], special);
        }

        for (int at; (at = text.IndexOfAny(special)) >= 0; text = text[(at + 1)..])
        {
            Encoding.UTF8.GetBytes(text[..at], _bytes);
            Raw(Escape(text[at]));
        }

        Encoding.UTF8.GetBytes(text, _bytes);
        return this;
    }

    private static ReadOnlySpan<byte> Escape(char character) => character switch
    {
        '&' => "&amp;"u8,
        '<' => "&lt;"u8,
        '>' => "&gt;"u8,
        '"' => "&quot;"u8,
        '\t' => "&#9;"u8,
        '\n' => "&#10;"u8,
        _ => "&#13;"u8,
    };

    /// <summary>Reader settings for foreign XML: no DTD, nothing fetched, a cap on the size.</summary>
    internal static XmlReaderSettings Strict(long limit) => new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = limit,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = false,
    };
}
