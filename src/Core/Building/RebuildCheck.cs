using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>Builds what was built once more, in other surroundings and at another time, and compares the packages.</summary>
/// <param name="builder">Builds it.</param>
/// <param name="reporter">Told about it.</param>
public sealed class RebuildCheck(RpmBuilder builder, IReporter reporter)
{
    /// <summary>What is added to the name of the work folder; the packages of the second build stay there when they are others.</summary>
    public const string FolderSuffix = "-again";

    private const int MostLines = 40;

    /// <summary>A build of half a second would see the same second on the clock.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(1);

    /// <summary>Returns when every package has the same header, and so the same payload, as its counterpart.</summary>
    /// <param name="job">The job as it was built.</param>
    /// <param name="first">Paths of the packages that it gave; signed ones are compared by what was signed.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.BuildNotReproducible"/>, with the files and tags that differ; what building throws.</exception>
    public async Task ProveAsync(BuildJob job, ImmutableArray<string> first, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(job);
        await Task.Delay(Later, ct);
        reporter.Info($"{job}: building a second time, with another host name, user, number of processors, order of sources and time.");
        var again = job with
        {
            Surroundings = BuildSurroundings.Other,
            WorkFolder = job.WorkFolder + FolderSuffix,
            LogFolder = Path.Combine(job.LogFolder, "again"),
        };
        var second = await builder.BuildAsync(again, ct);
        var differences = await CompareAsync(first, [.. second.Files.Where(file => job.Keeps(file.Nevra))], ct);
        if (differences.Count > 0)
        {
            throw new ReleaseException(
                Fault.BuildNotReproducible,
                $"{job}: built a second time, {string.Join(" and ", differences.Select(found => found.Name))} came out different. The first are in '{Path.GetDirectoryName(first[0])}', the second in '{Path.GetDirectoryName(second.Files[0].Path)}'.")
            {
                Transcript = string.Join('\n', differences.SelectMany(found => Cut([found.Name, .. found.Lines.Select(line => $"  {line}")]))),
            };
        }

        Directory.Delete(again.WorkFolder, recursive: true);
    }

    private static async Task<List<(string Name, ImmutableArray<string> Lines)>> CompareAsync(ImmutableArray<string> first, ImmutableArray<RpmFile> second, CancellationToken ct)
    {
        var found = new List<(string, ImmutableArray<string>)>();
        var counterparts = second.ToDictionary(file => file.Nevra.ToString(), StringComparer.Ordinal);
        foreach (var path in first)
        {
            var one = await RpmFile.ReadAsync(path, ct);
            if (!counterparts.Remove(one.Nevra.ToString(), out var other))
            {
                found.Add((one.Nevra.ToString(), ["was not built again"]));
            }
            else if (one.HeaderSha256 != other.HeaderSha256)
            {
                found.Add((one.Nevra.ToString(), RebuildDiff.Of(await RpmPackage.ReadAsync(path, ct), await RpmPackage.ReadAsync(other.Path, ct))));
            }
        }

        return [.. found, .. counterparts.Keys.Order(StringComparer.Ordinal).Select(name => (name, (ImmutableArray<string>)["was built only the second time"]))];
    }

    private static ImmutableArray<string> Cut(ImmutableArray<string> lines) =>
        lines.Length <= MostLines ? lines : [.. lines[..MostLines], $"  and {lines.Length - MostLines} more"];
}
