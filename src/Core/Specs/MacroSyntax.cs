namespace DotnetRelease.Specs;

/// <summary>Where macros begin and end in a text.</summary>
internal static class MacroSyntax
{
    /// <summary>The index of the bracket that closes the one at <paramref name="open"/>, or -1. Brackets of other kinds are not counted, as in rpm.</summary>
    public static int Close(string text, int open)
    {
        var (opening, closing) = text[open] switch
        {
            '{' => ('{', '}'),
            '(' => ('(', ')'),
            _ => ('[', ']'),
        };
        var depth = 0;
        for (var at = open; at < text.Length; at++)
        {
            if (text[at] is '\\')
            {
                at++;
            }
            else if (text[at] == opening)
            {
                depth++;
            }
            else if (text[at] == closing && --depth is 0)
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>The macro name after a bare <c>%</c>; empty when there is none, as in <c>100% sure</c>.</summary>
    public static string NameAt(string text, int start)
    {
        if (start < text.Length && text[start] is '?' or '!')
        {
            // "%?name" and "%!?name" are rare; leaving them whole keeps them from being read as something else.
            return "";
        }

        return WordAt(text, start);
    }

    /// <summary>Letters, digits and underscores from <paramref name="start"/> on, not starting with a digit.</summary>
    public static string WordAt(string text, int start)
    {
        var end = start;
        while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] is '_' || (end > start && char.IsAsciiDigit(text[end]))))
        {
            end++;
        }

        return text[start..end];
    }

    /// <summary>The last <c>/</c> outside of braces, which is where rpm takes a source's file name from; -1 when there is none.</summary>
    public static int LastSlash(string text)
    {
        var last = -1;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is '/')
            {
                last = at;
            }
            else if (text[at] is '%' && at + 1 < text.Length && text[at + 1] is '{' or '(' or '[' && Close(text, at + 1) is > 0 and var end)
            {
                at = end;
            }
        }

        return last;
    }

    /// <summary>Puts <c>%{…}</c> in the place of everything that is more than the name of a macro, for texts that people and programs compare.</summary>
    public static string HideCode(string text)
    {
        var shown = new System.Text.StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is not '%' || at + 1 >= text.Length || text[at + 1] is not ('{' or '(' or '['))
            {
                shown.Append(text[at]);
                continue;
            }

            var close = Close(text, at + 1);
            var end = close < 0 ? text.Length - 1 : close;
            var isPlain = close > 0 && text[at + 1] is '{' && text[(at + 2)..close].All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '?' or '!');
            shown.Append(isPlain ? text[at..(end + 1)] : "%{…}");
            at = end;
        }

        return shown.ToString();
    }
}
