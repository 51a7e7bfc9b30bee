using System.Collections.Immutable;

namespace DotnetRelease.Planning;

/// <summary>The exact set of packages of a build root.</summary>
public sealed record RootPackages
{
    private RootPackages(ImmutableArray<RootPackage> packages) => All = packages;

    /// <summary>Sorted by NEVRA; each is there once.</summary>
    public ImmutableArray<RootPackage> All { get; }

    /// <summary>Nothing.</summary>
    public static RootPackages Empty { get; } = new([]);

    /// <summary>One digest over all of them: equal when the sets are.</summary>
    public Digest Digest => Digest.Of(string.Join('\n', All.Select(package => $"{package} {package.Header}")));

    /// <summary>A set; one package that is named twice is one package.</summary>
    public static RootPackages Of(IEnumerable<RootPackage> packages) =>
        new([.. packages.Distinct().OrderBy(package => package.ToString(), StringComparer.Ordinal)]);

    /// <summary>Sets are equal when their packages are.</summary>
    public bool Equals(RootPackages? other) => other is not null && All.SequenceEqual(other.All);

    /// <inheritdoc/>
    public override int GetHashCode() => All.Length;
}
