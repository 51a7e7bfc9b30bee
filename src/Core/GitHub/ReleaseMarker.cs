using System.Text.RegularExpressions;

namespace DotnetRelease.GitHub;

/// <summary>
/// How a draft says that it is ours, and of what: a comment in its notes that no reader sees. Another run finds the draft by it, and
/// refuses one that was made from another commit.
/// </summary>
/// <param name="Tag">The release's tag.</param>
/// <param name="Commit">Full id.</param>
/// <param name="Plan">Digest of what was to be released.</param>
public sealed partial record ReleaseMarker(string Tag, string Commit, Digest Plan)
{
    /// <summary>The comment.</summary>
    public override string ToString() => $"<!-- dotnet-release tag={Tag} commit={Commit} plan={Plan} -->";

    /// <summary>The notes with this marker at their end, in place of an older one.</summary>
    public string AppendTo(string notes)
    {
        ArgumentNullException.ThrowIfNull(notes);
        return $"{Form().Replace(notes.ReplaceLineEndings("\n"), "").TrimEnd()}\n\n{this}".TrimStart('\n');
    }

    /// <summary>The marker in a text, or null.</summary>
    public static ReleaseMarker? Find(string body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Form().Match(body) is { Success: true } match && Digest.TryParse(match.Groups["plan"].Value, out var plan)
            ? new(match.Groups["tag"].Value, match.Groups["commit"].Value, plan)
            : null;
    }

    [GeneratedRegex("<!-- dotnet-release tag=(?<tag>[^\\s<>]{1,256}) commit=(?<commit>[0-9a-f]{40,64}) plan=(?<plan>sha256:[0-9a-f]{64}) -->", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
