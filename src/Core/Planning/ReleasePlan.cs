using System.Collections.Immutable;

namespace DotnetRelease.Planning;

/// <summary>
/// Everything that will be done and why, decided before anything is done. <c>plan</c>, <c>--dry-run</c>, the MSBuild plan target and
/// the CI matrix all are this value.
/// </summary>
/// <param name="Rpms">What has to exist afterwards, in the order of the settings.</param>
/// <param name="Steps">The run in words, skipped steps included.</param>
public sealed record ReleasePlan(ImmutableArray<PlannedRpm> Rpms, ImmutableArray<PlannedStep> Steps);

/// <summary>One RPM that the bumps ask for.</summary>
/// <param name="Name">The settings' name of it.</param>
/// <param name="Version">The version that the lock demands.</param>
/// <param name="Reasons">Why it is in the plan, one sentence each.</param>
/// <param name="Targets">Where it is built.</param>
/// <param name="Sources">What goes in; every one with its digest.</param>
public sealed record PlannedRpm(
    string Name, string Version, ImmutableArray<string> Reasons, ImmutableArray<PlannedTarget> Targets, ImmutableArray<PlannedSource> Sources)
{
    /// <summary>Path of the spec, as the settings name it.</summary>
    public required string Spec { get; init; }

    /// <summary>The spec's own version; other than <see cref="Version"/> when it lags behind the lock.</summary>
    public required string SpecVersion { get; init; }
}

/// <summary>One distro that an RPM is built for.</summary>
/// <param name="Name">The settings' name of the target, <c>fedora-43</c>.</param>
/// <param name="Image">As the settings name it.</param>
/// <param name="ImageDigest">What the name means, pinned; null only in a dry run that may not ask the registry.</param>
/// <param name="Arch">The machine it is built for, <c>x86_64</c>.</param>
/// <param name="Nevras">What the build has to give and is kept, source package last. A dist tag that only the image knows stands as <c>%{?dist}</c>.</param>
/// <param name="State">Whether there is something to do.</param>
/// <param name="Why">The reason of the state, as a sentence.</param>
public sealed record PlannedTarget(
    string Name, string Image, Digest? ImageDigest, string Arch, ImmutableArray<string> Nevras, TargetState State, string Why)
{
    /// <summary>Everything that goes into this build.</summary>
    public required BuildInputs Inputs { get; init; }

    /// <summary>One digest over the inputs; what the build's <see cref="BuildRecord"/> has to carry.</summary>
    public Digest InputsKey => Inputs.Key;

    /// <summary>Whether the target has other machines too, so that its name alone does not say which build is meant.</summary>
    public bool HasOtherArchs { get; init; }

    /// <summary>
    /// What the build gives besides and nobody keeps: a target has one folder, so what is the same on every machine of it, the source package and
    /// <c>noarch</c> packages, comes from the first of them alone.
    /// </summary>
    public ImmutableArray<string> Aside { get; init; } = [];

    /// <summary>How it would be built from here: <c>native</c>, <c>engine-host</c>, <c>qemu-user</c> or <c>impossible</c>. The state's reason has it in words.</summary>
    public string Way { get; init; } = "native";

    /// <summary><c>fedora-43</c>, or <c>fedora-43 (aarch64)</c>.</summary>
    public override string ToString() => HasOtherArchs ? $"{Name} ({Arch})" : Name;
}

/// <summary>Whether a target has something to do.</summary>
public enum TargetState
{
    /// <summary>It has to be built.</summary>
    Build,

    /// <summary>The result of exactly these inputs is there.</summary>
    UpToDate,
}

/// <summary>One file that goes into a build.</summary>
/// <param name="File">One path segment: the name rpmbuild looks for in SOURCES.</param>
/// <param name="Digest">What its bytes must have.</param>
/// <param name="Origin">Where the digest comes from: a lock line or a <c>sources</c> line.</param>
public sealed record PlannedSource(string File, Digest Digest, SourcePosition Origin)
{
    /// <summary>A digest of another algorithm that its bytes must have as well, because a second place demands it; null for none.</summary>
    public Digest? Also { get; init; }

    /// <summary>The URL that the spec or the lock names; null when only the file name is known.</summary>
    public string? Url { get; init; }

    /// <summary>What makes it of the tree that <see cref="Url"/> names; null when it is that tree, or of no tree.</summary>
    public SdistRecipe? Sdist { get; init; }

    /// <summary>The locked package, normalised, to be looked up in the index; null for a file that no lock covers.</summary>
    public string? Package { get; init; }

    /// <summary>What locks it; null for a file that no lock covers.</summary>
    public LockEntry? Lock { get; init; }

    /// <summary>Bytes, when known before.</summary>
    public long? Size { get; init; }
}

/// <summary>The locked package that a source is a file of.</summary>
/// <param name="Lockfile">As the settings name it.</param>
/// <param name="LockfileDigest">Of the lockfile's bytes; null when the lock was no file.</param>
/// <param name="Package">Normalised as its ecosystem does it.</param>
/// <param name="Version">As the lock writes it.</param>
public sealed record LockEntry(string Lockfile, Digest? LockfileDigest, string Package, string Version)
{
    /// <summary>Which world it is of: <c>python</c>, <c>npm</c>, ….</summary>
    public required string Ecosystem { get; init; }

    /// <summary>The package as other tools name it: <c>pkg:pypi/NAME@VERSION</c>.</summary>
    public string Url => PackageUrl.Of(Ecosystem, Package, Version);
}

/// <summary>One step of the run.</summary>
/// <param name="Name"><c>fetch</c>, <c>build python3-pyside6 on fedora-43</c>, ….</param>
/// <param name="State"><c>run</c> or <c>skip</c>.</param>
/// <param name="Why">The reason, as a sentence.</param>
public sealed record PlannedStep(string Name, string State, string Why);
