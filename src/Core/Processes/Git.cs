using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace DotnetRelease.Processes;

/// <summary>
/// Reads a git repository without running anything the repository configures: no hooks, no replace refs, no external programs, no
/// prompts.
/// </summary>
/// <param name="folder">A folder inside the work tree.</param>
public sealed class Git(string folder)
{
    /// <summary>
    /// Nobody vouches for the repository: whoever wrote a forged tag may have written its configuration, too. Then git reads objects that are
    /// here and does nothing else: what is missing is not fetched, because that would start what the configuration names as ssh.
    /// </summary>
    public bool IsUntrusted { get; init; }

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

    /// <summary>
    /// What names such as <c>REV^{commit}</c> and <c>REV:./path</c> stand for, all in one call; null for a name that git does not know.
    /// </summary>
    /// <param name="names">Any names that git understands, without line breaks.</param>
    /// <param name="ct">Ends git.</param>
    public async Task<ImmutableArray<GitObject?>> FindObjectsAsync(IReadOnlyList<string> names, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(names);
        var input = new StringBuilder();
        foreach (var name in names)
        {
            input.Append(name.AsSpan().ContainsAny('\n', '\r', '\0')
                ? throw new ReleaseException(Fault.RevisionUnknown, "A revision or path with a line break in its name is not looked up.")
                : name).Append('\n');
        }

        var outcome = await Exec.RunAsync(Command("cat-file", "--batch-check") with { Input = Encoding.UTF8.GetBytes(input.ToString()) }, ct);
        if (outcome.ExitCode is not 0)
        {
            throw new ReleaseException(Fault.RevisionUnknown, $"git could not look anything up in '{folder}'{Because(outcome)}.")
            {
                Remedy = "Run inside a git work tree, or name another one with -C.",
            };
        }

        var lines = outcome.Output.Split('\n');
        var objects = ImmutableArray.CreateBuilder<GitObject?>(names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            objects.Add(GitObject.TryParse(i < lines.Length ? lines[i] : ""));
        }

        return objects.MoveToImmutable();
    }

    /// <summary>The bytes of objects, all in one call. The caller has looked at their sizes first.</summary>
    public async Task<ImmutableArray<ReadOnlyMemory<byte>>> ReadObjectsAsync(IReadOnlyList<GitObject> objects, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(objects);
        var ids = string.Concat(objects.Select(each => each.Id + "\n"));
        var output = (await Exec.ReadAsync(Command("cat-file", "--batch") with { Input = Encoding.UTF8.GetBytes(ids) }, ct)).OutputBytes;
        var contents = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(objects.Count);
        foreach (var each in objects)
        {
            // A line "ID TYPE SIZE", then the bytes, then a line end.
            var start = output.Span.IndexOf((byte)'\n') + 1;
            var end = start + (int)each.Size;
            if (start is 0 || output.Length <= end)
            {
                throw new ReleaseException(Fault.ToolFailed, $"'git cat-file --batch' ended before object {each.Id} in '{folder}'.");
            }

            contents.Add(output[start..end]);
            output = output[(end + 1)..];
        }

        return contents.MoveToImmutable();
    }

    /// <summary>
    /// The commits that touched a file, newest first, children before parents: what <c>git log --topo-order -- FILE</c> shows.
    /// </summary>
    /// <param name="commit">A full commit id to start from.</param>
    /// <param name="path">Relative to the folder.</param>
    /// <param name="limit">How many at most; null for all.</param>
    /// <param name="ct">Ends git.</param>
    public Task<ImmutableArray<GitCommit>> TouchedAsync(string commit, string path, int? limit, CancellationToken ct) =>
        ListAsync(commit, limit is null ? [] : [string.Create(CultureInfo.InvariantCulture, $"--max-count={limit}")], [path], ct);

    /// <summary>Every commit that touched any of several files, children before parents; more of them than the histories of the single files have.</summary>
    /// <param name="commit">A full commit id to start from.</param>
    /// <param name="paths">Relative to the folder.</param>
    /// <param name="ct">Ends git.</param>
    public Task<ImmutableArray<GitCommit>> TouchedAnyAsync(string commit, IReadOnlyCollection<string> paths, CancellationToken ct) =>
        ListAsync(commit, ["--full-history"], [.. paths], ct);

    /// <summary>The name that a file of a commit had in the parent, when the commit renamed it; null when it is new or git finds nothing similar.</summary>
    /// <param name="commit">A commit with a parent.</param>
    /// <param name="path">In the commit, relative to the folder.</param>
    /// <param name="ct">Ends git.</param>
    /// <returns>Relative to the folder.</returns>
    public async Task<string?> RenamedFromAsync(GitCommit commit, string path, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(commit);
        var prefix = (await Exec.ReadAsync(Command("rev-parse", "--show-prefix"), ct)).Output.TrimEnd('\n');
        var outcome = await Exec.ReadAsync(
            Command("diff-tree", "-r", "-z", "--find-renames", "--diff-filter=R", "--name-status", "--no-commit-id", commit.FirstParent!, commit.Id), ct);
        var full = Path.GetFullPath(path, "/" + prefix);
        foreach (var entry in outcome.Output.Split('\0').Chunk(3))
        {
            // Similarity, old name, new name; both from the root of the work tree.
            if (entry is [_, var old, var now] && string.Equals("/" + now, full, StringComparison.Ordinal))
            {
                return Path.GetRelativePath("/" + prefix, "/" + old);
            }
        }

        return null;
    }

    /// <summary>Opens a reader for contents.</summary>
    public GitReader OpenReader() => new(Exec.Open(Command("cat-file", "--batch")), folder);

    private async Task<ImmutableArray<GitCommit>> ListAsync(string commit, string[] options, string[] paths, CancellationToken ct)
    {
        // rev-list and not log: a repository can configure log to run gpg.
        var outcome = await Exec.ReadAsync(
            Command(["--literal-pathspecs", "rev-list", "--topo-order", "--format=%H %P", .. options, commit, "--", .. paths]), ct);
        var commits = ImmutableArray.CreateBuilder<GitCommit>();
        foreach (var line in outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [not "commit" and var id, .. var parents])
            {
                commits.Add(new(id, parents is [var first, ..] ? first : null));
            }
        }

        return commits.DrainToImmutable();
    }

    /// <summary>The refs of exactly these names, those that are there.</summary>
    /// <param name="names">Full names, <c>refs/tags/v1</c>.</param>
    /// <param name="ct">Ends git.</param>
    public async Task<ImmutableArray<GitRef>> FindRefsAsync(IReadOnlyList<string> names, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(names);
        var outcome = await Exec.ReadAsync(Command(["for-each-ref", "--format=%(refname) %(objectname) %(symref)", "--", .. names]), ct);
        return
        [
            .. from line in outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
               let words = line.Split(' ')
               where words.Length is 3 && names.Contains(words[0], StringComparer.Ordinal)
               select new GitRef(words[0], words[1], words[2].Length is 0 ? null : words[2]),
        ];
    }

    /// <summary>Full name of the branch that is checked out; null when a commit is, without any branch.</summary>
    public async Task<string?> CurrentBranchAsync(CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(Command("symbolic-ref", "--quiet", "HEAD"), ct);
        return outcome.ExitCode is 0 ? outcome.Output.TrimEnd('\n') : null;
    }

    /// <summary>Whether history was cut off, so that a commit without parents need not be the first one.</summary>
    public async Task<bool> IsShallowAsync(CancellationToken ct) =>
        (await Exec.RunAsync(Command("rev-parse", "--is-shallow-repository"), ct)).Output.StartsWith("true", StringComparison.Ordinal);

    /// <summary>When the current commit was made; null outside a repository or before the first commit.</summary>
    public async Task<DateTimeOffset?> TimeOfHeadAsync(CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(Command("log", "-1", "--format=%ct", "HEAD", "--"), ct);
        return outcome.ExitCode is 0 && long.TryParse(outcome.Output, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }

    /// <summary>A git call that ignores system and user configuration where it could run programs.</summary>
    public Command Command(params string[] arguments)
    {
        // Git looks at who owns a repository because of what its configuration could start; nothing is left of that here.
        string[] guard = IsUntrusted ? ["-c", "safe.directory=*"] : [];
        var command = new Command("git", ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", .. guard, "--no-replace-objects", "--no-pager", "-C", folder, .. arguments])
            .With("GIT_CONFIG_NOSYSTEM", "1")
            .With("GIT_TERMINAL_PROMPT", "0")
            .With("GIT_OPTIONAL_LOCKS", "0");

        // The second is for a git that does not know the first: without a protocol there is nothing to fetch with.
        return IsUntrusted
            ? command.With("GIT_CONFIG_GLOBAL", "/dev/null").With("GIT_NO_LAZY_FETCH", "1").With("GIT_ALLOW_PROTOCOL", "none").With("GIT_NO_REPLACE_OBJECTS", "1")
            : command;
    }

    private static string Because(Outcome outcome)
    {
        var lines = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length is 0 ? "" : new StringBuilder(": ").Append(lines[^1].Replace("fatal: ", "", StringComparison.Ordinal)).ToString();
    }
}
