using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Processes;
using DotnetRelease.Toml;

namespace DotnetRelease.Runs;

/// <summary>Every change that the history of a repository made to its lockfiles.</summary>
public static class LockHistory
{
    /// <summary>
    /// One entry per commit that touched a lockfile, against the commit's first parent, newest first as <c>git log --topo-order</c>
    /// lists them. History cannot be repaired: a commit with an unreadable lock becomes an entry with a warning.
    /// </summary>
    /// <param name="request">The newer side says where to start; HEAD when it says nothing. There is no older side.</param>
    /// <param name="ct">Ends git.</param>
    public static async Task<Detection> ReadAsync(DetectionRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var locks = ImmutableArray.CreateBuilder<DetectedLock>();
        foreach (var path in Detector.Lockfiles(request with { From = null, To = null }))
        {
            var repository = new LockRepository(request.Folder, Detector.Relative(request, path));
            var moments = await repository.HistoryAsync(request.To ?? "HEAD", ct);
            await using var reader = repository.OpenReader();
            var walk = new Walk(reader, request);
            var entries = new DetectedLock[moments.Count];

            // Oldest first, so that each lock is read once: what one commit made is what the next one found.
            for (var i = moments.Count - 1; i >= 0; i--)
            {
                entries[i] = await walk.CompareAsync(moments[i], ct);
            }

            locks.AddRange(entries);
        }

        return new(locks.DrainToImmutable()) { Settings = request.Rules?.Settings };
    }

    /// <summary>The way through one history, with the locks that are likely to be asked for again.</summary>
    private sealed class Walk(GitReader reader, DetectionRequest request)
    {
        /// <summary>A read lock takes about ten times its size; branches that go on side by side need more than one.</summary>
        private const int Kept = 4, KeptSize = 1024 * 1024;

        private readonly Queue<(string Id, Lockfile Lock)> _recent = new();

        public async Task<DetectedLock> CompareAsync(LockMoment moment, CancellationToken ct)
        {
            var (commit, parent) = (moment.Commit.Id, moment.Commit.FirstParent);
            try
            {
                var after = await ParseAsync(commit, moment.Path, moment.After, ct);
                var before = await ParseAsync(parent ?? commit, moment.OldPath, moment.Before, ct);
                var diff = LockDiff.Compare(before, after);
                return new(moment.Path, (after ?? before)?.Format ?? "", parent, commit, diff)
                {
                    Commit = commit,
                    Alarms = request.Rules?.OfHistory(diff, before, after) ?? diff.Alarms,
                };
            }
            catch (ReleaseException ex) when (ex.Position is not null)
            {
                var note = $"{ex.Position}: {ex.Message} The commit {commit} cannot be compared with its parent.";
                return new(moment.Path, "", parent, commit, new([], []) { Notes = [note] }) { Commit = commit };
            }
        }

        private async Task<Lockfile?> ParseAsync(string commit, string path, GitObject? blob, CancellationToken ct)
        {
            if (blob is null)
            {
                return null;
            }

            if (_recent.FirstOrDefault(each => each.Id == blob.Id).Lock is { } known)
            {
                return known;
            }

            var label = LockRepository.LabelAt(commit, path);
            var bytes = blob.Size <= TomlReader.SizeLimit ? await reader.ReadAsync(blob, ct) : throw TomlReader.TooLarge(label, blob.Size);
            var read = LockfileReader.Read(bytes.Span, label);
            if (blob.Size <= KeptSize)
            {
                _recent.Enqueue((blob.Id, read));
                if (_recent.Count > Kept)
                {
                    _recent.Dequeue();
                }
            }

            return read;
        }
    }
}
