using System.Text.RegularExpressions;

namespace DotnetRelease.GitHub;

/// <summary>A changelog in Markdown, one heading for each version, such as <c>## [1.2.0] - 2026-01-31</c> or <c># v1.2.0</c>.</summary>
/// <param name="text">The file.</param>
public sealed partial class Changelog(string text)
{
    private readonly string[] _lines = text.ReplaceLineEndings("\n").Split('\n');

    /// <summary>The section of a version, without its heading; null when there is none.</summary>
    public ChangelogSection? Find(string version)
    {
        // Not a part of another version: 1.2 is not in 1.2.1, 11.2 or 1.2-rc1.
        var named = new Regex($@"(?<![\w.+-])v?{Regex.Escape(version)}(?![\w+]|[.-]\w)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));
        ChangelogSection? found = null;
        foreach (var (line, level, title) in Headings())
        {
            // A link behind a title often compares two versions.
            if (found is null && named.IsMatch(LinkTarget().Replace(title, "]")))
            {
                found = new ChangelogSection("", line, _lines.Length) { Level = level };
            }
            else if (found is not null && level <= found.Level)
            {
                found = found with { Last = line - 1 };
                break;
            }
        }

        return found is null ? null : found with { Text = string.Join('\n', _lines[found.First..found.Last]).Trim('\n') };
    }

    /// <summary>The titles of all headings, for a message.</summary>
    public IEnumerable<string> Titles() => Headings().Select(heading => heading.Title);

    private IEnumerable<(int Line, int Level, string Title)> Headings()
    {
        string? fence = null;
        for (var i = 0; i < _lines.Length; i++)
        {
            var line = _lines[i];
            if (fence is not null)
            {
                fence = line.TrimStart().StartsWith(fence, StringComparison.Ordinal) ? null : fence;
            }
            else if (Fence().Match(line) is { Success: true } opened)
            {
                fence = opened.Groups["marks"].Value;
            }
            else if (Heading().Match(line) is { Success: true } match)
            {
                yield return (i + 1, match.Groups["marks"].Length, match.Groups["title"].Value.Trim());
            }
        }
    }

    [GeneratedRegex("^ {0,3}(?<marks>#{1,6})[ \t]+(?<title>.+?)[ \t#]*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex LinkTarget();

    [GeneratedRegex("^ {0,3}(?<marks>```|~~~)", RegexOptions.ExplicitCapture)]
    private static partial Regex Fence();
}

/// <summary>The section of one version.</summary>
/// <param name="Text">Without the heading and blank lines around it.</param>
/// <param name="First">Line of the heading, from 1.</param>
/// <param name="Last">Its last line.</param>
public sealed record ChangelogSection(string Text, int First, int Last)
{
    internal int Level { get; init; }
}
