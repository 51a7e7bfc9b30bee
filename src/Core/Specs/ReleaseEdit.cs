using System.Globalization;
using System.Text.RegularExpressions;

namespace DotnetRelease.Specs;

/// <summary>
/// Resets <c>Release:</c> to 1 for a new version. When only sources changed, it is raised instead: a published name never gets other bytes.
/// </summary>
internal static partial class ReleaseEdit
{
    public static void Apply(SpecDraft draft, bool reset)
    {
        var tags = draft.Spec.Read(SpecFacts.None).Tags.Where(tag => tag.Name is "Release").ToList();
        foreach (var tag in tags)
        {
            Edit(draft, tag, reset);
        }
    }

    private static void Edit(SpecDraft draft, SpecTag tag, bool reset)
    {
        // rpmautospec counts commits; a number written here would fight with it.
        if (tag.Raw.Contains("autorelease", StringComparison.Ordinal))
        {
            return;
        }

        var spot = ValueSpot.Of(tag);
        var what = "Release";
        var text = draft.Text(spot);
        if (text.StartsWith('%') && MacroReference.All(text) is [{ Start: 0 } first, ..] && ValueSpot.DefinitionOf(draft, first.Name) is { } definition)
        {
            (spot, what) = ValueSpot.Follow(draft, definition, "%" + first.Name);
            text = draft.Text(spot);
        }

        if (Number().Match(text) is not { Success: true } match)
        {
            draft.Note(tag.Line, $"'Release: {tag.Raw}' has no number that could be {(reset ? "reset to 1" : "raised")}.");
            return;
        }

        var number = reset ? "1" : Raise(match.Value);
        var rest = text[match.Length..];
        draft.Replace(spot, number + MinorRelease().Replace(rest, ""), what);
    }

    private static string Raise(string number)
    {
        // "0.N.rc1" is the old form for prereleases: N is the counter there.
        var parts = number.Split('.');
        var counter = parts.Length > 1 && parts[0] is "0" ? 1 : 0;
        parts[counter] = long.TryParse(parts[counter], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? (value + 1).ToString(CultureInfo.InvariantCulture)
            : parts[counter];
        return string.Join('.', counter is 1 ? parts : [parts[0]]);
    }

    // "3", "3.2", and the old prerelease form "0.1.rc2" with its letters.
    [GeneratedRegex(@"^(0\.[0-9A-Za-z.]*[0-9A-Za-z]|[0-9]+(\.[0-9]+)*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Number();

    // "1%{?dist}.3": the third rebuild for one distro.
    [GeneratedRegex(@"(?<=%\{\?dist\})\.[0-9]+(?=\s*$)", RegexOptions.ExplicitCapture)]
    private static partial Regex MinorRelease();
}
