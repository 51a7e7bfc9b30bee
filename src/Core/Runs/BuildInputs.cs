using System.Collections.Immutable;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Processes;

namespace DotnetRelease.Runs;

/// <summary>The files that a build depends on, for who asks by their times whether there may be anything to do.</summary>
/// <param name="Files">Full paths: settings, locks, specs and what lies beside them, images of this machine.</param>
/// <param name="Head">The commit of the work tree, which decides what the last change of a lock is; null outside of git.</param>
public sealed record BuildInputs(ImmutableArray<string> Files, string? Head)
{
    /// <summary>Finds them. Nothing but names is read.</summary>
    public static async Task<BuildInputs> FindAsync(Workspace workspace, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var settings = workspace.Settings;
        IEnumerable<string> named =
        [
            Path.GetFileName(settings.Path),
            ReleaseLock.FileName,
            .. settings.Project.Lockfiles,
            .. settings.Targets.Select(target => LocalFile(target.Image)).OfType<string>(),
        ];
        var folders = settings.Rpms.Select(rpm => workspace.Resolve(Path.GetDirectoryName(rpm.Spec) ?? "")).Distinct(StringComparer.Ordinal).Where(Directory.Exists);
        var git = new Git(workspace.Folder);
        return new(
            [.. named.Select(workspace.Resolve).Where(File.Exists).Concat(folders.SelectMany(Directory.EnumerateFiles)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            await git.FindRootAsync(ct) is null ? null : (await git.FindObjectsAsync(["HEAD^{commit}"], ct))[0]?.Id);
    }

    private static string? LocalFile(string image) => ImageReference.Parse(image) switch
    {
        RootfsReference rootfs => rootfs.File,
        ArchiveReference archive => archive.File,
        LayoutReference layout => Path.Combine(layout.Folder, "index.json"),
        _ => null,
    };
}
