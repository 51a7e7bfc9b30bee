using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>What a build gave: exactly the packages that the plan promises, read whole and undamaged.</summary>
/// <param name="Files">Sorted by NEVRA; in the job's work folder.</param>
/// <param name="Times">How long it took.</param>
public sealed record BuiltRpms(ImmutableArray<RpmFile> Files, BuildTimes Times);
