using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>How it went with one RPM on one target.</summary>
/// <param name="Rpm">The settings' name of it.</param>
/// <param name="Target">The settings' name of it.</param>
/// <param name="State">How it ended.</param>
public sealed record RpmResult(string Rpm, string Target, RpmState State)
{
    /// <summary>The machine that it is for.</summary>
    public required string Arch { get; init; }

    /// <summary>The packages, in the result folder; none when the build failed.</summary>
    public ImmutableArray<ResultFile> Files { get; init; } = [];

    /// <summary>Folder with the logs of the steps; null when no step ran.</summary>
    public string? Log { get; init; }

    /// <summary>How long each stage took.</summary>
    public RpmTimes Times { get; init; } = RpmTimes.None;

    /// <summary>What reviewers of a distro would say about the packages that were built now, accepted or not; also when one of them ended the build.</summary>
    public ImmutableArray<Alarm> Alarms { get; init; } = [];

    /// <summary>Whether a second build in other surroundings gave the same packages; false also when nobody asked for one.</summary>
    public bool IsReproducible { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public ReleaseException? Failure { get; init; }

    /// <summary>Why there was nothing to do, as the plan says it.</summary>
    public string Why { get; init; } = "";
}

/// <summary>How a build ended.</summary>
public enum RpmState
{
    /// <summary>It was made now.</summary>
    Built,

    /// <summary>It was there, made from exactly these inputs.</summary>
    UpToDate,

    /// <summary>It could not be made.</summary>
    Failed,
}

/// <summary>A package in the result folder.</summary>
/// <param name="File">The package.</param>
/// <param name="Signature">Who signed it; null when this run did not sign.</param>
public sealed record ResultFile(RpmFile File, RpmSignature? Signature);

/// <summary>How long the stages of one result took.</summary>
/// <param name="Fetch">Sources.</param>
/// <param name="Image">Image.</param>
/// <param name="Build">Container stages.</param>
/// <param name="Sign">Signing.</param>
public sealed record RpmTimes(TimeSpan Fetch, TimeSpan Image, BuildTimes Build, TimeSpan Sign)
{
    /// <summary>Nothing was done.</summary>
    public static RpmTimes None { get; } = new(default, default, new(default, default, default), default);
}
