using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs;

/// <summary>Joins git, files and lock readers: from "what changed?" to the changes.</summary>
public static class Detector
{
    /// <summary>Compares two states of every lockfile.</summary>
    public static async Task<Detection> CompareAsync(DetectionRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var locks = ImmutableArray.CreateBuilder<DetectedLock>();
        foreach (var path in Lockfiles(request))
        {
            var to = await ToAsync(request, path, ct);
            var from = await FromAsync(request, path, to, ct);
            if (from.Bytes is null && to.Bytes is null)
            {
                throw new ReleaseException(Fault.FileUnreadable, $"There is no lockfile '{path}', neither in {Where(from)} nor in {Where(to)}.")
                {
                    Remedy = "Name the lockfile with --lockfile.",
                };
            }

            var (before, after) = (from.Parse(), to.Parse());
            var diff = LockDiff.Compare(before, after);
            locks.Add(new(path, (after ?? before)!.Format, from.Origin, to.Origin!, diff)
            {
                Before = before,
                After = after,
                Bytes = to.Bytes,
                Alarms = request.Rules?.Of(diff, before, after) ?? diff.Alarms,
            });
        }

        var detection = new Detection(locks.DrainToImmutable());
        return request.Rules is { Settings: var settings }
            ? detection with { Settings = settings, Alarms = AlarmJudge.Unused([.. detection.AllAlarms], settings.Accepted) }
            : detection;
    }

    private static async Task<LockState> ToAsync(DetectionRequest request, string path, CancellationToken ct)
    {
        var to = request.To ?? path;
        if (to is DetectionRequest.StandardInput)
        {
            return LockState.OfInput(request.Input);
        }

        return request.To is null || request.IsFile(to)
            ? LockState.OfFile(to, request.Folder)
            : await new LockRepository(request.Folder, Relative(request, path)).AtAsync(to, ct);
    }

    private static async Task<LockState> FromAsync(DetectionRequest request, string path, LockState to, CancellationToken ct)
    {
        if (request.From is DetectionRequest.StandardInput)
        {
            return LockState.OfInput(request.Input);
        }

        if (request.From is { } from && request.IsFile(from))
        {
            return LockState.OfFile(from, request.Folder);
        }

        var repository = new LockRepository(request.Folder, Relative(request, path));
        if (request.From is { } revision)
        {
            var state = await repository.AtAsync(revision, ct);
            return state.Bytes is null && to.Bytes is not null
                ? await repository.UnderOldNameAsync(revision, request.To is null || request.IsFile(request.To) ? "HEAD" : request.To, ct) ?? state
                : state;
        }

        if (request.To is not (null or DetectionRequest.StandardInput) && !request.IsFile(request.To))
        {
            return await repository.BeforeLastChangeAsync(to.Origin!, ct);
        }

        return await repository.AtHeadAsync(ct) switch
        {
            null => new(Origin: null, path, Bytes: null),
            var head when !head.HasContentOf(to) => head,
            var head => await repository.BeforeLastChangeAsync(head.Origin!, ct),
        };
    }

    /// <summary>The lockfiles to look at; a file that is compared is its own when none is named.</summary>
    internal static ImmutableArray<string> Lockfiles(DetectionRequest request)
    {
        var compared = new[] { request.To, request.From }.OfType<string>().Where(request.IsFile).ToImmutableArray();
        if (compared is [var file, ..])
        {
            return request.Lockfiles switch
            {
                [] => [file],
                [var only] => [only],
                _ => throw new ReleaseException(Fault.Usage, $"'{file}' is one file and can be compared with one lockfile only, but {request.Lockfiles.Length} are named.")
                {
                    Remedy = "Name the one with --lockfile.",
                },
            };
        }

        var lockfiles = request.Lockfiles is [_, ..] ? request.Lockfiles : Usual(request.Folder);
        return lockfiles is [_] || (request.From is not DetectionRequest.StandardInput && request.To is not DetectionRequest.StandardInput)
            ? lockfiles
            : throw new ReleaseException(
                Fault.Usage, $"Standard input is one lockfile and can be compared with one only, but there are {lockfiles.Length}: {string.Join(", ", lockfiles)}.")
            {
                Remedy = "Name the one with --lockfile.",
            };
    }

    /// <summary>A path for git, which wants it relative to the folder.</summary>
    internal static string Relative(DetectionRequest request, string path) =>
        Path.GetRelativePath(request.Folder, Path.GetFullPath(path, request.Folder));

    private static ImmutableArray<string> Usual(string folder)
    {
        var found = LockfileReader.UsualNames.Where(name => File.Exists(Path.Combine(folder, name))).ToImmutableArray();
        return found is [_, ..]
            ? found
            : throw new ReleaseException(Fault.FileUnreadable, $"There is no {string.Join(" or ", LockfileReader.UsualNames)} in '{folder}'.")
            {
                Remedy = "Name the lockfile: in release.toml with 'lockfiles', or with --lockfile.",
            };
    }

    private static string Where(LockState state) => state.Origin is null ? "the time before the first commit" : $"'{state.Origin}'";
}
