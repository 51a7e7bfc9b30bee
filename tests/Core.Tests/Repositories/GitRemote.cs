using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Repositories.Git;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>A bare git repository on this disk with Git LFS beside it, and what other people do to it with git itself.</summary>
internal sealed class GitRemote(Scratch scratch, CancellationToken ct)
{
    private int _clones;

    internal string Path { get; } = scratch["remote.git"];

    internal string Url => $"git+file://{Path}";

    /// <summary>The same behind an ssh server, which says where objects go.</summary>
    internal StoreAddress Behind(SshServer server) => ((GitAddress)StoreAddress.Of($"git+ssh://repo{Path}")) with { SshConfig = server.ClientConfig, Folder = "demo/local" };

    internal async Task<GitRemote> InitAsync()
    {
        await GitAsync(scratch.Root, "init", "--quiet", "--bare", "--initial-branch=main", Path);
        return this;
    }

    internal StoreAddress Address(string options = "") => StoreAddress.Of(Url + options).Below("demo/local");

    /// <summary>What anybody gets who clones it with git-lfs: real packages. It lies where clients of the test's repository look.</summary>
    internal async Task<string> CloneAsync(string branch = "main")
    {
        var folder = scratch["repo"];
        await GitAsync(scratch.Root, "-c", "filter.lfs.smudge=git-lfs smudge -- %f", "-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.required=true", "clone", "--quiet", "--branch", branch, Path, folder);
        return folder;
    }

    /// <summary>Somebody commits a file and pushes it.</summary>
    internal async Task PushAsync(string name, string text, string branch = "main")
    {
        var folder = scratch[$"clone-{_clones++}"];
        await GitAsync(scratch.Root, "clone", "--quiet", Path, folder);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.Combine(folder, name))!);
        await File.WriteAllTextAsync(System.IO.Path.Combine(folder, name), text, ct);
        await GitAsync(folder, "add", "--all");
        await GitAsync(folder, "commit", "--quiet", "-m", $"Somebody's {name}");
        await GitAsync(folder, "push", "--quiet", "origin", $"HEAD:refs/heads/{branch}");
    }

    internal async Task<string> TipAsync(string branch = "main") => (await Exec.RunAsync(Command(Path, "rev-parse", "--verify", "--quiet", branch), ct)).Output.Trim();

    internal async Task<string> LogAsync(string branch, string format) => (await GitAsync(Path, "log", $"--format={format}", branch)).Trim();

    internal async Task<string> GitAsync(string folder, params string[] arguments) => (await Exec.ReadAsync(Command(folder, arguments), ct)).Output;

    private static Command Command(string folder, params string[] arguments) =>
        new Command("git", ["-C", folder, "-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", .. arguments]).With("GIT_CONFIG_NOSYSTEM", "1").With("GIT_CONFIG_GLOBAL", "/dev/null");
}
