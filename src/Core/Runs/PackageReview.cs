using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>Everything that is looked at in the packages of one build before they are kept.</summary>
internal static class PackageReview
{
    /// <summary>What is wrong with them, package by package; nothing is accepted yet.</summary>
    /// <param name="built">What the build gave.</param>
    /// <param name="spec">Where their spec is.</param>
    /// <param name="dist">What <c>%{?dist}</c> has to be; null when nobody knows.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException">Those of reading a package.</exception>
    internal static async Task<ImmutableArray<Alarm>> FindAsync(BuiltRpms built, SourcePosition spec, string? dist, CancellationToken ct)
    {
        var packages = await Task.WhenAll(built.Files.Select(file => RpmPackage.ReadAsync(file.Path, ct)));
        var found = await Task.WhenAll(packages.Select(package => Task.Run(() => Find(package, spec, dist, ct), ct)));
        return [.. found.SelectMany(alarms => alarms)];
    }

    private static IEnumerable<Alarm> Find(RpmPackage package, SourcePosition spec, string? dist, CancellationToken ct) =>
        [.. new PackagePolicy(package, spec, dist).Alarms(), .. new ContentPolicy(package, spec).Alarms(ct)];
}
