using System.Text;

namespace DotnetRelease.Processes;

/// <summary>
/// Reads a git repository without running anything the repository configures: no hooks, no replace refs, no external programs, no
/// prompts.
/// </summary>
/// <param name="folder">A folder inside the work tree.</param>
public sealed class Git(string folder)
{
    /// <summary>The root of the work tree, or null when the folder is in none.</summary>
    public async Task<string?> FindRootAsync(CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(Command("rev-parse", "--show-toplevel"), ct);
        return outcome.ExitCode is 0 ? outcome.Output.TrimEnd('\n') : null;
    }

    /// <summary>The full commit id of a revision.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RevisionUnknown"/>.</exception>
    public async Task<string> ResolveCommitAsync(string revision, CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(Command("rev-parse", "--verify", "--quiet", "--end-of-options", $"{revision}^{{commit}}"), ct);
        return outcome.ExitCode is 0
            ? outcome.Output.Trim()
            : throw new ReleaseException(Fault.RevisionUnknown, $"'{revision}' names no commit in '{folder}'{Because(outcome)}.")
            {
                Remedy = "Name a commit, tag or branch that 'git rev-parse' knows; in a shallow clone fetch it first.",
            };
    }

    /// <summary>A file exactly as it is in a commit, or null when the commit has no such file.</summary>
    /// <param name="commit">A full commit id.</param>
    /// <param name="path">Path relative to <see cref="Command"/>'s folder, with forward slashes.</param>
    /// <param name="ct">Ends git.</param>
    public async Task<byte[]?> ReadFileAsync(string commit, string path, CancellationToken ct)
    {
        // "./" makes git take the path as relative to the folder and not to the root of the work tree.
        var outcome = await Exec.RunAsync(Command("cat-file", "blob", $"{commit}:./{path}"), ct);
        return outcome.ExitCode is 0 ? outcome.OutputBytes.ToArray() : null;
    }

    /// <summary>A git call that ignores system and user configuration where it could run programs.</summary>
    public Command Command(params string[] arguments) =>
        new Command("git", ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-replace-objects", "--no-pager", "-C", folder, .. arguments])
            .With("GIT_CONFIG_NOSYSTEM", "1")
            .With("GIT_TERMINAL_PROMPT", "0")
            .With("GIT_OPTIONAL_LOCKS", "0");

    private static string Because(Outcome outcome)
    {
        var lines = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length is 0 ? "" : new StringBuilder(": ").Append(lines[^1].Replace("fatal: ", "", StringComparison.Ordinal)).ToString();
    }
}
