namespace DotnetRelease.Specs;

/// <summary>
/// A line, or the several lines of one macro definition: rpm reads a <c>%global</c> or <c>%define</c> on while braces are open or a line ends
/// with a backslash.
/// </summary>
/// <param name="Line">Index of the first line.</param>
/// <param name="Text">Joined by newlines.</param>
internal readonly record struct SpecStatement(int Line, string Text)
{
    public static IEnumerable<SpecStatement> Split(SpecFile spec)
    {
        for (var line = 0; line < spec.Lines.Length; line++)
        {
            var first = line;
            var text = spec.Lines[line].Text;
            if (MacroDefinition.IsStart(text))
            {
                while (line + 1 < spec.Lines.Length && (text.EndsWith('\\') || OpenBraces(text) > 0))
                {
                    line++;
                    text += "\n" + spec.Lines[line].Text;
                }

                // Braces that stay open to the end of the file are the author's slip and must not swallow the spec.
                if (OpenBraces(text) > 0)
                {
                    (line, text) = (first, spec.Lines[first].Text);
                }
            }

            yield return new SpecStatement(first, text);
        }
    }

    private static int OpenBraces(string text)
    {
        var depth = 0;
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\\':
                    at++;
                    break;
                case '{':
                    depth++;
                    break;
                case '}':
                    depth--;
                    break;
            }
        }

        return depth;
    }
}
