using System.CommandLine;
using DotnetRelease.Runs;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>detect</c>: which locked packages changed.</summary>
internal static class DetectCommand
{
    private const string Summary = """
        Show which locked packages changed.

        Without options: the last change of the lock, committed or not. The newer side is the file in the work tree; the older one is HEAD
        when the file differs from it, else the commit before the last one that changed the file. A lock that is missing on one side counts
        as empty. Of two names that are possible, a file wins over a revision (write refs/heads/NAME for a branch).
        """;

    public static System.CommandLine.Command Create()
    {
        Option<string[]> lockfiles = new("--lockfile")
        {
            HelpName = "file",
            Description = "A lockfile to look at; repeatable (default: those of the settings, else those with a usual name in the folder).",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string> from = new("--from") { HelpName = "rev|file", Description = "The older side: a git revision, a file, or - for standard input." };
        Option<string> to = new("--to") { HelpName = "rev|file", Description = "The newer side: a git revision, a file, or - for standard input (default: the lockfile in the work tree)." };
        Option<bool> history = new("--all-history")
        {
            Description = "One entry per commit that touched the lockfile, against its first parent, newest first (from --to, default HEAD).",
        };
        var format = CommonOptions.Format();
        Option<bool> exitCode = new("--exit-code") { Description = "End with 3 when nothing changed." };

        return new Verb(
            "detect",
            Summary,
            "dotnet release detect",
            "dotnet release detect --from v1.2.0 --to HEAD --json",
            "dotnet release detect --format markdown",
            "dotnet release detect --from before/poetry.lock --to after/poetry.lock",
            "git show origin/main:poetry.lock | dotnet release detect --from -")
        {
            lockfiles, from, to, history, exitCode, format,
        }
        .Does(async (parsed, session, ct) =>
        {
            var named = new DetectionRequest(session.Folder)
            {
                Lockfiles = [.. parsed.GetValue(lockfiles) ?? []],
                From = parsed.GetValue(from),
                To = parsed.GetValue(to),
                Input = parsed.GetValue(from) is DetectionRequest.StandardInput || parsed.GetValue(to) is DetectionRequest.StandardInput
                    ? Console.OpenStandardInput()
                    : null,
            };
            var request = await named.WithSettingsAsync(session.Config, ct);
            var detection = parsed.GetValue(history) ? await HistoryAsync(request, ct) : await Detector.CompareAsync(request, ct);
            Show(session, detection, parsed.GetValue(format));
            return parsed.GetValue(exitCode) && !detection.HasChanges ? ExitCode.NothingToRelease : ExitCode.Success;
        });
    }

    private static Task<Detection> HistoryAsync(DetectionRequest request, CancellationToken ct) => request.From is null
        ? LockHistory.ReadAsync(request, ct)
        : throw new ReleaseException(Fault.Usage, "--all-history compares every commit with its own parent; it takes no --from.");

    private static void Show(Session session, Detection detection, PageFormat format)
    {
        // What happened years ago is a line of the answer and nothing to act on.
        session.Reporter.Tell(detection.AllAlarms.Where(_ => !detection.IsHistory));
        foreach (var note in detection.Locks.SelectMany(each => each.Diff.Notes))
        {
            session.Reporter.Warning(note);
        }

        if (session.Json)
        {
            session.Output.WriteLine(detection.ToJson());
            return;
        }

        var page = format is PageFormat.Tsv ? DetectOutput.ToRows(detection) : DetectOutput.ToPage(detection, isAlone: format is not PageFormat.Table);
        page.WriteTo(session.Output, format, session.Color);
    }
}
