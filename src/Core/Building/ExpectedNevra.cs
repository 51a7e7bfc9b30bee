using System.Text.RegularExpressions;

namespace DotnetRelease.Building;

/// <summary>
/// A planned NEVRA, in which a macro that only the image can expand (<c>%{?dist}</c>) stands for any text.
/// </summary>
internal static partial class ExpectedNevra
{
    /// <summary>Whether what the image's rpm says is what the plan promised.</summary>
    public static bool Allows(string planned, string actual)
    {
        var parts = Macro().Split(planned);
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

    [GeneratedRegex(@"%\{[^{}]*\}|%\w+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Macro();
}
