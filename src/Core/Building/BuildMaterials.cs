using System.Collections.Immutable;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>What went into a build that was made, each thing with its digest: more than the plan knew, which had not seen the build root.</summary>
/// <param name="Job">The build.</param>
/// <param name="Spec">Of the spec's bytes.</param>
/// <param name="Root">The packages that were installed where it was built.</param>
public sealed record BuildMaterials(BuildJob Job, Digest Spec, RootPackages Root)
{
    /// <summary>What sources say about their licences, as SPDX expressions by file; of those that are missing nobody knows it.</summary>
    public ImmutableDictionary<string, string> Licenses { get; init; } = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The lockfiles that decided about a source, each once, in the order of the sources.</summary>
    public ImmutableArray<LockEntry> Locks => [.. Job.Rpm.Sources.Select(source => source.Lock).OfType<LockEntry>().DistinctBy(entry => entry.Lockfile, StringComparer.Ordinal)];

    /// <summary>Reads the spec as it was built: the copy in the work folder, which no editor touches.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.FileUnreadable"/>.</exception>
    public static async Task<BuildMaterials> ReadAsync(BuildJob job, RootPackages root, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(job);
        var copy = BuildFolder.SpecOf(job);
        try
        {
            return new(job, await Digest.OfFileAsync(copy, ct), root);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"The spec that was built, '{copy}', could not be read: {ex.Message}", inner: ex);
        }
    }
}
