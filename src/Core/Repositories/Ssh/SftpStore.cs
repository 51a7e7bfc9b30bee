using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories.Ssh;

/// <summary>
/// A repository in a folder behind ssh. A file gets its final name when all of it is there; <c>repomd.xml.asc</c> and <c>repomd.xml</c>
/// change their names in one message, one after the other.
/// </summary>
internal sealed class SftpStore(SshAddress address) : IRepositoryStore
{
    private readonly SftpFolder _folder = new(address);
    private StoreLease? _lease;

    /// <inheritdoc/>
    public string Name => address.ToString();

    /// <inheritdoc/>
    public async Task<StoredFile?> FindAsync(string location, CancellationToken ct) =>
        await _folder.StatAsync(location, ct) is { IsFolder: false } found ? new StoredFile(location, found.Size, found.Modified) : null;

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string location, CancellationToken ct) => _folder.OpenAsync(location, ct);

    /// <inheritdoc/>
    public async Task<ImmutableArray<StoredFile>> ListAsync(string folder, CancellationToken ct)
    {
        List<StoredFile> files = [];
        await ListAsync(folder, files, ct);
        return [.. files.OrderBy(file => file.Location, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> LockAsync(string purpose, CancellationToken ct)
    {
        await _folder.MakeAsync("", ct);
        var lease = StoreLease.New(purpose);
        var unfinished = await UploadAsync(lease.ToBytes(), ct);
        if (!await _folder.RenameIfFreeAsync(unfinished, StoreLease.Location, ct))
        {
            await _folder.RemoveAsync(unfinished, ct);
            throw (await LeaseAsync(ct) ?? StoreLease.Parse([])).Held(Name);
        }

        _lease = lease;
        var held = new Held(this, lease);
        try
        {
            await RemoveUnfinishedAsync(ct);
            await ProbeAsync(ct);
            return held;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> BreakLockAsync(string token, CancellationToken ct)
    {
        if (await LeaseAsync(ct) is not { } lease || !lease.IsBreakable(token, Name))
        {
            return false;
        }

        await _folder.RemoveAsync(StoreLease.Location, ct);
        return true;
    }

    /// <inheritdoc/>
    public async Task AddAsync(ImmutableArray<FileOffer> files, CancellationToken ct)
    {
        foreach (var file in files)
        {
            await AddAsync(file, ct);
            FailPoint.At("publish.copied");
        }
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string location, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if ((await _folder.StatAsync(location, ct))?.Size == bytes.Length && (await this.ReadAsync(location, bytes.Length, ct)).AsSpan().SequenceEqual(bytes.Span))
        {
            return;
        }

        await _folder.ReplaceAsync(ct, (await UploadAsync(bytes.ToArray(), ct), location));
    }

    /// <inheritdoc/>
    public async Task ServeAsync(MetadataChange change, CancellationToken ct)
    {
        await _folder.MakeAsync(Repomd.Folder, ct);
        foreach (var file in change.Files.Concat(change.Beside))
        {
            await _folder.ReplaceAsync(ct, (await UploadAsync([.. file.Pieces.SelectMany(piece => piece)], ct), file.Location));
        }

        FailPoint.At("publish.metadata");
        var signature = await UploadAsync(change.Next.Signature, ct);
        var repomd = await UploadAsync(change.Next.Bytes, ct);
        FailPoint.At("publish.staged");
        await CheckHeldAsync(ct);
        await this.CheckUnmovedAsync(change.Base, ct);
        await _folder.ReplaceAsync(ct, (signature, SignedRepomd.SignatureLocation), (repomd, SignedRepomd.Location));
        FailPoint.At("publish.exchanged");
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(IEnumerable<string> locations, CancellationToken ct)
    {
        foreach (var location in locations)
        {
            await _folder.RemoveAsync(location, ct);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    private async Task AddAsync(FileOffer offer, CancellationToken ct)
    {
        if (await _folder.StatAsync(offer.File.Location, ct) is not null)
        {
            await this.CheckSameAsync(offer.File, ct);
            return;
        }

        if (Path.GetDirectoryName(offer.File.Location) is { Length: > 0 } below)
        {
            await _folder.MakeAsync(below, ct);
        }

        string unfinished;
        await using (var content = await offer.OpenAsync(ct))
        {
            (unfinished, var digest) = await _folder.UploadAsync(content, ct);
            offer.CheckCopied(digest);
        }

        FailPoint.At("publish.copy");
        if (!await _folder.RenameIfFreeAsync(unfinished, offer.File.Location, ct))
        {
            await _folder.RemoveAsync(unfinished, ct);
            await this.CheckSameAsync(offer.File, ct);
        }
    }

    private async Task<string> UploadAsync(byte[] bytes, CancellationToken ct) => (await _folder.UploadAsync(new MemoryStream(bytes, writable: false), ct)).Unfinished;

    private async Task ListAsync(string folder, List<StoredFile> files, CancellationToken ct)
    {
        foreach (var (name, attributes) in await _folder.ListAsync(folder, ct))
        {
            var location = folder.Length is 0 ? name : $"{folder}/{name}";
            if (attributes.IsFolder)
            {
                await ListAsync(location, files, ct);
            }
            else if (!name.StartsWith('.') && (attributes.IsRegular ? new StoredFile(location, attributes.Size, attributes.Modified) : await FindAsync(location, ct)) is { } file)
            {
                files.Add(file);
            }
        }
    }

    private async Task<StoreLease?> LeaseAsync(CancellationToken ct) => await this.ReadAsync(StoreLease.Location, StoreLease.Limit, ct) is { } bytes ? StoreLease.Parse(bytes) : null;

    /// <summary>Somebody may have taken our lock away while we were believed dead.</summary>
    private async Task CheckHeldAsync(CancellationToken ct)
    {
        var now = await LeaseAsync(ct);
        if (now?.Token != _lease?.Token)
        {
            throw now?.Held(Name) ?? new ReleaseException(Fault.LockHeld, $"The lock on '{Name}' was taken away from this run; nothing of it was served.") { Remedy = "Run the command again." };
        }
    }

    private async Task RemoveUnfinishedAsync(CancellationToken ct)
    {
        foreach (var (name, attributes) in await _folder.ListAsync("", ct))
        {
            if (name.StartsWith(Durable.UnfinishedPrefix, StringComparison.Ordinal) && !attributes.IsFolder)
            {
                await _folder.RemoveAsync(name, ct);
            }
        }
    }

    /// <summary>Finds out before anything is sent whether a rename takes the place of a file, and, when asked to, does not.</summary>
    private async Task ProbeAsync(CancellationToken ct)
    {
        var (one, other) = (await UploadAsync([1], ct), await UploadAsync([2], ct));
        try
        {
            if (await _folder.RenameIfFreeAsync(one, other, ct))
            {
                throw Incapable($"It replaces a file by a plain rename, which has to be refused");
            }

            await _folder.ReplaceAsync(ct, (one, other));
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.StoreRefused)
        {
            throw Incapable($"It cannot put one file in the place of another in one step, and clients would find none in between ({ex.Message})");
        }
        finally
        {
            await _folder.RemoveAsync(one, CancellationToken.None);
            await _folder.RemoveAsync(other, CancellationToken.None);
        }
    }

    private ReleaseException Incapable(string why) => new(Fault.StoreIncapable, $"The SFTP server of '{address.Host}' cannot hold a repository. {why}.")
    {
        Remedy = "It needs 'posix-rename@openssh.com', which OpenSSH has. Publish to a folder and copy it there, packages first, repodata last.",
    };

    private sealed class Held(SftpStore store, StoreLease lease) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            store._lease = null;
            try
            {
                if ((await store.LeaseAsync(CancellationToken.None))?.Token == lease.Token)
                {
                    await store._folder.RemoveAsync(StoreLease.Location, CancellationToken.None);
                }
            }
            catch (ReleaseException)
            {
                // The connection is gone, which is what the run already tells; the next one is told how to take the lock away.
            }
        }
    }
}
