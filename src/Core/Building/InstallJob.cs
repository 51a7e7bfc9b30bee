using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>Packages that are to be installed to see whether that works.</summary>
/// <param name="Build">What they were built by.</param>
/// <param name="Packages">The binary packages, in one folder of this machine.</param>
public sealed record InstallJob(BuildJob Build, ImmutableArray<RpmPackage> Packages)
{
    /// <summary>Packages of other RPMs of the project that these require, in one other folder; installed and removed with them.</summary>
    public ImmutableArray<RpmPackage> Companions { get; init; } = [];

    /// <summary>Everything that is installed.</summary>
    public ImmutableArray<RpmPackage> All => [.. Packages, .. Companions];

    /// <summary>What users have and will update from, in one other folder; none: they install.</summary>
    public ImmutableArray<RpmPackage> Published { get; init; } = [];

    /// <summary>Commands that an ordinary user runs afterwards.</summary>
    public ImmutableArray<string> Smoke { get; init; } = [];

    /// <summary>Where the spec is, for alarms.</summary>
    public required SourcePosition Spec { get; init; }

    /// <summary>An image is brought up to date once a day.</summary>
    public required DateOnly Today { get; init; }
}
