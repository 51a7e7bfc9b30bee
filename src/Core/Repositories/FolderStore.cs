using System.Security.Cryptography;
using DotnetRelease.Metadata;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories;

/// <summary>
/// A repository in a folder. Every method leaves it whole: a file under its final name is complete and on disk, and
/// <c>repodata/</c> changes as one.
/// </summary>
internal sealed class FolderStore
{
    private const string LockName = ".dotnet-release.lock";

    internal FolderStore(string root) => Root = Path.GetFullPath(root);

    /// <summary>Full path of the folder.</summary>
    internal string Root { get; }

    private string Repodata => Path.Combine(Root, Repomd.Folder);

    /// <summary>Takes the folder for this process, creating it when missing, and removes what a killed run left.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/> or <see cref="Fault.WriteFailed"/>.</exception>
    internal FileLock Lock()
    {
        var held = Try("locked", () => FileLock.Take(Path.Combine(Root, LockName), $"publishing to '{Root}'"));
        try
        {
            Try("prepared", () =>
            {
                foreach (var leftover in Directory.EnumerateFileSystemEntries(Root, Durable.UnfinishedPrefix + "*"))
                {
                    Remove(leftover);
                }

                ProbeExchange();
                return true;
            });
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Copies a package to its final name, unless exactly it is there; the name is durable after <see cref="Sync"/>. Another file under the name stays, whether the metadata
    /// names it or not: somebody may have downloaded it.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PublishedOtherBytes"/>, <see cref="Fault.RpmDamaged"/>, <see cref="Fault.WriteFailed"/>.</exception>
    internal async Task AddAsync(string source, RepositoryFile file, CancellationToken ct)
    {
        var target = Path.Combine(Root, file.Location);
        if (File.Exists(target))
        {
            await CheckSameAsync(file, ct);
            return;
        }

        var unfinished = Durable.UnfinishedBeside(target);
        try
        {
            var copied = await CopyAsync(source, unfinished, ct);
            if (copied != file.Digest)
            {
                throw new ReleaseException(Fault.RpmDamaged, $"'{source}' changed while it was published: sha256 was {file.Digest.Hex}, now {copied.Hex}.");
            }

            FailPoint.At("publish.copy");
            Libc.Sync(unfinished, folder: false);
            if (!Libc.RenameIfFree(unfinished, target))
            {
                await CheckSameAsync(file, ct);
            }
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Failed($"'{target}' could not be written", ex);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Makes the names of added packages durable, all at once.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    internal void Sync() => Try("synced", () =>
    {
        Libc.Sync(Root, folder: true);
        return true;
    });

    /// <summary>Reads a file as it is on disk and compares it with what it has to be.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PublishedOtherBytes"/>.</exception>
    internal async Task CheckSameAsync(RepositoryFile file, CancellationToken ct)
    {
        var there = await Digest.OfFileAsync(Path.Combine(Root, file.Location), ct);
        if (there != file.Digest)
        {
            throw new ReleaseException(
                Fault.PublishedOtherBytes, $"{file.Location} already exists in '{Root}' with other contents: there sha256 {there.Hex}, here {file.Digest.Hex}.");
        }
    }

    /// <summary>Writes a small file beside the packages; unchanged bytes are left alone.</summary>
    internal Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken ct) => Durable.WriteAsync(Path.Combine(Root, name), bytes, ct);

    /// <summary>Puts a complete new <c>repodata/</c> beside the served one, everything synced.</summary>
    internal async Task<StagedMetadata> StageAsync(RepositorySnapshot snapshot, SignedRepomd signed, OldMetadata old, CancellationToken ct)
    {
        var folder = Path.Combine(Root, $"{Durable.UnfinishedPrefix}{Repomd.Folder}-{Guid.NewGuid():n}");
        try
        {
            Directory.CreateDirectory(folder);
            old.LinkInto(folder, Repodata);
            foreach (var file in snapshot.Files)
            {
                await WriteSyncedAsync(Path.Combine(folder, file.FileName), file.Members, ct);
            }

            FailPoint.At("publish.metadata");
            await WriteSyncedAsync(Path.Combine(folder, Repomd.SignatureName), [signed.Signature], ct);
            await WriteSyncedAsync(Path.Combine(folder, Repomd.FileName), [signed.Bytes], ct);
            Libc.Sync(folder, folder: true);
            return new StagedMetadata(folder, Repodata);
        }
        catch (Exception ex)
        {
            Remove(folder);
            if (ex is IOException or UnauthorizedAccessException)
            {
                throw Failed($"The new metadata could not be written to '{folder}'", ex);
            }

            throw;
        }
    }

    /// <summary>Compares the served repomd.xml with the one that was read.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMoved"/>.</exception>
    internal async Task CheckUnmovedAsync(byte[]? before, CancellationToken ct)
    {
        var path = Path.Combine(Repodata, Repomd.FileName);
        var now = File.Exists(path) ? await PublishedMetadata.ReadRepomdAsync(path, ct) : null;
        if (!now.AsSpan().SequenceEqual(before))
        {
            throw new ReleaseException(Fault.RepositoryMoved, $"'{path}' was changed by somebody else while new metadata was made; nothing of it was served.");
        }
    }

    internal static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    /// <summary>Finds out before anything is copied whether this file system can swap two folders in one step.</summary>
    private void ProbeExchange()
    {
        var (one, other) = (Path.Combine(Root, $"{Durable.UnfinishedPrefix}probe-1"), Path.Combine(Root, $"{Durable.UnfinishedPrefix}probe-2"));
        Directory.CreateDirectory(one);
        Directory.CreateDirectory(other);
        try
        {
            Libc.Exchange(one, other);
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.WriteFailed, $"The file system of '{Root}' cannot swap two folders in one step, and clients would see half a repository: {ex.Message}.", inner: ex)
            {
                Remedy = "Publish to a local file system (ext4, xfs, btrfs, tmpfs) and copy the folder from there.",
            };
        }
        finally
        {
            Directory.Delete(one);
            Directory.Delete(other);
        }
    }

    private static async Task<Digest> CopyAsync(string source, string target, CancellationToken ct)
    {
        const int bufferSize = 1024 * 1024;
        await using var input = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        await using var output = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[bufferSize];
        for (int count; (count = await input.ReadAsync(buffer, ct)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, count));
            await output.WriteAsync(buffer.AsMemory(0, count), ct);
        }

        return Digest.Of(hash);
    }

    private static async Task WriteSyncedAsync(string path, IEnumerable<byte[]> pieces, CancellationToken ct)
    {
        // A file of this name has these bytes already: its name is their digest.
        if (File.Exists(path))
        {
            return;
        }

        await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            foreach (var piece in pieces)
            {
                await file.WriteAsync(piece, ct);
            }
        }

        Libc.Sync(path, folder: false);
    }

    private T Try<T>(string what, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Failed($"The repository folder '{Root}' could not be {what}", ex);
        }
    }

    private static ReleaseException Failed(string what, Exception ex) => new(Fault.WriteFailed, $"{what}: {ex.Message}.", inner: ex);
}

/// <summary>repomd.xml and its detached signature, as they will be served.</summary>
internal sealed record SignedRepomd(byte[] Bytes, byte[] Signature);
