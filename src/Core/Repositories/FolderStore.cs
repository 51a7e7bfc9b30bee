using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories.Git;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories;

/// <summary>
/// A repository in a folder. A file under its final name is complete and on disk, and <c>repodata/</c> changes as one.
/// </summary>
internal sealed class FolderStore : IRepositoryStore
{
    private const string LockName = ".dotnet-release.lock";

    private readonly Lazy<bool> _isWorkTree;

    internal FolderStore(string root)
    {
        Root = Path.GetFullPath(root);
        _isWorkTree = new(() => IsInWorkTree(Root));
    }

    /// <inheritdoc/>
    public string Name => Root;

    /// <summary>Full path of the folder.</summary>
    internal string Root { get; }

    /// <inheritdoc/>
    public Task<StoredFile?> FindAsync(string location, CancellationToken ct) => Task.FromResult(Read(location, Find));

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string location, CancellationToken ct) => Task.FromResult(Read(location, Open));

    /// <inheritdoc/>
    public Task<ImmutableArray<StoredFile>> ListAsync(string folder, CancellationToken ct) => Task.FromResult(Read(folder, List));

    /// <inheritdoc/>
    public Task<IAsyncDisposable> LockAsync(string purpose, CancellationToken ct)
    {
        var held = Try("locked", () => FileLock.Take(Path.Combine(Root, LockName), $"{purpose}: '{Root}'"));
        try
        {
            Try("prepared", () =>
            {
                foreach (var leftover in Directory.EnumerateFileSystemEntries(Root, Durable.UnfinishedPrefix + "*"))
                {
                    Delete(leftover);
                }

                ProbeExchange();
                return true;
            });
            return Task.FromResult<IAsyncDisposable>(new Held(held));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The kernel drops a lock with its process; there is never one to take away.</summary>
    public Task<bool> BreakLockAsync(string token, CancellationToken ct) => Task.FromResult(false);

    /// <inheritdoc/>
    public async Task AddAsync(ImmutableArray<FileOffer> files, CancellationToken ct)
    {
        foreach (var file in files)
        {
            await AddAsync(file, ct);
            FailPoint.At("publish.copied");
        }

        // The names of all of them at once.
        foreach (var folder in files.Select(file => Path.GetDirectoryName(At(file.File.Location))!).Distinct(StringComparer.Ordinal))
        {
            Try("synced", () =>
            {
                Libc.Sync(folder, folder: true);
                return true;
            });
        }
    }

    /// <inheritdoc/>
    public Task WriteAsync(string location, ReadOnlyMemory<byte> bytes, CancellationToken ct) => Durable.WriteAsync(At(location), bytes, ct);

    /// <inheritdoc/>
    public async Task ServeAsync(MetadataChange change, CancellationToken ct)
    {
        var swap = new FolderSwap(At($"{Durable.UnfinishedPrefix}{Repomd.Folder}-{Guid.NewGuid():n}"), At(Repomd.Folder));
        try
        {
            await swap.StageAsync(change, ct);
            FailPoint.At("publish.staged");

            // Our lock does not stop other tools.
            await this.CheckUnmovedAsync(change.Base, ct);
            swap.Swap();
            FailPoint.At("publish.exchanged");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Failed($"The new metadata of '{Root}' could not be written", ex);
        }
        finally
        {
            swap.Discard();
        }
    }

    /// <inheritdoc/>
    public Task RemoveAsync(IEnumerable<string> locations, CancellationToken ct)
    {
        foreach (var location in locations)
        {
            Try("tidied up", () =>
            {
                File.Delete(At(location));
                return true;
            });
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static void Delete(string path)
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

    private async Task AddAsync(FileOffer offer, CancellationToken ct)
    {
        var target = At(offer.File.Location);
        if (File.Exists(target))
        {
            // Another file under the name stays, whether the metadata names it or not: somebody may have downloaded it.
            await this.CheckSameAsync(offer.File, ct);
            return;
        }

        string? unfinished = null;
        try
        {
            unfinished = Durable.UnfinishedBeside(target);
            offer.CheckCopied(await CopyAsync(offer, unfinished, ct));
            FailPoint.At("publish.copy");
            Libc.Sync(unfinished, folder: false);
            if (!Libc.RenameIfFree(unfinished, target))
            {
                await this.CheckSameAsync(offer.File, ct);
            }
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Failed($"'{target}' could not be written", ex);
        }
        finally
        {
            if (unfinished is not null)
            {
                File.Delete(unfinished);
            }
        }
    }

    private static async Task<Digest> CopyAsync(FileOffer offer, string target, CancellationToken ct)
    {
        await using var input = await offer.OpenAsync(ct);
        await using var output = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        return await StoreReading.CopyAsync(input, output, ct);
    }

    private string At(string location) => Path.Combine(Root, location);

    private StoredFile? Find(string location) =>
        new FileInfo(At(location)) is { Exists: true } file ? ToStored(file) : null;

    private Stream? Open(string location)
    {
        const int none = 0;
        var path = At(location);
        return File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, none, FileOptions.SequentialScan | FileOptions.Asynchronous) : null;
    }

    private ImmutableArray<StoredFile> List(string folder) => Directory.Exists(At(folder))
        ?
        [
            .. new DirectoryInfo(At(folder)).EnumerateFiles("*", SearchOption.AllDirectories)
                .Select(ToStored)
                .Where(file => file.Location is not LockName && !file.Location.StartsWith(Durable.UnfinishedPrefix, StringComparison.Ordinal))
                .OrderBy(file => file.Location, StringComparer.Ordinal),
        ]
        : [];

    /// <summary>In a work tree of git a package may be a pointer; anywhere else one would be served to clients as if it were the package.</summary>
    private StoredFile ToStored(FileInfo file)
    {
        var pointer = file.Length < LfsPointer.Limit && file.Extension is ".rpm" && _isWorkTree.Value ? LfsPointer.TryParse(File.ReadAllBytes(file.FullName)) : null;
        return new(Path.GetRelativePath(Root, file.FullName), pointer?.Size ?? file.Length, new DateTimeOffset(file.LastWriteTimeUtc)) { Pointer = pointer };
    }

    private static bool IsInWorkTree(string folder)
    {
        for (var up = folder; up is not null; up = Path.GetDirectoryName(up))
        {
            if (Path.Exists(Path.Combine(up, ".git")))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds out before anything is copied whether this file system can swap two folders in one step.</summary>
    private void ProbeExchange()
    {
        var (one, other) = (At($"{Durable.UnfinishedPrefix}probe-1"), At($"{Durable.UnfinishedPrefix}probe-2"));
        Directory.CreateDirectory(one);
        Directory.CreateDirectory(other);
        try
        {
            Libc.Exchange(one, other);
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.StoreIncapable, $"The file system of '{Root}' cannot swap two folders in one step, and clients would see half a repository: {ex.Message}.", inner: ex)
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

    private T Read<T>(string location, Func<string, T> read)
    {
        try
        {
            return read(location);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{At(location)}' could not be read: {ex.Message}", inner: ex);
        }
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

    private sealed class Held(FileLock file) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            file.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
