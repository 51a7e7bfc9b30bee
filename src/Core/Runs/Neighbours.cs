using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>The other RPMs of a project on the same target and machine: what a package requires of them is installed with it.</summary>
/// <param name="records">What was built before, for the target.</param>
/// <param name="folder">The target's result folder.</param>
/// <param name="cells">The other builds of this run for the target and machine, all of which are made or have failed.</param>
internal sealed class Neighbours(ImmutableArray<BuildRecord> records, string folder, IReadOnlyCollection<RpmCell> cells)
{
    /// <summary>What the packages of a build need of others, linked into a folder of its own: the others go on meanwhile, and move theirs.</summary>
    /// <exception cref="ReleaseException">A package cannot be read, or <see cref="Fault.WriteFailed"/>.</exception>
    public async Task<ImmutableArray<RpmPackage>> FindAsync(BuildJob job, BuiltRpms built, CancellationToken ct)
    {
        // What failed in this run, and what is about to be replaced, is not what users will have.
        var now = cells.Select(cell => cell.Rpm).Append(job.Rpm.Name).ToHashSet(StringComparer.Ordinal);
        var before = from record in records
                     where record.Arch == job.Target.Arch && !now.Contains(record.Rpm)
                     from file in record.Files
                     select Path.Combine(folder, Path.GetFileName(file.Name));
        var candidates = await InstallReview.PackagesAsync([.. before, .. cells.SelectMany(cell => cell.Packages)], ct);
        var needed = Companions.Of(await InstallReview.PackagesAsync(built.Files.Select(file => file.Path), ct), candidates);
        return needed.IsEmpty ? [] : await InstallReview.PackagesAsync(needed.Select(package => Link(package.Path, Path.Combine(job.WorkFolder, "companions"))).ToList(), ct);
    }

    private static string Link(string path, string folder)
    {
        var link = Path.Combine(folder, Path.GetFileName(path));
        try
        {
            Directory.CreateDirectory(folder);
            if (!Libc.TryLink(path, link))
            {
                File.Copy(path, link, overwrite: true);
            }

            return link;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{link}' could not be written: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }
}
