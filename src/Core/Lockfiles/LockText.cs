using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>A lock that is lines of text, with the places for messages.</summary>
/// <param name="Path">As the user or the settings name it.</param>
/// <param name="Lines">Without their ends.</param>
internal sealed record LockText(string Path, string[] Lines)
{
    private const int LongestLine = 64 * 1024;

    /// <summary>Splits a text; control characters, conflict markers and endless lines are refused.</summary>
    public static LockText Of(string text, string path)
    {
        var cursor = new TomlCursor(text, new TomlDocument(path, Fault.LockMalformed) { Syntax = Fault.LockMalformed });
        cursor.RefuseControls();
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        for (var at = 0; at < lines.Length; at++)
        {
            if (lines[at].Length > LongestLine || lines[at].StartsWith("<<<<<<<", StringComparison.Ordinal) || lines[at] is "=======" || lines[at].StartsWith(">>>>>>>", StringComparison.Ordinal))
            {
                throw new ReleaseException(
                    Fault.LockMalformed,
                    lines[at].Length > LongestLine ? $"The line has {lines[at].Length} characters; at most {LongestLine} are read." : "This is a merge-conflict marker; resolve the conflict first.",
                    new SourcePosition(path, at + 1, 1));
            }
        }

        return new(path, lines);
    }

    /// <summary>The place of a line.</summary>
    public SourcePosition At(int line, int column = 0) => new(Path, line + 1, column + 1);

    /// <summary>The failure for a line.</summary>
    public ReleaseException Invalid(int line, int column, string demand) => new(Fault.LockMalformed, demand, At(line, column));
}
