using System.Collections.Frozen;
using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// A package without files that requires what other packages require from the distro. Installed before them, it brings everything that needs a
/// network, so that they are installed without one, and what they leave behind can be told from what others brought.
/// </summary>
internal static class RequirementsPackage
{
    /// <summary>Its name, and that of its file without the rest.</summary>
    public const string Name = "dotnet-release-requirements";

    private const uint Comparison = RpmDependency.Less | RpmDependency.Greater | RpmDependency.Equal;

    /// <summary>Of packages that come together; what one of them provides is required from nobody else.</summary>
    /// <param name="packages">Binary packages.</param>
    /// <param name="tools">What is needed besides.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: a header's lists do not fit together.</exception>
    public static RpmDraft Of(ImmutableArray<RpmPackage> packages, params ReadOnlySpan<string> tools)
    {
        var own = packages.SelectMany(package => package.Dependencies(RpmDependencyKind.Provides)).Select(one => one.Name)
            .Concat(packages.SelectMany(package => package.Files).Select(file => file.Path))
            .ToFrozenSet(StringComparer.Ordinal);
        var required = packages.SelectMany(package => package.Dependencies(RpmDependencyKind.Requires))
            .Where(one => (one.Flags & RpmDependency.RpmLib) is 0 && !own.Contains(one.Name))
            .Select(one => one with { Flags = one.Flags & Comparison });
        return new RpmDraft(new Nevra(Name, 0, "1", "1", "noarch"), "What the packages that are checked require", "LicenseRef-None", DateTimeOffset.UnixEpoch)
        {
            Requires =
            [
                .. required.Concat(tools.ToArray().Select(path => new RpmDependency(path, 0, ""))).Distinct()
                    .OrderBy(one => one.Name, StringComparer.Ordinal).ThenBy(one => one.Version, StringComparer.Ordinal).ThenBy(one => one.Flags),
            ],
        };
    }
}
