using System.Globalization;

namespace DotnetRelease.Containers;

/// <summary>Finds ids for a container's users that nobody has yet; subuid(5).</summary>
internal static class SubordinateIds
{
    private const long First = 100_000, Count = 65_536;

    /// <summary>The line that gives this user a range, for users and groups the same.</summary>
    internal static string FixLine() => FixLine(Environment.UserName, [.. Lines("/etc/subuid"), .. Lines("/etc/subgid")]);

    /// <inheritdoc cref="FixLine()"/>
    /// <param name="user">Who gets it.</param>
    /// <param name="lines">Of both files.</param>
    internal static string FixLine(string user, IEnumerable<string> lines)
    {
        var start = lines.Select(End).Append(First).Max();
        var range = string.Create(CultureInfo.InvariantCulture, $"{start}-{start + Count - 1}");
        return $"sudo usermod --add-subuids {range} --add-subgids {range} {user}";
    }

    /// <summary>The first id behind the range of a line; a line that has none takes nothing.</summary>
    private static long End(string line) => line.Split(':') is [_, var start, var count]
        && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var many)
            ? from + many
            : 0;

    private static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];
}
