using DotnetRelease.Processes;
using DotnetRelease.Toml;

namespace DotnetRelease.Runs;

/// <summary>States of one lockfile in the history of a git repository.</summary>
/// <param name="folder">A folder of the work tree.</param>
/// <param name="path">The lockfile, relative to the folder.</param>
internal sealed class LockRepository(string folder, string path)
{
    private const string Head = "HEAD";

    /// <summary>A lock that was moved more often was moved by somebody who wants us to be busy.</summary>
    private const int RenameLimit = 50;

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

    /// <summary>The state at a revision under the name that the lock had then, when it was moved later; null when it had none.</summary>
    /// <param name="revision">A revision at which the present name is not there.</param>
    /// <param name="start">A commit that has the present name.</param>
    /// <param name="ct">Ends git.</param>
    public async Task<LockState?> UnderOldNameAsync(string revision, string start, CancellationToken ct)
    {
        foreach (var name in (await WalkAsync(await _git.ResolveCommitAsync(start, ct), ct)).Names.Skip(1))
        {
            if (await new LockRepository(folder, name).AtAsync(revision, ct) is { Bytes: not null } state)
            {
                return state;
            }
        }

        return null;
    }

    /// <summary>The state before the last commit that changed the lock, seen from a commit. To move a lock is no change of it.</summary>
    public async Task<LockState> BeforeLastChangeAsync(string commit, CancellationToken ct)
    {
        if (await _git.TouchedAsync(commit, path, limit: 1, ct) is not [var last])
        {
            return new(Origin: null, path, Bytes: null);
        }

        await RefuseCutHistoryAsync(last, ct);
        if (last.FirstParent is not { } parent)
        {
            return new(Origin: null, path, Bytes: null);
        }

        var before = await AtAsync(parent, ct);
        if (before.Bytes is not null || await _git.RenamedFromAsync(last, path, ct) is not { } name)
        {
            return before;
        }

        var old = new LockRepository(folder, name);
        before = await old.AtAsync(parent, ct);
        return before.HasContentOf(await AtAsync(last.Id, ct)) ? await old.BeforeLastChangeAsync(parent, ct) : before;
    }

    /// <summary>
    /// The commits that touched the lock, seen from a revision, newest first, children before parents. Where one of them moved the file, its
    /// history goes on under the old name.
    /// </summary>
    public async Task<IReadOnlyList<LockMoment>> HistoryAsync(string revision, CancellationToken ct)
    {
        var start = await _git.ResolveCommitAsync(revision, ct);
        var (found, names) = await WalkAsync(start, ct);
        List<LockMoment> moments = names.Count is 1
            ? [.. found.Values]
            : [.. (await _git.TouchedAnyAsync(start, names, ct)).Select(commit => found.GetValueOrDefault(commit.Id)).OfType<LockMoment>()];
        if (moments is [.., var first])
        {
            await RefuseCutHistoryAsync(first.Commit, ct);
        }

        return moments;
    }

    /// <summary>Opens a reader for the contents of locks.</summary>
    public GitReader OpenReader() => _git.OpenReader();

    /// <summary>How positions name a lock in a commit.</summary>
    public static string LabelAt(string commit, string path)
    {
        const int enough = 12;
        return $"{commit[..enough]}:{path}";
    }

    /// <summary>The commits that touched the lock under any of its names, and the names, the present one first.</summary>
    private async Task<(Dictionary<string, LockMoment> Moments, List<string> Names)> WalkAsync(string start, CancellationToken ct)
    {
        var found = new Dictionary<string, LockMoment>(StringComparer.Ordinal);
        var names = new List<string>();
        var open = new Queue<(string Commit, string Name)>([(start, path)]);
        while (open.TryDequeue(out var from))
        {
            names.Add(from.Name);
            foreach (var each in await MomentsAsync(from.Commit, from.Name, ct))
            {
                var moment = await FollowAsync(each, ct);
                if (found.TryAdd(moment.Commit.Id, moment) && moment.OldPath != moment.Path && names.Count < RenameLimit)
                {
                    open.Enqueue((moment.Commit.FirstParent!, moment.OldPath));
                }
            }
        }

        return (found, names);
    }

    /// <summary>The commits that touched one name, each with what is under that name before and after it.</summary>
    private async Task<IEnumerable<LockMoment>> MomentsAsync(string start, string name, CancellationToken ct)
    {
        var commits = await _git.TouchedAsync(start, name, limit: null, ct);
        var blobs = await FindAsync([.. commits.Select(commit => (commit.Id, name)), .. commits.Select(commit => (commit.FirstParent ?? commit.Id, name))], ct);
        return commits.Select((commit, i) => new LockMoment(commit, name)
        {
            After = blobs[i],
            Before = commit.FirstParent is null ? null : blobs[commits.Length + i],
        });
    }

    /// <summary>A commit that adds the lock may have moved it.</summary>
    private async Task<LockMoment> FollowAsync(LockMoment moment, CancellationToken ct)
    {
        if (moment is { Before: not null } or { After: null } or { Commit.FirstParent: null } || await _git.RenamedFromAsync(moment.Commit, moment.Path, ct) is not { } old)
        {
            return moment;
        }

        return moment with { OldPath = old, Before = (await FindAsync([(moment.Commit.FirstParent!, old)], ct))[0] };
    }

    private async Task<IReadOnlyList<GitObject?>> FindAsync(IEnumerable<(string Commit, string Name)> places, CancellationToken ct) =>
        [.. (await _git.FindObjectsAsync([.. places.Select(place => $"{place.Commit}:./{place.Name}")], ct)).Select(each => each is { Type: "blob" } ? each : null)];

    private async Task<LockState?> TryAtAsync(string revision, CancellationToken ct)
    {
        var found = await _git.FindObjectsAsync([$"{revision}^{{commit}}", $"{revision}^{{commit}}:./{path}"], ct);
        if (found[0] is not { } commit)
        {
            return null;
        }

        if (found[1] is not { Type: "blob" } blob)
        {
            return new(commit.Id, LabelAt(commit.Id, path), Bytes: null);
        }

        return blob.Size <= TomlReader.SizeLimit
            ? new(commit.Id, LabelAt(commit.Id, path), (await _git.ReadObjectsAsync([blob], ct))[0])
            : throw TomlReader.TooLarge(LabelAt(commit.Id, path), blob.Size);
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
