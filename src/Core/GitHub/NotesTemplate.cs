using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace DotnetRelease.GitHub;

/// <summary>Notes with places to fill: <c>{tag}</c>, <c>{version}</c>, <c>{project}</c>, <c>{changelog}</c>, <c>{pulls}</c>.</summary>
/// <param name="text">The template.</param>
public sealed partial class NotesTemplate(string text)
{
    /// <summary>The places that the template has, so that nothing is fetched that it does not show.</summary>
    public ImmutableHashSet<string> Places => [.. Place().Matches(text).Select(match => match.Groups["name"].Value)];

    /// <summary>The notes. What is filled in is not looked at for places again.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.NotesMissing"/>: the template has a place that nothing fills.</exception>
    public string Fill(IReadOnlyDictionary<string, string> values) => Place().Replace(text, match => values.TryGetValue(match.Groups["name"].Value, out var value)
        ? value
        : throw new ReleaseException(Fault.NotesMissing, $"The template of the notes has the unknown place '{match.Value}'.")
        {
            Remedy = $"Known are {string.Join(", ", values.Keys.Order(StringComparer.Ordinal).Select(name => $"{{{name}}}"))}.",
        });

    /// <summary>A list of merged pull requests in Markdown. Titles are other people's words: one line, no comment, no marker of ours.</summary>
    public static string Of(IEnumerable<PullRequest> pulls) => string.Join('\n', pulls.Select(pull =>
    {
        var fixes = pull.Fixes.IsEmpty ? "" : $", fixes {string.Join(", ", pull.Fixes.Select(issue => $"#{issue}"))}";
        var title = new string([.. pull.Title.Select(c => char.IsControl(c) ? ' ' : c)]).Replace("<!--", "&lt;!--", StringComparison.Ordinal).Trim();
        return $"- {title} (#{pull.Number}{fixes}){(pull.Author.Length > 0 ? $" by @{pull.Author}" : "")}";
    }));

    [GeneratedRegex("(?<!\\{)\\{(?<name>[a-z-]{1,32})\\}(?!\\})", RegexOptions.ExplicitCapture)]
    private static partial Regex Place();
}
