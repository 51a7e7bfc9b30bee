using System.Collections.Immutable;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Sources;

namespace DotnetRelease.Building;

/// <summary>One RPM to be built for one target: everything is decided and on this machine.</summary>
/// <param name="Rpm">From the plan.</param>
/// <param name="Target">From the plan.</param>
/// <param name="Image">The target's image.</param>
/// <param name="Sources">What the plan names, proven.</param>
public sealed record BuildJob(PlannedRpm Rpm, PlannedTarget Target, Image Image, ImmutableArray<VerifiedSource> Sources)
{
    /// <summary>Full path of the spec.</summary>
    public required string SpecPath { get; init; }

    /// <summary>How to install what the build needs; empty: as the package manager found in the image does it.</summary>
    public ImmutableArray<string> Prepare { get; init; } = [];

    /// <summary>Which packages its root may have.</summary>
    public RootWish Root { get; init; } = RootWish.Any;

    /// <summary>How the files of the packages are compressed.</summary>
    public PayloadCompression Compression { get; init; } = PayloadCompression.Default;

    /// <summary>How much of this machine each step may use.</summary>
    public Limits Limits { get; init; } = Limits.None;

    /// <summary>The one time that the build knows: file times are clamped to it and the build time is set to it.</summary>
    public required DateTimeOffset Epoch { get; init; }

    /// <summary>Where it runs, as far as a build can see that.</summary>
    public BuildSurroundings Surroundings { get; init; } = BuildSurroundings.Usual;

    /// <summary>Folder for work in progress; its content is replaced.</summary>
    public required string WorkFolder { get; init; }

    /// <summary>Folder for the logs of the steps.</summary>
    public required string LogFolder { get; init; }

    /// <summary>Whether a package that the build gave is a result, and not one that another machine of the target gives too.</summary>
    internal bool Keeps(Nevra nevra) => !Target.Aside.Any(planned => ExpectedNevra.Allows(planned, nevra.ToString()));

    /// <summary><c>python3-greeter on fedora-43</c>.</summary>
    public override string ToString() => $"{Rpm.Name} on {Target}";
}
