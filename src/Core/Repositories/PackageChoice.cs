using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>Which packages of a repository a person means, and which ones age takes away. Nothing here touches a repository.</summary>
internal static class PackageChoice
{
    /// <summary>The newest of each name and architecture.</summary>
    internal static ImmutableArray<IndexedPackage> Newest(ImmutableArray<IndexedPackage> packages) =>
        [.. Versions(packages).Select(versions => versions.First()).OrderBy(package => package.File.Location, StringComparer.Ordinal)];

    /// <summary>What is left over when the newest versions of each name and architecture are kept.</summary>
    /// <param name="packages">All of them.</param>
    /// <param name="keep">How many versions; at least one.</param>
    internal static ImmutableArray<IndexedPackage> Older(ImmutableArray<IndexedPackage> packages, int keep) =>
        [.. Versions(packages).SelectMany(versions => versions.Skip(keep)).OrderBy(package => package.File.Location, StringComparer.Ordinal)];

    /// <summary>
    /// The packages that names mean. A bare name means its newest version; <c>name-version-release</c> and
    /// <c>name-version-release.arch</c> mean exactly that one.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PackageNotServed"/>: a name means none.</exception>
    internal static ImmutableArray<IndexedPackage> Named(ImmutableArray<IndexedPackage> packages, ImmutableArray<string> names, string where)
    {
        var newest = Newest(packages);
        return
        [
            .. names.SelectMany(name =>
                {
                    var exact = Exactly(packages, name);
                    var found = exact.IsEmpty ? [.. newest.Where(package => string.Equals(package.Nevra.Name, name, StringComparison.Ordinal))] : exact;
                    return found.IsEmpty ? throw NotServed(packages, name, where) : found;
                })
                .DistinctBy(package => package.File.Location, StringComparer.Ordinal)
                .OrderBy(package => package.File.Location, StringComparer.Ordinal),
        ];
    }

    /// <summary>The packages of exactly one version.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PackageNotServed"/>: it is a bare name, or there is none.</exception>
    internal static ImmutableArray<IndexedPackage> Versioned(ImmutableArray<IndexedPackage> packages, string name, string where) =>
        Exactly(packages, name) is { IsEmpty: false } found ? found : throw NotServed(packages, name, where);

    /// <summary>Whether a name with a version means this package.</summary>
    internal static bool IsExactly(Nevra nevra, string name) =>
        string.Equals(nevra.ToString(), name, StringComparison.Ordinal)
        || string.Equals($"{nevra.Name}-{nevra.Version}-{nevra.Release}", name, StringComparison.Ordinal)
        || string.Equals($"{nevra.Name}-{nevra.Epoch}:{nevra.Version}-{nevra.Release}", name, StringComparison.Ordinal);

    private static ImmutableArray<IndexedPackage> Exactly(ImmutableArray<IndexedPackage> packages, string name) =>
    [
        .. packages.Where(package => IsExactly(package.Nevra, name)),
    ];

    private static IEnumerable<IEnumerable<IndexedPackage>> Versions(ImmutableArray<IndexedPackage> packages) =>
        packages.GroupBy(package => (package.Nevra.Name, package.Nevra.Arch)).Select(versions => versions.OrderByDescending(package => Evr.Of(package.Nevra)));

    private static ReleaseException NotServed(ImmutableArray<IndexedPackage> packages, string name, string where)
    {
        var alike = packages.Select(package => package.Nevra).Where(nevra => name.StartsWith(nevra.Name, StringComparison.Ordinal)).Select(nevra => nevra.ToString()).ToList();
        var known = alike.Count > 0 ? alike : [.. packages.Select(package => package.Nevra.Name).Distinct(StringComparer.Ordinal)];
        return new ReleaseException(Fault.PackageNotServed, $"{where} serves no package '{name}'.")
        {
            Remedy = known.Count is 0 ? "It serves no package at all." : $"It serves: {string.Join(", ", known.Take(20))}{(known.Count > 20 ? ", …" : "")}.",
        };
    }
}
