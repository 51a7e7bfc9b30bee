using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.NewSpecs;

/// <summary>What the wheels of a spec require of others.</summary>
/// <param name="Written">Requirements (PEP 508) that no other wheel of the spec satisfies, as they are written.</param>
/// <param name="Always">The packages among them that are needed in any case, normalised.</param>
/// <param name="Python">Conditions on <c>python3-devel</c>, such as <c>&gt;= 3.9</c>.</param>
internal sealed partial record Requirements(ImmutableArray<string> Written, ImmutableArray<string> Always, ImmutableArray<string> Python)
{
    public static Requirements Of(IReadOnlyCollection<SpecWheel> wheels)
    {
        var own = wheels.Select(wheel => wheel.File.Package).ToHashSet(StringComparer.Ordinal);
        var all = wheels.SelectMany(wheel => wheel.Metadata.RequiresDist)
            .Select(text => (Text: SpecText.Line(text), Name: Name().Match(text) is { Success: true } match ? PythonName.Normalize(match.Value) : ""))
            .Where(each => each.Name.Length > 0 && !own.Contains(each.Name)
                && !each.Text.Contains("extra ==", StringComparison.Ordinal) && !each.Text.Contains("extra==", StringComparison.Ordinal))
            .ToList();
        return new(
            [.. all.Select(each => each.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            [.. all.Where(each => !each.Text.Contains(';', StringComparison.Ordinal)).Select(each => each.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            [.. wheels.SelectMany(wheel => Conditions(wheel.Metadata.RequiresPython ?? "")).Distinct().OrderBy(each => each.Operator, StringComparer.Ordinal).ThenBy(each => each.Minor).Select(each => $"{each.Operator} 3.{each.Minor}")]);
    }

    // Bounds of Python 3 only: rpm compares no others with python3-devel. "!=3.0.*" and the like are left to the installer.
    private static IEnumerable<(string Operator, int Minor)> Conditions(string specifiers)
    {
        var all = Bound().Matches(specifiers)
            .Select(match => (Operator: match.Groups["operator"].Value, Minor: int.Parse(match.Groups["minor"].Value, CultureInfo.InvariantCulture))).ToList();
        return all.Where(each => each.Operator is ">=").OrderBy(each => each.Minor).TakeLast(1).Concat(all.Where(each => each.Operator is "<").OrderBy(each => each.Minor).Take(1));
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?<operator>>=|<)\s*3\.(?<minor>[0-9]{1,3})(?![0-9])", RegexOptions.ExplicitCapture)]
    private static partial Regex Bound();
}
