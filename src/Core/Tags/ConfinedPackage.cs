using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Tags;

/// <summary>What of an RPM matters to a confinement.</summary>
/// <param name="FileName">For messages.</param>
/// <param name="Name">Name of the package.</param>
/// <param name="Source">Name of the source package it was built from.</param>
internal sealed record ConfinedPackage(string FileName, string Name, string Source)
{
    /// <summary>What it runs when it, or another package, is installed.</summary>
    internal ImmutableArray<string> Scriptlets { get; init; } = [];

    /// <summary>
    /// Names of other packages for which it stands in, or which it removes: an update would install it in their place. Capabilities with
    /// parentheses, such as libraries, are made by rpm itself and are not names of packages.
    /// </summary>
    internal ImmutableArray<string> Claims { get; init; } = [];

    internal static ConfinedPackage Of(RpmPackage package) => new(package.Nevra.FileName, package.Nevra.Name, SourceOf(package))
    {
        Scriptlets = RpmScriptlet.In(package),
        Claims =
        [
            .. from kind in (RpmDependencyKind[])[RpmDependencyKind.Provides, RpmDependencyKind.Obsoletes, RpmDependencyKind.Conflicts]
               from relation in package.Dependencies(kind)
               where !relation.Name.Contains('(', StringComparison.Ordinal) && !relation.Name.StartsWith('/')
               select relation.Name,
        ],
    };

    /// <summary><c>name-version-release.src.rpm</c> without its end.</summary>
    private static string SourceOf(RpmPackage package)
    {
        var file = package.SourceRpm ?? "";
        var release = file.LastIndexOf('-');
        var version = release > 0 ? file.LastIndexOf('-', release - 1) : -1;
        return package.IsSource || version <= 0 ? package.Nevra.Name : file[..version];
    }
}
