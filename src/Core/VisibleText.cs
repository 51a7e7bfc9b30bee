using System.Globalization;
using System.Text;

namespace DotnetRelease;

/// <summary>
/// Words of foreign programs before a person or a CI job reads them. What would move the cursor, rename the window, hide a line or turn the
/// direction of writing is shown as <c>\xNN</c> or <c>\uNNNN</c>, and what GitHub's runner would take for a command of ours gets a backslash.
/// </summary>
internal static class VisibleText
{
    /// <summary>The text with its line ends and tabs. A text that is harmless comes back as it is.</summary>
    internal static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsHarmless(text) ? text : Rewrite(text);
    }

    private static bool IsHarmless(string text)
    {
        foreach (var character in text)
        {
            if (IsHidden(character))
            {
                return false;
            }
        }

        return !text.Contains("::", StringComparison.Ordinal) && !text.Contains("##[", StringComparison.Ordinal);
    }

    /// <summary>The runner reads <c>::</c> at the beginning of a line, and <c>##[</c> anywhere in it.</summary>
    private static string Rewrite(string text)
    {
        var visible = new StringBuilder(text.Length + 16);
        var begins = true;
        for (var at = 0; at < text.Length; at++)
        {
            var character = text[at];
            if ((begins && Continues(text, at, "::")) || Continues(text, at, "##["))
            {
                visible.Append('\\');
            }

            begins = character is '\n' || (begins && char.IsWhiteSpace(character));
            _ = character is '\r' && Continues(text, at, "\r\n") ? visible
                : !IsHidden(character) ? visible.Append(character)
                : character <= byte.MaxValue ? visible.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}")
                : visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        }

        return visible.ToString();
    }

    private static bool Continues(string text, int at, string words) => string.CompareOrdinal(text, at, words, 0, words.Length) is 0;

    private static bool IsHidden(char character) => character is not ('\n' or '\t')
        && (char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
