using System.Collections.Immutable;
using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>
/// Whether the disks have room for a run, asked before anything is downloaded: a disk that is full after an hour costs that hour, and may stop
/// other programs of the machine. The rule asks for less than most builds take, so that it refuses no machine on which they would succeed.
/// </summary>
internal static class DiskRoom
{
    /// <summary>What the build requirements of a small package take in its root.</summary>
    private const long OfRoot = 256L << 20;

    /// <summary>A source is unpacked, installed below the build root, and packed into a binary and a source package: wheels grow threefold by it.</summary>
    private const int TimesUnpacked = 6, TimesPacked = 2;

    /// <summary>What a release writes besides its packages: metadata, copies of what is published, the ledger.</summary>
    private const long OfRelease = 256L << 20;

    /// <summary>What the builds of a plan need at least, where sizes are known before the download.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="jobs">Builds at once.</param>
    /// <param name="places">Where roots and downloads are.</param>
    /// <param name="project">Where results are.</param>
    public static ImmutableArray<DiskNeed> Of(ReleasePlan plan, int jobs, Places places, string project)
    {
        var builds = plan.Rpms
            .Select(rpm => (Bytes: rpm.Sources.Sum(source => source.Size ?? 0), Count: rpm.Targets.Count(target => target.State is TargetState.Build)))
            .Where(each => each.Count > 0)
            .ToList();
        return builds.Count is 0
            ? []
            :
            [
                new(places.Cache, builds.Sum(each => each.Bytes), "downloads"),
                new(places.Data, Math.Min(jobs, builds.Sum(each => each.Count)) * (OfRoot + (TimesUnpacked * builds.Max(each => each.Bytes))), "build roots"),
                new(project, builds.Sum(each => TimesPacked * each.Bytes * each.Count), "packages"),
            ];
    }

    /// <summary>The same for a release, which writes also when everything is built.</summary>
    public static ImmutableArray<DiskNeed> OfShip(ReleasePlan plan, int jobs, Places places, string project) =>
        [.. Of(plan, jobs, places, project), new(project, OfRelease, "the release")];

    /// <summary>Fails when a disk has less room than those of the needs together that lie on it.</summary>
    /// <param name="needs">What goes where.</param>
    /// <param name="diskOf">The disk of a folder, or of where it would be; null when nobody knows.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.DiskTooSmall"/>.</exception>
    public static void Demand(ImmutableArray<DiskNeed> needs, Func<string, Disk?> diskOf)
    {
        foreach (var group in needs.Where(need => need.Bytes > 0).GroupBy(need => diskOf(need.Folder)))
        {
            var needed = group.Sum(need => need.Bytes);
            if (group.Key is { } disk && disk.Free < needed)
            {
                throw new ReleaseException(
                    Fault.DiskTooSmall,
                    $"The disk at '{disk.Mount}' has {disk.Free >> 20} MiB left, and this run needs at least {needed >> 20} MiB there: "
                    + $"{string.Join(", ", group.Select(need => $"{need.Bytes >> 20} MiB for {need.What} in '{need.Folder}'"))}.");
            }
        }
    }

    /// <summary>The disk of this machine that a folder lies on, or would.</summary>
    public static Disk? Find(string folder)
    {
        var there = Path.GetFullPath(folder);
        while (!Directory.Exists(there))
        {
            there = Path.GetDirectoryName(there)!;
        }

        // Caches are often a link to a larger disk.
        var path = Libc.RealPath(there) + "/";
        var drive = DriveInfo.GetDrives().Where(drive => path.StartsWith(drive.Name.TrimEnd('/') + "/", StringComparison.Ordinal)).MaxBy(drive => drive.Name.Length);
        try
        {
            return drive is null ? null : new(drive.Name, drive.AvailableFreeSpace);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // Some file systems of networks and phones do not tell.
            return null;
        }
    }
}

/// <summary>Something that will be written.</summary>
/// <param name="Folder">Full path.</param>
/// <param name="Bytes">At least so much.</param>
/// <param name="What">What it is, for a person.</param>
internal sealed record DiskNeed(string Folder, long Bytes, string What);

/// <summary>A mounted file system.</summary>
/// <param name="Mount">Where it is mounted.</param>
/// <param name="Free">Bytes that this user may still write.</param>
internal sealed record Disk(string Mount, long Free);
