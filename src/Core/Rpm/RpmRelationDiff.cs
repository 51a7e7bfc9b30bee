using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>What two packages require, provide, and so on, compared by capability.</summary>
internal static class RpmRelationDiff
{
    private const string OwnVersion = "its own version";

    private static readonly ImmutableArray<(RpmArea Area, RpmDependencyKind Kind)> Kinds =
    [
        (RpmArea.Requires, RpmDependencyKind.Requires),
        (RpmArea.Recommends, RpmDependencyKind.Recommends),
        (RpmArea.Suggests, RpmDependencyKind.Suggests),
        (RpmArea.Supplements, RpmDependencyKind.Supplements),
        (RpmArea.Enhances, RpmDependencyKind.Enhances),
        (RpmArea.Conflicts, RpmDependencyKind.Conflicts),
        (RpmArea.Obsoletes, RpmDependencyKind.Obsoletes),
        (RpmArea.Provides, RpmDependencyKind.Provides),
    ];

    public static IEnumerable<RpmDifference> Of(RpmPackage old, RpmPackage @new) => Kinds.SelectMany(each => OfKind(old, @new, each));

    private static IEnumerable<RpmDifference> OfKind(RpmPackage old, RpmPackage @new, (RpmArea Area, RpmDependencyKind Kind) each)
    {
        var (before, after) = (Conditions(old, each.Kind), Conditions(@new, each.Kind));
        foreach (var name in before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (was, now) = (before.GetValueOrDefault(name), after.GetValueOrDefault(name));
            if (was != now)
            {
                var mayBind = each.Area is RpmArea.Requires or RpmArea.Recommends;
                yield return new(each.Area, name, was, now) { IsNewUpperBound = mayBind && Binds(now) && !Binds(was) };
            }
        }
    }

    /// <summary>The conditions on each capability, as one text.</summary>
    private static Dictionary<string, string> Conditions(RpmPackage package, RpmDependencyKind kind) => package.Dependencies(kind)
        .GroupBy(Capability, StringComparer.Ordinal)
        .ToDictionary(
            group => group.Key,
            group => string.Join(", ", group.Select(one => Condition(one, package.Nevra)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
            StringComparer.Ordinal);

    /// <summary>A rich expression is known by the first capability in it: <c>(python3dist(x) >= 1 with python3dist(x) &lt; 2)</c>.</summary>
    private static string Capability(RpmDependency one) => IsRich(one) ? one.Name.TrimStart('(').Split(' ')[0] : one.Name;

    private static string Condition(RpmDependency one, Nevra own) => IsRich(one) ? one.Name : one.Comparison switch
    {
        null => "any",
        var comparison => $"{Sign(comparison)} {(IsOwn(one.Version, own) ? OwnVersion : one.Version)}",
    };

    private static bool IsRich(RpmDependency one) => one.Name.StartsWith('(');

    private static string Sign(string comparison) => comparison switch
    {
        "LT" => "<",
        "LE" => "<=",
        "GT" => ">",
        "GE" => ">=",
        _ => "=",
    };

    private static bool IsOwn(string version, Nevra own)
    {
        var wanted = Evr.Parse(version);
        return wanted.Version == own.Version && (wanted.Release is null || wanted.Release == own.Release) && (wanted.Epoch ?? own.Epoch) == own.Epoch;
    }

    /// <summary>A version of exactly this package's own is no bound that somebody else's update could meet.</summary>
    private static bool Binds(string? conditions) =>
        conditions?.Split(", ").Any(one => (one.StartsWith('(') ? one.Contains(" <", StringComparison.Ordinal) || one.Contains(" = ", StringComparison.Ordinal) : one[0] is '<' or '=') && !one.EndsWith(OwnVersion, StringComparison.Ordinal)) is true;
}
