using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories.Git;

/// <summary>
/// A repository in a branch of git, its packages in Git LFS. Everything happens in a throw-away clone that holds pointers instead of packages; one
/// commit and one push, never forced, change what others see, after the packages are on the LFS server.
/// </summary>
internal sealed class GitStore(GitAddress address) : IRepositoryStore
{
    private const string Attributes = ".gitattributes";
    private const string Rule = "*.rpm filter=lfs diff=lfs merge=lfs -text\n";

    private GitClone? _clone;
    private FolderStore? _folder;
    private bool _isFinished;

    /// <inheritdoc/>
    public string Name => address.ToString();

    /// <inheritdoc/>
    public async Task<StoredFile?> FindAsync(string location, CancellationToken ct) => await (await FolderAsync(ct)).FindAsync(location, ct);

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(string location, CancellationToken ct)
    {
        var folder = await FolderAsync(ct);
        return await folder.FindAsync(location, ct) is { Pointer: { } pointer }
            ? File.OpenRead(await _clone!.FetchAsync(Path.GetRelativePath(_clone.Folder, Path.Combine(folder.Root, location)), pointer, ct))
            : await folder.OpenAsync(location, ct);
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<StoredFile>> ListAsync(string folder, CancellationToken ct) => await (await FolderAsync(ct)).ListAsync(folder, ct);

    /// <summary>Nothing is locked: the push is refused when somebody else was faster, and nothing of this run is seen then.</summary>
    public async Task<IAsyncDisposable> LockAsync(string purpose, CancellationToken ct)
    {
        var root = (await FolderAsync(ct)).Root;
        try
        {
            Directory.CreateDirectory(root);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{address.Folder}' of {address.Remote} is no folder, or cannot be one: {ex.Message.TrimEnd('.')}.", inner: ex);
        }

        return new Unlocked();
    }

    /// <inheritdoc/>
    public Task<bool> BreakLockAsync(string token, CancellationToken ct) => Task.FromResult(false);

    /// <inheritdoc/>
    public async Task AddAsync(ImmutableArray<FileOffer> files, CancellationToken ct)
    {
        var folder = await FolderAsync(ct);
        foreach (var offer in files)
        {
            if (await folder.FindAsync(offer.File.Location, ct) is not null)
            {
                await folder.CheckSameAsync(offer.File, ct);
                continue;
            }

            await TakeAsync(offer, ct);
            await folder.WriteAsync(offer.File.Location, new LfsPointer(offer.File.Digest, offer.File.Size).ToBytes(), ct);
            FailPoint.At("publish.copied");
        }
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string location, ReadOnlyMemory<byte> bytes, CancellationToken ct) => await (await FolderAsync(ct)).WriteAsync(location, bytes, ct);

    /// <inheritdoc/>
    public async Task ServeAsync(MetadataChange change, CancellationToken ct) => await (await FolderAsync(ct)).ServeAsync(change, ct);

    /// <inheritdoc/>
    public async Task<string?> FinishAsync(string message, CancellationToken ct)
    {
        await WriteAttributesAsync(ct);
        var branch = address.PullRequest ? await RequestBranchAsync(ct) : _clone!.Branch;
        var pushed = await _clone!.PushAsync(branch, message, ct);
        _isFinished = true;
        return pushed && address.PullRequest ? address.PullRequestPage(branch, _clone.Branch) ?? $"branch {branch} of {address.Remote}" : null;
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(IEnumerable<string> locations, CancellationToken ct)
    {
        var removed = locations.ToList();
        await (await FolderAsync(ct)).RemoveAsync(removed, ct);
        if (_isFinished && removed.Count > 0)
        {
            await FinishAsync($"Remove {removed.Count} files that nothing names any more\n\n{string.Join('\n', removed)}\n", ct);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _clone?.Dispose();
        _clone = null;
        return ValueTask.CompletedTask;
    }

    private async Task<FolderStore> FolderAsync(CancellationToken ct)
    {
        _clone ??= await GitClone.OpenAsync(address, ct);
        return _folder ??= new FolderStore(Path.Combine(_clone.Folder, address.Folder));
    }

    /// <summary>Puts a package where git-lfs looks for objects.</summary>
    private async Task TakeAsync(FileOffer offer, CancellationToken ct)
    {
        await Durable.WriteAsync(
            _clone!.ObjectPath(offer.File.Digest),
            async output =>
            {
                await using var input = await offer.OpenAsync(ct);
                offer.CheckCopied(await StoreReading.CopyAsync(input, output, ct));
            },
            ct);
        _clone.Added(offer.File.Digest);
    }

    /// <summary>Without the rule a later clone would show pointers, and a later commit would put packages into git itself.</summary>
    private async Task WriteAttributesAsync(CancellationToken ct)
    {
        var path = Path.Combine(_clone!.Folder, Attributes);
        var there = File.Exists(path) ? await File.ReadAllTextAsync(path, ct) : "";
        if (!there.Contains("filter=lfs", StringComparison.Ordinal))
        {
            await File.WriteAllTextAsync(path, there.Length is 0 || there.EndsWith('\n') ? there + Rule : $"{there}\n{Rule}", ct);
        }
    }

    /// <summary>One branch for each state that is asked for: the same one again is the same branch.</summary>
    private async Task<string> RequestBranchAsync(CancellationToken ct)
    {
        var repomd = await this.ReadAsync(SignedRepomd.Location, RepomdReader.Limit, ct) ?? [];
        return $"dotnet-release/{(address.Folder.Length > 0 ? address.Folder : "repository")}-{Digest.Of(repomd).Hex[..12]}";
    }

    private sealed class Unlocked : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
