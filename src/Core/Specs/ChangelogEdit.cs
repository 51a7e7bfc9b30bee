using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace DotnetRelease.Specs;

/// <summary>
/// Writes a <c>%changelog</c> entry in the style of the newest one. A spec without a changelog, or with rpmautospec's, gets none.
/// </summary>
internal static class ChangelogEdit
{
    /// <summary>Name of this edit among the changes.</summary>
    public const string What = "%changelog";

    private const int Width = 80;

    public static void Apply(SpecDraft draft, SpecUpdateRequest request, ImmutableArray<FollowedSource> sources)
    {
        var section = draft.Changelog;
        var lines = draft.Lines.Take(section).Select(line => line.Text).ToList();
        if (request.Author is not { } author || lines.Count is 0
            || lines.Exists(line => line.Contains("autochangelog", StringComparison.Ordinal)))
        {
            return;
        }

        var style = ChangelogStyle.Of(lines);
        var reading = draft.Spec.Read(SpecFacts.For("", null));
        var (version, release) = (reading.Find("Version")!, reading.Find("Release")!);
        if (!Lacks(style, draft.Changes.Count > 0, version.Value, release))
        {
            return;
        }

        var epoch = reading.Find("Epoch") is { IsComplete: true } tag ? tag.Value + ":" : "";
        var evr = epoch + version.Value + (release.IsComplete && !style.OnlyVersion ? "-" + release.Value : "");

        // rpm refuses a changelog whose dates do not fall.
        var date = style.Newest is { } newest && newest > author.Date ? newest : author.Date;
        List<string> entry = [style.Header(author with { Date = date }, evr), .. Body(style, request, sources, version.Value)];
        if (style.Newest is not null && style.BlankBetween)
        {
            entry.Add("");
        }

        draft.Insert(section.Start.Value + 1, [.. entry.Select(SpecLine.FromText)], What);
    }

    /// <summary>
    /// After an edit the newest entry has to name the new version and release. Without an edit only a version that nobody wrote an entry for
    /// counts: a release that the maintainer raised by hand is the maintainer's to explain.
    /// </summary>
    private static bool Lacks(ChangelogStyle style, bool edited, string version, SpecTag release)
    {
        if (style.NewestEvr is not { } evr)
        {
            return edited;
        }

        var colon = evr.IndexOf(':', StringComparison.Ordinal);
        var parts = evr[(colon + 1)..].Split('-', 2);
        if (!string.Equals(parts[0], version, StringComparison.Ordinal))
        {
            return true;
        }

        // "%{?dist}" counts as empty here, so "1.fc43" in the entry has to count as "1".
        return edited && release.IsComplete && parts.Length is 2
            && !string.Equals(parts[1], release.Value, StringComparison.Ordinal)
            && !parts[1].StartsWith(release.Value + ".", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Body(ChangelogStyle style, SpecUpdateRequest request, ImmutableArray<FollowedSource> sources, string version)
    {
        var bumps = request.Packages.Select(package => Describe(package, sources)).Where(text => text is not null).ToList();
        var line = new StringBuilder($"{style.Bullet}Update to {version}");
        for (var at = 0; at < bumps.Count; at++)
        {
            var item = (at is 0 ? "(" : "") + bumps[at] + (at == bumps.Count - 1 ? ")" : ",");
            if (line.Length + 1 + item.Length > Width && at > 0)
            {
                yield return line.ToString();
                line.Clear().Append(' ', Math.Max(style.Bullet.Length - 1, 0));
            }

            line.Append(' ').Append(item);
        }

        yield return line.ToString();
    }

    // What the spec had is what the RPM had; the old lock answers where the spec names no file of the package.
    private static string? Describe(FollowedPackage package, ImmutableArray<FollowedSource> sources)
    {
        var inSpec = sources
            .Where(source => source.Package == package)
            .Select(source => Lockfiles.WheelName.TryParse(source.OldName, out var wheel) ? wheel.Version : null)
            .FirstOrDefault(version => version is not null);
        var old = inSpec ?? string.Join(" and ", package.Old.Select(version => version.Version).Distinct(StringComparer.Ordinal));
        return old.Length is 0 || string.Equals(old, package.New.Version, StringComparison.Ordinal)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{package.Name} {old} -> {package.New.Version}");
    }
}
