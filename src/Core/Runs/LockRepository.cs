using DotnetRelease.Processes;
using DotnetRelease.Toml;

namespace DotnetRelease.Runs;

/// <summary>States of one lockfile in the history of a git repository.</summary>
/// <param name="folder">A folder of the work tree.</param>
/// <param name="path">The lockfile, relative to the folder.</param>
internal sealed class LockRepository(string folder, string path)
{
    private const string Head = "HEAD";
    private readonly Git _git = new(folder);

    /// <summary>The state at a revision.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RevisionUnknown"/>.</exception>
    public async Task<LockState> AtAsync(string revision, CancellationToken ct) => await TryAtAsync(revision, ct)
        ?? throw new ReleaseException(Fault.RevisionUnknown, $"'{revision}' is neither a file nor a commit that git knows in '{folder}'.")
        {
            Remedy = "Name a file, commit, tag or branch; in a shallow clone fetch it first: git fetch --unshallow --tags",
        };

    /// <summary>The state at HEAD; null in a repository without commits.</summary>
    public Task<LockState?> AtHeadAsync(CancellationToken ct) => TryAtAsync(Head, ct);

    /// <summary>The state before the last commit that changed the lock, seen from a commit.</summary>
    public async Task<LockState> BeforeLastChangeAsync(string commit, CancellationToken ct)
    {
        if (await _git.TouchedAsync(commit, path, limit: 1, ct) is not [var last])
        {
            return new(Origin: null, path, Bytes: null);
        }

        await RefuseCutHistoryAsync(last, ct);
        return last.FirstParent is { } parent ? await AtAsync(parent, ct) : new(Origin: null, path, Bytes: null);
    }

    /// <summary>The commits that touched the lock, seen from a revision, newest first.</summary>
    public async Task<IReadOnlyList<GitCommit>> HistoryAsync(string revision, CancellationToken ct)
    {
        var commits = await _git.TouchedAsync(await _git.ResolveCommitAsync(revision, ct), path, limit: null, ct);
        if (commits is [.., var first])
        {
            await RefuseCutHistoryAsync(first, ct);
        }

        return commits;
    }

    /// <summary>The blobs of the lock in commits; null where it is not.</summary>
    public async Task<IReadOnlyList<GitObject?>> FindAsync(IEnumerable<string> commits, CancellationToken ct) =>
        [.. (await _git.FindObjectsAsync([.. commits.Select(commit => $"{commit}:./{path}")], ct)).Select(each => each is { Type: "blob" } ? each : null)];

    /// <summary>The content of blobs.</summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(IReadOnlyList<GitObject> blobs, CancellationToken ct) =>
        await _git.ReadObjectsAsync(blobs, ct);

    /// <summary>How positions name the lock in a commit.</summary>
    public string LabelAt(string commit)
    {
        const int enough = 12;
        return $"{commit[..enough]}:{path}";
    }

    private async Task<LockState?> TryAtAsync(string revision, CancellationToken ct)
    {
        var found = await _git.FindObjectsAsync([$"{revision}^{{commit}}", $"{revision}^{{commit}}:./{path}"], ct);
        if (found[0] is not { } commit)
        {
            return null;
        }

        if (found[1] is not { Type: "blob" } blob)
        {
            return new(commit.Id, LabelAt(commit.Id), Bytes: null);
        }

        return blob.Size <= TomlReader.SizeLimit
            ? new(commit.Id, LabelAt(commit.Id), (await _git.ReadObjectsAsync([blob], ct))[0])
            : throw TomlReader.TooLarge(LabelAt(commit.Id), blob.Size);
    }

    /// <summary>Where a shallow clone ends, everything would look newly added.</summary>
    private async Task RefuseCutHistoryAsync(GitCommit commit, CancellationToken ct)
    {
        if (commit.FirstParent is null && await _git.IsShallowAsync(ct))
        {
            throw new ReleaseException(Fault.RevisionUnknown, $"The history of '{path}' is cut off at {commit.Id}, because the clone is shallow.")
            {
                Remedy = "Fetch the rest: git fetch --unshallow (GitHub: actions/checkout with 'fetch-depth: 0').",
            };
        }
    }
}
