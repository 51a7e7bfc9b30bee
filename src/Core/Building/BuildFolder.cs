using System.Runtime.InteropServices;

namespace DotnetRelease.Building;

/// <summary>
/// What a build sees of this machine: one folder with the spec and the installer of wheels, and one with the sources, both mounted read-only. The files are links
/// to proven ones where the file system and their times allow, so that large wheels are not copied.
/// </summary>
internal sealed partial class BuildFolder
{
    private BuildFolder(string root) => (Specs, Sources, Results) = (Path.Combine(root, "SPECS"), Path.Combine(root, "SOURCES"), Path.Combine(root, "results"));

    /// <summary>Holds the spec.</summary>
    public string Specs { get; }

    /// <summary>Holds the sources under the names that rpmbuild looks for.</summary>
    public string Sources { get; }

    /// <summary>Where the packages are copied to before they are checked.</summary>
    public string Results { get; }

    /// <summary>Where a job's spec is while it is built.</summary>
    public static string SpecOf(BuildJob job) => Path.Combine(new BuildFolder(job.WorkFolder).Specs, Path.GetFileName(job.SpecPath));

    /// <summary>Fills a fresh folder for a job.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public static BuildFolder Fill(BuildJob job)
    {
        try
        {
            if (Directory.Exists(job.WorkFolder))
            {
                Directory.Delete(job.WorkFolder, recursive: true);
            }

            var folder = new BuildFolder(job.WorkFolder);
            foreach (var path in new[] { folder.Specs, folder.Sources, folder.Results })
            {
                Directory.CreateDirectory(path);
            }

            // The spec is copied, not linked: an editor that writes in place must not change a running build.
            var time = job.Surroundings.TimeOfFiles(job.Epoch);
            Copy(job.SpecPath, Path.Combine(folder.Specs, Path.GetFileName(job.SpecPath)), time);
            WheelInstaller.WriteTo(folder.Specs);
            foreach (var source in job.Surroundings.Order(job.Sources))
            {
                LinkOrCopy(source.Path, Path.Combine(folder.Sources, source.File), time, job.Surroundings.LinksFiles);
            }

            return folder;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"The work folder '{job.WorkFolder}' of {job} could not be filled: {ex.Message}.", inner: ex);
        }
    }

    private static void LinkOrCopy(string from, string to, DateTimeOffset time, bool mayLink)
    {
        // rpmbuild clamps times after the epoch to it and records older ones as they are: when a file was downloaded or checked out would
        // be in the source package. The time of a link is that of the original, which is not ours to change.
        // A hard link also fails across file systems and for files of others; then a copy is as good.
        if (!mayLink || File.GetLastWriteTimeUtc(from) < time.UtcDateTime || link(from, to) is not 0)
        {
            Copy(from, to, time);
        }
    }

    private static void Copy(string from, string to, DateTimeOffset time)
    {
        File.Copy(from, to);

        // The copy has the modes of the original, which may be closed to writers.
        File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.SetLastWriteTimeUtc(to, time.UtcDateTime);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string from, string to);
}
