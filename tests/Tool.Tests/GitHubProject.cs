using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>A project with a tag, files and a key, and a GitHub in this process.</summary>
internal sealed class GitHubProject : IAsyncDisposable
{
    internal const string Tag = "v1.2.0";
    internal static readonly string[] AssetNames = ["checksums.txt", "checksums.txt.asc", "hello-1.2.0.rpm", "hello-1.2.0.tar.gz", "hello-1.2.0.txt"];

    private readonly GitProject _git;
    private readonly Scratch _home = new();

    private GitHubProject(GitProject git, TestKey key) => (_git, Key) = (git, key);

    internal FakeGitHub Server { get; } = new();

    internal TestKey Key { get; }

    internal string Root => _git.Root;

    internal string Home => _home.Root;

    internal string Commit { get; private set; } = "";

    internal FakeRelease Release => Server.ReleaseOf(Tag);

    internal static async Task<GitHubProject> CreateAsync()
    {
        var key = await TestKey.Ed25519;
        var project = new GitHubProject(await GitProject.CreateAsync(), key);
        project.Write("release.toml", $"""
            [project]
            name = "hello"
            github = "octo/hello"

            [signing]
            key = "{key.Fingerprint}"

            [github]
            assets = ["dist/**/*.rpm", "dist/*.tar.gz", "dist/*.txt"]
            """);
        project.Write(".gitignore", "/dist\n/token\n");
        project.Write("CHANGELOG.md", "# Changelog\n\n## 1.2.0\n\n- It says hello.\n\n## 1.1.0\n\n- First.\n");
        project.Commit = await project._git.CommitAsync("Hello");
        await project._git.GitAsync("tag", Tag);
        project.Write("dist/rpm/local/hello-1.2.0.rpm", "the rpm");
        project.Write("dist/hello-1.2.0.tar.gz", "the archive");
        project.Write("dist/hello-1.2.0.txt", "the text");
        project.Server.Tags[Tag] = project.Commit;
        return project;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _git.Dispose();
        _home.Dispose();
    }

    internal void Write(string path, string text) => _git.Write(path, text);

    internal string PathOf(string path) => Path.Combine(Root, path);

    /// <summary>A run of the tool with the token in its environment.</summary>
    internal Command Command(params string[] arguments) => Stranger(arguments).With("GITHUB_TOKEN", Server.Token);

    /// <summary>A run of the tool that has no token.</summary>
    internal Command Stranger(params string[] arguments) => BuiltTool.Command(Home, ["-C", Root, .. arguments]).With("GNUPGHOME", Key.Home).With("GITHUB_API_URL", Server.Url);

    internal Task<Outcome> RunAsync(CancellationToken ct, params string[] arguments) => Exec.RunAsync(Command(arguments), ct);

    internal Task<Outcome> RunAsStrangerAsync(CancellationToken ct, params string[] arguments) => Exec.RunAsync(Stranger(arguments), ct);

    internal string TokenFile(string name = "token", UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        Write(name, Server.Token + "\n");
        File.SetUnixFileMode(PathOf(name), mode);
        return PathOf(name);
    }

    internal string[] Remote() => [.. Release.Assets.Select(asset => asset.Name).Order(StringComparer.Ordinal)];
}
