using System.Globalization;
using System.Text;

namespace DotnetRelease.WheelFiles;

/// <summary>Names inside an archive: relative paths that mean the same on every system and to every reader.</summary>
internal static class MemberName
{
    private const int LongestSegment = 255, LongestPath = 4096;

    /// <summary>Why a name is refused, as the end of a sentence about it; null for a good name. A folder's ends with a slash.</summary>
    public static string? Refuse(string name)
    {
        var path = name.EndsWith('/') ? name[..^1] : name;
        return path switch
        {
            ['/', ..] => "has an absolute path",
            { Length: > LongestPath } => $"has a path of more than {LongestPath} characters",
            _ when path.Contains('\\', StringComparison.Ordinal) => "has a backslash, which some readers take for a separator",
            _ when path.Any(IsInvisible) => "has a control character",
            _ => path.Split('/').Select(RefuseSegment).FirstOrDefault(why => why is not null),
        };
    }

    /// <summary>The name for a message: what cannot be seen is written as a number.</summary>
    public static string Show(string name) =>
        string.Concat(name.Take(LongestSegment).Select(c => IsInvisible(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString()));

    private static string? RefuseSegment(string segment) => segment switch
    {
        "" => "has an empty segment",
        "." or ".." => "leaves its place by a segment of dots",
        _ when Encoding.UTF8.GetByteCount(segment) > LongestSegment => $"has a segment of more than {LongestSegment} bytes",
        _ => null,
    };

    private static bool IsInvisible(char c) => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
