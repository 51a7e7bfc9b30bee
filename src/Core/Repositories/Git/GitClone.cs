using System.Collections.Immutable;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories.Git;

/// <summary>
/// A throw-away clone of one branch: the newest commit alone, without the large files. Nothing in it is run or obeyed: no hooks, no filters, no
/// configuration that lies in the repository, and links are files.
/// </summary>
internal sealed class GitClone : IDisposable
{
    private readonly GitAddress _address;
    private readonly HashSet<Digest> _objects = [];
    private readonly TemporaryFolder _place = TemporaryFolder.Create("git");

    private GitClone(GitAddress address, string branch) => (_address, Branch, Folder) = (address, branch, Path.Combine(_place.Path, "clone"));

    /// <summary>The branch that was read.</summary>
    internal string Branch { get; }

    /// <summary>The work tree.</summary>
    internal string Folder { get; }

    /// <summary>The commit that was read; null: the remote is empty.</summary>
    private string? Base { get; set; }

    /// <exception cref="ReleaseException"><see cref="Fault.StoreUnreachable"/>, <see cref="Fault.StoreRefused"/> or <see cref="Fault.ToolMissing"/>.</exception>
    internal static async Task<GitClone> OpenAsync(GitAddress address, CancellationToken ct)
    {
        if (Exec.Find("git-lfs") is null)
        {
            throw new ReleaseException(Fault.ToolMissing, "The program 'git-lfs' is not installed.") { Remedy = "Install it: apt-get install git-lfs, or dnf install git-lfs." };
        }

        var refs = await RefsAsync(address, ct);
        var clone = new GitClone(address, address.Branch ?? refs.Head ?? "main");
        try
        {
            await Exec.ReadAsync(new Command("git", "init", "--quiet", "--template=", $"--initial-branch={clone.Branch}", clone.Folder).With("GIT_CONFIG_NOSYSTEM", "1"), ct);
            await clone.ReadAsync(["remote", "add", "origin", address.Remote], ct);
            if (refs.Branches.Contains(clone.Branch))
            {
                await clone.RemoteAsync(["fetch", "--quiet", "--depth=1", "--no-tags", "--filter=blob:none", "origin", $"refs/heads/{clone.Branch}"], ct);
                await clone.RemoteAsync(["reset", "--quiet", "--hard", "FETCH_HEAD"], ct);
                clone.Base = (await clone.ReadAsync(["rev-parse", "HEAD"], ct)).Trim();
            }
            else if (refs.Branches.Count > 0)
            {
                throw new ReleaseException(Fault.StoreRefused, $"{address.Remote} has no branch '{clone.Branch}'. It has: {string.Join(", ", refs.Branches.Order(StringComparer.Ordinal).Take(10))}.")
                {
                    Remedy = "Make the branch, or name another one with branch= in the repository's url.",
                };
            }

            return clone;
        }
        catch
        {
            clone.Dispose();
            throw;
        }
    }

    /// <summary>Where git-lfs looks for an object of this clone.</summary>
    internal string ObjectPath(Digest oid) => Path.Combine(Folder, ".git", "lfs", "objects", oid.Hex[..2], oid.Hex[2..4], oid.Hex);

    /// <summary>An object of this clone belongs to the next push.</summary>
    internal void Added(Digest oid) => _objects.Add(oid);

    /// <summary>Gets the large file of a pointer; gives its path.</summary>
    /// <param name="path">Relative to the work tree.</param>
    /// <param name="pointer">What lies there.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.StoreRefused"/>: the server does not have it.</exception>
    internal async Task<string> FetchAsync(string path, LfsPointer pointer, CancellationToken ct)
    {
        var file = ObjectPath(pointer.Oid);
        if (!File.Exists(file))
        {
            var outcome = await Exec.RunAsync(Git("lfs", "fetch", $"--include=/{path}", "--exclude=", "origin", "HEAD"), ct);
            if (outcome.ExitCode is not 0 || !File.Exists(file))
            {
                throw new ReleaseException(Fault.StoreRefused, $"{_address.LfsUrl} did not give the object {pointer.Oid.Hex} of '{path}' ({GitFailure.Said(outcome)}).")
                {
                    Remedy = "Push the object again from a clone that has it: git lfs push --object-id origin OID.",
                };
            }
        }

        return file;
    }

    /// <summary>One commit of everything that differs, pushed to a branch: objects first, then the branch. False: nothing differs.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMoved"/>, <see cref="Fault.StoreRefused"/> or <see cref="Fault.StoreUnreachable"/>; the branch is what it was.</exception>
    internal async Task<bool> PushAsync(string branch, string message, CancellationToken ct)
    {
        await ReadAsync(["add", "--all", "--force", "--", "."], ct);
        if (Base is not null && (await Exec.RunAsync(Git("diff", "--cached", "--quiet", "--no-ext-diff"), ct)).ExitCode is 0)
        {
            return false;
        }

        await Exec.ReadAsync(Git([.. await IdentityAsync(ct), "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--cleanup=verbatim", "--file=-"]) with { Input = System.Text.Encoding.UTF8.GetBytes(message) }, ct);
        FailPoint.At("publish.committed");
        if (_objects.Count > 0)
        {
            var sent = await SendAsync(["lfs", "push", "--object-id", "origin", .. _objects.Select(oid => oid.Hex).Order(StringComparer.Ordinal)], ct);
            if (!GitFailure.IsUpload(sent))
            {
                throw GitFailure.OfObjects(_address, sent);
            }
        }

        FailPoint.At("publish.objects");
        var pushed = await SendAsync(["push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "origin", $"HEAD:refs/heads/{branch}"], ct);
        if (pushed.ExitCode is not 0)
        {
            throw GitFailure.OfPush(_address, branch, pushed);
        }

        FailPoint.At("publish.pushed");
        _objects.Clear();
        return true;
    }

    public void Dispose() => _place.Dispose();

    /// <summary>Not ended by the user: after a push that was cut off nobody knows whether it arrived.</summary>
    private Task<Outcome> SendAsync(string[] arguments, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Exec.RunAsync(Git(arguments), CancellationToken.None);
    }

    private async Task RemoteAsync(string[] arguments, CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(Git(arguments), ct);
        if (outcome.ExitCode is not 0)
        {
            throw GitFailure.Of(_address, outcome);
        }
    }

    private async Task<string> ReadAsync(string[] arguments, CancellationToken ct) => (await Exec.ReadAsync(Git(arguments), ct)).Output;

    /// <summary>The user's own name; where there is none, as on a build machine, the tool's.</summary>
    private async Task<string[]> IdentityAsync(CancellationToken ct) => (await Exec.RunAsync(Git("var", "GIT_COMMITTER_IDENT"), ct)).ExitCode is 0
        && (await Exec.RunAsync(Git("config", "user.email"), ct)).ExitCode is 0
            ? []
            : ["-c", "user.name=dotnet-release", "-c", "user.email=dotnet-release@localhost"];

    private static async Task<(string? Head, HashSet<string> Branches)> RefsAsync(GitAddress address, CancellationToken ct)
    {
        const string heads = "refs/heads/";
        var outcome = await Exec.RunAsync(Guarded(address, ["ls-remote", "--symref", "--", address.Remote, "HEAD", heads + "*"]), ct);
        if (outcome.ExitCode is not 0)
        {
            throw GitFailure.Of(address, outcome);
        }

        var lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).Where(words => words.Length is 2).ToImmutableArray();
        var head = lines.Where(words => words[1] is "HEAD" && words[0].StartsWith("ref: " + heads, StringComparison.Ordinal)).Select(words => words[0][("ref: " + heads).Length..]).FirstOrDefault();
        return (head, lines.Where(words => words[1].StartsWith(heads, StringComparison.Ordinal)).Select(words => words[1][heads.Length..]).ToHashSet(StringComparer.Ordinal));
    }

    private Command Git(params string[] arguments) => Guarded(_address, ["-C", Folder, .. arguments]);

    private static Command Guarded(GitAddress address, string[] arguments)
    {
        string[] ssh = ["ssh", .. address.SshConfig is { } config ? (string[])["-F", config] : [], "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ForwardAgent=no"];
        return new Command(
            "git",
            [
                "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.symlinks=false", "-c", "core.attributesFile=/dev/null", "-c", "core.autocrlf=false",
                "-c", "core.excludesFile=/dev/null", "-c", "protocol.ext.allow=never", "-c", "commit.gpgSign=false", "-c", "gc.auto=0", "-c", "fetch.recurseSubmodules=no",
                "-c", "filter.lfs.clean=", "-c", "filter.lfs.smudge=", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false",

                // What a .lfsconfig in the repository says about servers must not decide where packages and passwords go.
                "-c", $"lfs.url={address.LfsUrl}", "-c", $"lfs.pushurl={address.LfsUrl}", "-c", $"remote.origin.lfsurl={address.LfsUrl}", "-c", "lfs.locksverify=false", "-c", "lfs.allowincompletepush=false",

                // As often as we ask other servers again. Left alone, it asks one whose disk is full for 40 seconds.
                "-c", "lfs.transfer.maxretries=4",

                // For each connection that it could share, git-lfs leaves a folder behind in the folder for temporary files.
                "-c", "lfs.ssh.autoMultiplex=false",
                .. arguments,
            ])
            .With("GIT_CONFIG_NOSYSTEM", "1").With("GIT_TERMINAL_PROMPT", "0").With("GIT_LFS_SKIP_SMUDGE", "1").With("GIT_ATTR_NOSYSTEM", "1")
            .With("GIT_ASKPASS", Environment.GetEnvironmentVariable("GIT_ASKPASS")).With("SSH_ASKPASS_REQUIRE", "never")
            .With("GIT_SSH_COMMAND", new Command(ssh[0], [.. ssh[1..]]).ToString());
    }
}
