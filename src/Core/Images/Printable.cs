using System.Globalization;
using System.Text;

namespace DotnetRelease.Images;

/// <summary>Makes text of a server or an image fit for one line of a terminal or log.</summary>
internal static class Printable
{
    private const int Limit = 400;

    /// <summary>Control characters, line ends and characters that turn the writing direction become <c>\uXXXX</c>; long text is cut.</summary>
    internal static string Of(string text)
    {
        var line = new StringBuilder();
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, Limit)))
        {
            _ = char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
                ? line.Append($"\\u{(int)character:x4}")
                : line.Append(character);
        }

        return text.Length > Limit ? line.Append('…').ToString() : line.ToString();
    }
}
