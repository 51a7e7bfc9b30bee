using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Images;
using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Building;

/// <summary>A job as a plan decides it, for what comes after the build.</summary>
internal static class TestJob
{
    /// <summary>Two packages, the second by an rpm that wrote no digest of the header.</summary>
    public static RootPackages Root { get; } = RootPackages.Of(
    [
        new(new("gcc-c++", 0, "14.2.1", "3.fc43", "x86_64"), Digest.Of("header of gcc")),
        new(new("tzdata", 1, "2026a", "1", "noarch"), null),
    ]);

    public static BuildJob Of(string rpm, ImmutableArray<PlannedSource> sources = default)
    {
        var image = new Image("rootfs:distro.tar", Digest.Of("image"), [], ImageConfig.Empty) { Platform = Platform.Current, Manifest = Digest.Of("image") };
        var target = new PlannedTarget("local", "rootfs:distro.tar", image.Digest, "x86_64", [], TargetState.Build, "not built yet")
        {
            Inputs = new(ImmutableSortedDictionary<string, string>.Empty.Add("rpm", rpm)),
        };
        var planned = new PlannedRpm(rpm, "1.0", [], [target], sources.IsDefault ? [] : sources) { Spec = $"specs/{rpm}.spec", SpecVersion = "1.0" };
        return new BuildJob(planned, target, image, [])
        {
            SpecPath = $"/home/somebody/specs/{rpm}.spec",
            Epoch = DateTimeOffset.FromUnixTimeSeconds(1_763_596_800),
            WorkFolder = "/home/somebody/.release/work",
            LogFolder = "/home/somebody/.release/logs",
        };
    }

    /// <summary>What went into it: a spec, and a root with one package more than the image.</summary>
    public static BuildMaterials Materials(string rpm, ImmutableArray<PlannedSource> sources = default) => new(Of(rpm, sources), Digest.Of($"spec of {rpm}"), Root);
}
