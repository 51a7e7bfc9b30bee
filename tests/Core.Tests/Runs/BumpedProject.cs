using DotnetRelease.Core.Tests.Specs;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>A project in a git repository whose lock was bumped and whose spec was not.</summary>
internal sealed class BumpedProject : IDisposable
{
    public const string Image = "registry.example.org/fedora:43";

    private readonly Scratch _scratch = new();

    public string Folder => _scratch["project"];

    public KnownDigests Known => new(_scratch["known"]);

    public string this[string relative] => Path.Combine(Folder, relative);

    public static async Task<BumpedProject> CreateAsync(CancellationToken ct)
    {
        var project = new BumpedProject();
        project.Write("release.toml", $"""
            [project]
            name = "hello"
            lockfiles = ["poetry.lock"]
            [[rpm]]
            name = "greeter"
            follows = ["greeter"]
            [[rpm]]
            name = "helper"
            spec = "rpm-specs/helper.spec"
            [target.fedora-43]
            image = "{Image}"
            """);
        project.Write("rpm-specs/greeter/greeter.spec", SpecTexts.Small(
            "1.0", extra: "Source0: greeter-%{version}-py3-none-any.whl\nSource1: greeter.desktop", changelog: "%changelog\n* Mon May 27 2024 M <m@x> - 1.0-1\n- x\n"));
        project.Write("rpm-specs/greeter/greeter.desktop", "[Desktop Entry]\n");
        project.Write("poetry.lock", Lock("1.0"));
        await project.GitAsync(ct, "init", "-q");
        await project.GitAsync(ct, "add", "-A");
        await project.GitAsync(ct, "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qm", "before");
        project.Write("poetry.lock", Lock("1.1"));
        return project;
    }

    public void Write(string path, string text) => _scratch.Write(Path.Combine("project", path), text);

    public string Read(string path) => File.ReadAllText(this[path]);

    public Task<Workspace> OpenAsync(CancellationToken ct) => Workspace.OpenAsync(Folder, null, ct);

    public Task GitAsync(CancellationToken ct, params string[] arguments) => Exec.ReadAsync(new Git(Folder).Command(arguments), ct);

    public void Dispose() => _scratch.Dispose();

    private static string Lock(string version) => PoetryLock.Of($"greeter-{version}-py3-none-any.whl", Digest.Of($"greeter {version}"));
}
