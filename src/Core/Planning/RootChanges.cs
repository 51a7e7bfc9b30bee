using System.Collections.Immutable;

namespace DotnetRelease.Planning;

/// <summary>One package in which two sets differ.</summary>
/// <param name="Slot">Name and architecture.</param>
/// <param name="From">What one set has; null when only the other has it.</param>
/// <param name="To">What the other has; null when it is gone.</param>
public sealed record PackageChange(string Slot, RootPackage? From, RootPackage? To)
{
    /// <summary>Both sides have the same version, but it is not the same package.</summary>
    public bool IsRebuilt => From is not null && To is not null && From.Nevra == To.Nevra;
}

/// <summary>In what two sets of packages differ.</summary>
public static class RootChanges
{
    /// <summary>The differences, sorted by name.</summary>
    public static ImmutableArray<PackageChange> Between(RootPackages from, RootPackages to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var gone = from.All.Except(to.All).ToLookup(package => package.Slot, StringComparer.Ordinal);
        var come = to.All.Except(from.All).ToLookup(package => package.Slot, StringComparer.Ordinal);
        return
        [
            .. gone.Select(slot => slot.Key).Union(come.Select(slot => slot.Key), StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .SelectMany(slot => Pair(slot, [.. gone[slot]], [.. come[slot]])),
        ];
    }

    /// <summary>Of most packages one version is there; of a kernel there may be several, which are taken in their order.</summary>
    private static IEnumerable<PackageChange> Pair(string slot, ImmutableArray<RootPackage> gone, ImmutableArray<RootPackage> come) =>
        Enumerable.Range(0, Math.Max(gone.Length, come.Length)).Select(i => new PackageChange(slot, gone.ElementAtOrDefault(i), come.ElementAtOrDefault(i)));
}
