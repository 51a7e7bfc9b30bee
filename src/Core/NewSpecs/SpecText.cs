using System.Text;

namespace DotnetRelease.NewSpecs;

/// <summary>Other people's words in a spec, where a percent sign would be a macro that runs code, and a line end would be a tag.</summary>
internal static class SpecText
{
    private const int Width = 78;

    /// <summary>One line of plain text.</summary>
    public static string Line(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune))
            {
                line.Append(line.Length is 0 || line[^1] is ' ' ? "" : " ");
            }
            else
            {
                line.Append(rune.Value is '%' ? "%%" : rune.ToString());
            }
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>Lines of at most 78 characters, each with a prefix; a longer word stays whole.</summary>
    public static IEnumerable<string> Wrap(string text, string prefix = "", string? first = null)
    {
        var line = new StringBuilder(first ?? prefix);
        var isEmpty = true;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear().Append(prefix);
                isEmpty = true;
            }

            line.Append(isEmpty ? "" : " ").Append(word);
            isEmpty = false;
        }

        yield return line.ToString().TrimEnd();
    }

    /// <summary>A path of <c>%files</c>: what has a meaning there, or is no plain character, is matched by a star.</summary>
    public static string Path(string path) => string.Concat(path.Select(c => c is '/' || SafeName.IsPlain($"{c}", "._+~-") ? $"{c}" : "*"));

    /// <summary>A text in which a version of Python's is written as <c>%{version}</c>, where rpm writes it the same way.</summary>
    public static string WithVersion(string text, string version, string rpmVersion)
    {
        if (version != rpmVersion)
        {
            return text;
        }

        // Only as a whole part between dashes: "1.0" is not to be found in "manylinux_1.0".
        var parts = text.Split('-');
        return string.Join('-', parts.Select((part, at) => at > 0 && part == version ? "%{version}" : part));
    }
}
