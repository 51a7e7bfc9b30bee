using System.Collections.Immutable;

namespace DotnetRelease.Building;

/// <summary>What a spec of ours said in a build about folders of its wheels that are gone or new; see the list of folders in docs/specs.md.</summary>
internal static class UpstreamNews
{
    /// <summary>More are no news but another package.</summary>
    private const int Most = 20;
    private const int LongestLine = 400;
    private static readonly string[] Starts = ["warning: new upstream: ", "warning: gone upstream: "];

    /// <summary>The lines in the order of the logs, without the word that they begin with. What programs of the build printed is foreign text.</summary>
    /// <param name="logFolder">Of the job.</param>
    public static ImmutableArray<string> Read(string logFolder)
    {
        var lines = from path in Directory.EnumerateFiles(logFolder, "*-build.log").Order(StringComparer.Ordinal)
                    from line in File.ReadLines(path)
                    where line.Length < LongestLine && Starts.Any(start => line.StartsWith(start, StringComparison.Ordinal)) && !line.Any(char.IsControl)
                    select line["warning: ".Length..];
        return [.. lines.Distinct(StringComparer.Ordinal).Take(Most)];
    }
}
