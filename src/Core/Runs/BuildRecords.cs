using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>What earlier builds left in the result folders, proven: every package is there and is what its statement says.</summary>
/// <param name="known">Remembers digests of files that did not change.</param>
public sealed class BuildRecords(KnownDigests known)
{
    /// <summary>The builds of every target of a project.</summary>
    /// <param name="workspace">The project.</param>
    /// <param name="output">Folder that holds the result folders, relative to the project.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<ImmutableArray<BuildRecord>> ReadAsync(Workspace workspace, string output, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var folders = workspace.Settings.Targets.Select(target => workspace.Resolve(Path.Combine(output, target.Name)));
        var records = await Task.WhenAll(folders.Select(folder => ReadAsync(folder, ct)));
        return [.. records.SelectMany(each => each)];
    }

    /// <summary>The builds of one result folder whose every package is there; none when the folder is missing.</summary>
    public async Task<ImmutableArray<BuildRecord>> ReadAsync(string folder, CancellationToken ct)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var records = ImmutableArray.CreateBuilder<BuildRecord>();
        foreach (var path in Directory.EnumerateFiles(folder, "*" + Provenance.Suffix).Order(StringComparer.Ordinal))
        {
            // Each package of a build has a statement that names them all; the first one is enough.
            if (Provenance.TryRead(await File.ReadAllBytesAsync(path, ct)) is { } record
                && !records.Any(other => other.InputsKey == record.InputsKey && other.Rpm == record.Rpm)
                && await AreThereAsync(folder, record, ct))
            {
                records.Add(record);
            }
        }

        return records.ToImmutable();
    }

    private async Task<bool> AreThereAsync(string folder, BuildRecord record, CancellationToken ct)
    {
        foreach (var file in record.Files)
        {
            var path = Path.Combine(folder, Path.GetFileName(file.Name));
            if (!File.Exists(path) || (await known.OfFileAsync(path, ct) != file.Digest && !await IsSignedAsync(path, file, ct)))
            {
                return false;
            }
        }

        foreach (var document in record.Documents)
        {
            var path = Path.Combine(folder, Path.GetFileName(document.Name));
            if (!File.Exists(path) || await known.OfFileAsync(path, ct) != document.Digest)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Signing changes the file but not its header, and the header holds the digest of the payload, which is compared here.</summary>
    private static async Task<bool> IsSignedAsync(string path, BuiltFile file, CancellationToken ct)
    {
        try
        {
            return (await RpmFile.ReadAsync(path, ct)).HeaderSha256 == file.HeaderDigest;
        }
        catch (ReleaseException)
        {
            return false;
        }
    }
}
