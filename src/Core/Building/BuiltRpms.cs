using System.Collections.Immutable;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>What a build gave: exactly the packages that the plan promises, read whole and undamaged.</summary>
/// <param name="Files">Sorted by NEVRA; in the job's work folder.</param>
/// <param name="Times">How long it took.</param>
public sealed record BuiltRpms(ImmutableArray<RpmFile> Files, BuildTimes Times)
{
    /// <summary>The packages that were installed in the root in which they were built.</summary>
    public required RootPackages Root { get; init; }
}
