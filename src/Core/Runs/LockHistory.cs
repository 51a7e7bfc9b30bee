using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Processes;
using DotnetRelease.Toml;

namespace DotnetRelease.Runs;

/// <summary>Every change that the history of a repository made to its lockfiles.</summary>
public static class LockHistory
{
    /// <summary>So many bytes of locks are read at once; a read lock takes about ten times its size.</summary>
    private const long Portion = 4 * 1024 * 1024;

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
            var commits = await repository.HistoryAsync(request.To ?? "HEAD", ct);
            var after = await repository.FindAsync(commits.Select(commit => commit.Id), ct);
            var before = await repository.FindAsync(commits.Select(commit => commit.FirstParent ?? commit.Id), ct);
            Step[] steps =
            [
                .. commits.Select((commit, i) => new Step(commit, commit.FirstParent is null ? null : before[i], after[i])),
            ];
            for (var done = 0; done < steps.Length;)
            {
                var count = Math.Max(1, Fitting(steps.AsSpan(done)));
                locks.AddRange(await ReadAsync(repository, path, new(steps, done, count), ct));
                done += count;
            }
        }

        return new(locks.DrainToImmutable());
    }

    private static int Fitting(ReadOnlySpan<Step> steps)
    {
        var (count, bytes) = (0, 0L);
        while (count < steps.Length && (bytes += Readable(steps[count].Before) + Readable(steps[count].After)) <= Portion)
        {
            count++;
        }

        return count;
    }

    private static long Readable(GitObject? blob) => blob is { Size: <= TomlReader.SizeLimit } ? blob.Size : 0;

    private static async Task<IEnumerable<DetectedLock>> ReadAsync(LockRepository repository, string path, ArraySegment<Step> steps, CancellationToken ct)
    {
        var blobs = steps.SelectMany(step => new[] { step.Before, step.After })
            .OfType<GitObject>()
            .Where(blob => blob.Size <= TomlReader.SizeLimit)
            .DistinctBy(blob => blob.Id, StringComparer.Ordinal)
            .ToList();
        var contents = await repository.ReadAsync(blobs, ct);
        var byId = blobs.Zip(contents).ToDictionary(pair => pair.First.Id, pair => pair.Second, StringComparer.Ordinal);
        return steps.Select(step => Compare(step, path, (commit, blob) => Parse(repository.LabelAt(commit), blob, byId)));
    }

    private static DetectedLock Compare(Step step, string path, Func<string, GitObject?, Lockfile?> parse)
    {
        var (commit, parent) = (step.Commit.Id, step.Commit.FirstParent);
        try
        {
            var after = parse(commit, step.After);
            var before = parent is null ? null : parse(parent, step.Before);
            return new(path, (after ?? before)?.Format ?? "", parent, commit, LockDiff.Compare(before, after)) { Commit = commit };
        }
        catch (ReleaseException ex)
        {
            var warning = $"{ex.Position}: {ex.Message} The commit {commit} cannot be compared with its parent.";
            return new(path, "", parent, commit, new([], []) { Notes = [warning] }) { Commit = commit };
        }
    }

    private static Lockfile? Parse(string label, GitObject? blob, Dictionary<string, ReadOnlyMemory<byte>> contents)
    {
        if (blob is null)
        {
            return null;
        }

        return contents.TryGetValue(blob.Id, out var bytes)
            ? LockfileReader.Read(bytes.Span, label)
            : throw TomlReader.TooLarge(label, blob.Size);
    }

    /// <summary>One commit with the lock before and after it.</summary>
    private sealed record Step(GitCommit Commit, GitObject? Before, GitObject? After);
}
