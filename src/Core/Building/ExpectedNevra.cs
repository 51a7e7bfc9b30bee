namespace DotnetRelease.Building;

/// <summary>
/// A planned NEVRA, in which a macro that only the image can expand (<c>%{?dist}</c>, <c>%(date +%s)</c>) stands for any text.
/// </summary>
internal static class ExpectedNevra
{
    private const string Brackets = "([{";

    /// <summary>
    /// Whether rpmbuild made a package by itself, from the debug information of the others: a spec does not name it, and whether it
    /// comes depends on the distro's macros.
    /// </summary>
    public static bool IsDebugPackage(string name) =>
        name.EndsWith("-debuginfo", StringComparison.Ordinal) || name.EndsWith("-debugsource", StringComparison.Ordinal);

    /// <summary>Whether what the image's rpm says is what the plan promised.</summary>
    public static bool Allows(string planned, string actual)
    {
        var parts = SplitAtMacros(planned);
        if (parts is [var exact])
        {
            return exact == actual;
        }

        // All parts in order, the first at the start and the last at the end, nothing overlapping.
        if (!actual.StartsWith(parts[0], StringComparison.Ordinal))
        {
            return false;
        }

        var position = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            position = actual.IndexOf(part, position, StringComparison.Ordinal);
            if (position < 0)
            {
                return false;
            }

            position += part.Length;
        }

        return actual.Length - parts[^1].Length >= position && actual.EndsWith(parts[^1], StringComparison.Ordinal);
    }

    /// <summary>What stands between the macros; they may hold macros of their own, so brackets are counted.</summary>
    private static List<string> SplitAtMacros(string planned)
    {
        List<string> parts = [];
        var start = 0;
        for (var at = planned.IndexOf('%', StringComparison.Ordinal); at >= 0; at = planned.IndexOf('%', start))
        {
            parts.Add(planned[start..at]);
            start = EndOfMacro(planned, at + 1);
        }

        parts.Add(planned[start..]);
        return parts;
    }

    private static int EndOfMacro(string text, int at)
    {
        if (at == text.Length || Brackets.IndexOf(text[at], StringComparison.Ordinal) is not (>= 0 and var kind))
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '?' or '!'))
            {
                at++;
            }

            return at;
        }

        var (open, close) = (text[at], ")]}"[kind]);
        var depth = 0;
        for (; at < text.Length; at++)
        {
            depth += text[at] == open ? 1 : text[at] == close ? -1 : 0;
            if (depth is 0)
            {
                return at + 1;
            }
        }

        return at;
    }
}
