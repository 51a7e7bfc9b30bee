using System.Globalization;
using System.Text;

namespace DotnetRelease.Toml;

/// <summary>The way to a value in words. Only failures ask for it, so it is looked up and not carried along.</summary>
internal static class TomlPath
{
    public static string Of(TomlValue value)
    {
        var steps = new Stack<string>();
        for (var (at, parent) = (value, value.Parent); parent is not null; (at, parent) = (parent, parent.Parent))
        {
            steps.Push(Step(parent, at));
        }

        return string.Concat(steps).TrimStart('.');
    }

    /// <summary>Whether a key can be written without quotes.</summary>
    public static bool IsBare(ReadOnlySpan<char> key)
    {
        foreach (var c in key)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return key.Length > 0;
    }

    /// <summary>A text for a message: control and invisible characters cannot play tricks with the terminal.</summary>
    public static string Escape(string text)
    {
        const int enough = 80;
        var shown = new StringBuilder();
        foreach (var c in text.Length > enough ? text.AsSpan(0, enough) : text)
        {
            _ = char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
                ? shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}")
                : shown.Append(c);
        }

        return shown.Append(text.Length > enough ? "…" : "").ToString();
    }

    private static string Step(TomlValue parent, TomlValue child)
    {
        if (parent is TomlArray array)
        {
            for (var i = 0; i < array.Items.Count; i++)
            {
                if (ReferenceEquals(array.Items[i], child))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"[{i}]");
                }
            }
        }

        foreach (var entry in ((TomlTable)parent).Entries)
        {
            if (ReferenceEquals(entry.Value, child))
            {
                return IsBare(entry.Key) ? $".{entry.Key}" : $".\"{Escape(entry.Key)}\"";
            }
        }

        throw new InvalidOperationException("A value is not in its own parent.");
    }
}
