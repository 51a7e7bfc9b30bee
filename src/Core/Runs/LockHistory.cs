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
            locks.AddRange(await new Walk(reader, request).CompareAsync(moments, ct));
        }

        return new(locks.DrainToImmutable()) { Settings = request.Rules?.Settings };
    }

    /// <summary>The way through one history. Git gives one content after the other; they are parsed side by side, ahead of the comparison.</summary>
    private sealed class Walk(GitReader reader, DetectionRequest request)
    {
        /// <summary>So many bytes of locks are under way at once; a read lock takes about ten times its size.</summary>
        private const long Portion = 2 * 1024 * 1024;

        /// <summary>What one commit made is what the next one found. Branches that go on side by side need more than one.</summary>
        private const int Kept = 4;

        private readonly Queue<(string Id, Task<Lockfile> Reading)> _recent = new();

        public async Task<DetectedLock[]> CompareAsync(IReadOnlyList<LockMoment> moments, CancellationToken ct)
        {
            var entries = new DetectedLock[moments.Count];
            var begun = new Queue<Begun>();
            var (next, underway) = (moments.Count - 1, 0L);

            // Oldest first, so that each lock is read once.
            for (var i = moments.Count - 1; i >= 0; i--)
            {
                while (next >= 0 && (begun.Count is 0 || underway + SizeOf(moments[next]) <= Portion))
                {
                    underway += SizeOf(moments[next]);
                    begun.Enqueue(await BeginAsync(moments[next--], ct));
                }

                entries[i] = await CompareAsync(begun.Dequeue());
                underway -= SizeOf(moments[i]);
            }

            return entries;
        }

        private static long SizeOf(LockMoment moment) => moment.After?.Size ?? moment.Before?.Size ?? 0;

        private async Task<DetectedLock> CompareAsync(Begun begun)
        {
            var moment = begun.Moment;
            var (commit, parent) = (moment.Commit.Id, moment.Commit.FirstParent);
            try
            {
                var after = begun.After is null ? null : await begun.After;
                var before = begun.Before is null ? null : await begun.Before;
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

        private async Task<Begun> BeginAsync(LockMoment moment, CancellationToken ct)
        {
            var before = await BeginAsync(moment.Commit.FirstParent ?? moment.Commit.Id, moment.OldPath, moment.Before, ct);
            return new(moment, before, await BeginAsync(moment.Commit.Id, moment.Path, moment.After, ct));
        }

        private async Task<Task<Lockfile>?> BeginAsync(string commit, string path, GitObject? blob, CancellationToken ct)
        {
            if (blob is null)
            {
                return null;
            }

            if (_recent.FirstOrDefault(each => each.Id == blob.Id).Reading is { } known)
            {
                return known;
            }

            var label = LockRepository.LabelAt(commit, path);
            if (blob.Size > TomlReader.SizeLimit)
            {
                return Task.FromException<Lockfile>(TomlReader.TooLarge(label, blob.Size));
            }

            var bytes = await reader.ReadAsync(blob, ct);
            var reading = Task.Run(() => LockfileReader.Read(bytes.Span, label), ct);
            _recent.Enqueue((blob.Id, reading));
            if (_recent.Count > Kept)
            {
                _recent.Dequeue();
            }

            return reading;
        }

        /// <summary>A commit whose locks are being read.</summary>
        private sealed record Begun(LockMoment Moment, Task<Lockfile>? Before, Task<Lockfile>? After);
    }
}
