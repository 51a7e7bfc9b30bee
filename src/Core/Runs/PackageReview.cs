using System.Collections.Frozen;
using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>Everything that is looked at in the packages of one build before they are kept.</summary>
/// <param name="workspace">The project.</param>
/// <param name="published">What its users have.</param>
internal sealed class PackageReview(Workspace workspace, PublishedPackages published)
{
    /// <summary>What is wrong with them, package by package; nothing is accepted yet.</summary>
    /// <param name="built">What the build gave.</param>
    /// <param name="target">The distro that they are for.</param>
    /// <param name="spec">Where their spec is.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException">Those of reading a package that was built. What is published may be out of reach.</exception>
    internal async Task<ImmutableArray<Alarm>> FindAsync(BuiltRpms built, TargetSettings target, SourcePosition spec, CancellationToken ct)
    {
        var packages = await Task.WhenAll(built.Files.Select(file => RpmPackage.ReadAsync(file.Path, ct)));
        var paths = packages.Where(package => !package.IsSource).SelectMany(package => package.Files).Select(file => file.Path).ToFrozenSet(StringComparer.Ordinal);
        var found = await Task.WhenAll(packages.Select(package => Task.Run(
            async () => (IEnumerable<Alarm>)
            [
                .. new PackagePolicy(package, spec, DistTag.Of(target)).Alarms(),
                .. new ContentPolicy(package, spec).Alarms(ct),
                .. package.IsSource || ExpectedNevra.IsDebugPackage(package.Nevra.Name) || await published.FindAsync(workspace, target, package.Nevra, ct) is not { } old
                    ? []
                    : new UpdatePolicy(old.Package, package, spec) { Siblings = paths }.Alarms(),
            ],
            ct)));
        return [.. found.SelectMany(alarms => alarms)];
    }
}
