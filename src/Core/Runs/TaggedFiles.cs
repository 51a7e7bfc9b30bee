using System.Security.Cryptography;
using System.Text;
using DotnetRelease.Planning;
using DotnetRelease.Processes;

namespace DotnetRelease.Runs;

/// <summary>
/// Whether the files that a release is made from are those of the tagged commit. Compared by git's own digests, so that nothing that a
/// repository configures (filters, file monitors) runs for it.
/// </summary>
/// <param name="workspace">The project.</param>
internal sealed class TaggedFiles(Workspace workspace)
{
    /// <summary>Refuses a work tree that differs from the commit in something that the release is made from.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ShipPlanChanged"/>.</exception>
    internal async Task CheckAsync(string commit, CancellationToken ct)
    {
        var paths = Paths().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var objects = await new Git(workspace.Folder).FindObjectsAsync([.. paths.Select(path => $"{commit}:./{path}")], ct);
        foreach (var (path, found) in paths.Zip(objects))
        {
            var file = workspace.Resolve(path);
            if (found is null || !File.Exists(file) || !string.Equals(await IdAsync(file, found.Id.Length, ct), found.Id, StringComparison.Ordinal))
            {
                throw new ReleaseException(Fault.ShipPlanChanged, $"'{path}' is not what the tagged commit {commit[..12]} has; what is released is what was tagged.")
                {
                    Remedy = "Put the file back (git checkout), or commit it and tag that commit.",
                };
            }
        }
    }

    /// <summary>Settings, locks and the folders of specs, relative to the settings' folder.</summary>
    private IEnumerable<string> Paths()
    {
        string[] single = [Path.GetFileName(workspace.Settings.Path), ReleaseLock.FileName, .. workspace.Settings.Project.Lockfiles];
        var specs = workspace.Settings.Rpms.Select(rpm => Path.GetDirectoryName(workspace.Resolve(rpm.Spec))!).Where(Directory.Exists);
        return single.Where(path => File.Exists(workspace.Resolve(path)))
            .Concat(specs.SelectMany(folder => Directory.EnumerateFiles(folder)).Where(IsInput).Select(path => Path.GetRelativePath(workspace.Folder, path)));
    }

    private static bool IsInput(string path) => Path.GetFileName(path)[0] is not '.' && new FileInfo(path).LinkTarget is null;

    /// <summary>What git would call the file's content; git says with the length of its ids which digest that is.</summary>
    private static async Task<string> IdAsync(string path, int digits, CancellationToken ct)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 128 * 1024, FileOptions.SequentialScan | FileOptions.Asynchronous);
#pragma warning disable CA5350 // git's own name of the object; whether somebody forged one is for the signature of the tag to say.
        using var hash = IncrementalHash.CreateHash(digits is 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Length}\0"));
        var buffer = new byte[128 * 1024];
        for (int count; (count = await file.ReadAsync(buffer, ct)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, count));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
