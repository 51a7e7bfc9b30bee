using System.Text.Json;
using DotnetRelease.Building;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Tests;

/// <summary>
/// A project in git whose RPM is built already, with its statement, so that a release of it costs no build: one spec without sources,
/// a target, a qa and a prod repository beside it.
/// </summary>
internal sealed class ShipProject : IDisposable
{
    private const string Spec = "specs/hello.spec";

    private readonly GitProject _git;
    private readonly Scratch _home = new();

    private ShipProject(GitProject git, TestKey key) => (_git, Key) = (git, key);

    internal TestKey Key { get; }

    internal string Root => _git.Root;

    internal string this[string relative] => Path.Combine(Root, relative);

    internal string Results => this["dist/rpm/local"];

    /// <summary>Variables for every run of the tool.</summary>
    internal Dictionary<string, string?> Environment { get; } = [];

    /// <summary>Commits the project; its package is version 1.0.</summary>
    /// <param name="key">Signs packages, metadata and tags.</param>
    /// <param name="repositories">Tables of <c>release.toml</c>; null: folders qa and prod.</param>
    /// <param name="gitHub">Release there too; null: nowhere.</param>
    internal static async Task<ShipProject> CreateAsync(TestKey key, string? repositories = null, FakeGitHub? gitHub = null)
    {
        var project = new ShipProject(await GitProject.CreateAsync(), key);
        project.Write("release.toml", $"""
            [project]
            name = "hello"
            {(gitHub is null ? "" : $"github = \"{FakeGitHub.Repository}\"")}

            [[rpm]]
            name = "hello"
            spec = "{Spec}"

            [target.local]
            image = "rootfs:image/distro.tar"

            [signing]
            key = "{key.Fingerprint}"

            {repositories ?? """
            [repository.qa]
            url = "file:srv/qa"

            [repository.prod]
            url = "file:srv/prod"
            promote-from = "qa"
            """}

            [github]
            assets = ["dist/rpm/**/*.rpm"]

            """);
        project.Write(".gitignore", "/.release/\n/dist/\n/srv/\n");
        project.Write("image/distro.tar", "never unpacked");
        project.Write("keys/test.asc", System.Text.Encoding.UTF8.GetString((await key.PublicAsync(armor: true)).Span));
        project.Write("maintainers.toml", $"""
            [[maintainer]]
            name = "alice"
            fingerprint = "{key.Fingerprint}"
            key = "keys/test.asc"
            packages = ["*"]
            channels = ["qa", "stable"]

            """);
        project.WriteSpec("1.0");
        project.Use(gitHub);
        await project._git.CommitAsync("First");
        return project;
    }

    /// <summary>The same project in another folder, with another GitHub.</summary>
    internal async Task<ShipProject> CopyAsync(FakeGitHub gitHub)
    {
        var copy = new ShipProject(await _git.CopyAsync(), Key);
        copy.Use(gitHub);
        return copy;
    }

    internal void Write(string path, string? text) => _git.Write(path, text);

    internal void WriteSpec(string version) => Write(Spec, $"""
        Name: hello
        Version: {version}
        Release: 1
        Summary: A package for tests
        License: MIT
        BuildArch: noarch

        %description
        It is here to be released.

        %files

        """);

    internal Task<string> GitAsync(params string[] arguments) => _git.GitAsync(arguments);

    internal Task<string> CommitAsync(string message) => _git.CommitAsync(message);

    /// <summary>A tag signed by the project's key.</summary>
    internal async Task TagAsync(string name, string commit = "HEAD") => await Exec.ReadAsync(
        new Command("git", ["-C", Root, "-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "gpg.program=gpg", "tag", "-s", "-u", Key.Fingerprint, "-m", name, name, commit])
            .With("GNUPGHOME", Key.Home).With("GIT_CONFIG_NOSYSTEM", "1").With("GIT_CONFIG_GLOBAL", "/dev/null"),
        CancellationToken.None);

    /// <summary>Puts the packages of the planned version into the result folder, with statements that they were built from exactly these inputs.</summary>
    internal async Task BuildAsync(CancellationToken ct)
    {
        var workspace = await Workspace.OpenAsync(Root, null, ct);
        using var machine = new Machine(Places, new ListReporter());
        var request = new RpmRequest(new PlanRange(null, null), new PlanRequest(["hello"], []));
        var planned = (await new RpmRun(workspace, machine, new ListReporter()).PlanAsync(request, ask: false, ct)).Plan.Rpms.Single();
        var built = await RpmFactory.BuildAsync(new RpmRecipe("hello", planned.Version));
        Directory.CreateDirectory(Results);
        var files = new List<RpmFile>();
        foreach (var path in (string[])[built.Binary, built.Source])
        {
            File.Copy(path, Path.Combine(Results, Path.GetFileName(path)), overwrite: true);
            files.Add(await RpmFile.ReadAsync(Path.Combine(Results, Path.GetFileName(path)), ct));
        }

        var image = new Image("rootfs:image/distro.tar", Digest.Of("image"), [], ImageConfig.Empty) { Platform = Platform.Current, Manifest = Digest.Of("image") };
        var job = new BuildJob(planned, planned.Targets[0], image, [])
        {
            SpecPath = this[Spec],
            Epoch = DateTimeOffset.FromUnixTimeSeconds(1_763_596_800),
            WorkFolder = this[".release/work"],
            LogFolder = this[".release/logs"],
        };
        var materials = new BuildMaterials(job, await Digest.OfFileAsync(job.SpecPath, ct), RootPackages.Empty);
        files.ForEach(file => File.WriteAllText(Path.Combine(Results, Provenance.FileNameFor(file.Nevra)), Provenance.Write(materials, file, [.. files], [])));
    }

    internal Command Tool(params string[] arguments) => ToolIn(Root, arguments);

    /// <summary>The tool in another checkout.</summary>
    internal Command ToolIn(string folder, params string[] arguments) => Environment.Aggregate(
        BuiltTool.Command(Key.Home, ["-C", folder, .. arguments]).With("HOME", _home.Root).With("DOTNET_RELEASE_CACHE", Places.Cache).With("DOTNET_RELEASE_DATA", Places.Data),
        (command, variable) => command.With(variable.Key, variable.Value));

    internal Task<Outcome> RunAsync(CancellationToken ct, params string[] arguments) => Exec.RunAsync(Tool(arguments), ct);

    /// <summary>Runs with <c>--json</c> and has to end with the given code.</summary>
    internal async Task<JsonElement> JsonAsync(int exit, CancellationToken ct, params string[] arguments)
    {
        var outcome = await RunAsync(ct, [.. arguments, "--json"]);
        Assert.AreEqual(exit, outcome.ExitCode, outcome.Error + outcome.Output);
        return BuiltTool.Json(outcome);
    }

    internal IReadOnlyList<Fact> Facts() => Ledger.Open(Ledger.PathIn(Root), new ListReporter()).Facts;

    /// <summary>Every file that a release may change, with its digest; not what reading it leaves behind.</summary>
    internal string Snapshot() => string.Join('\n', ((string[])["dist", "srv", ".release"]).Select(folder => this[folder]).Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        .Where(path => !path.EndsWith("lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        .Select(path => $"{Path.GetRelativePath(Root, path)} {Digest.Of(File.ReadAllBytes(path)).Hex}"));

    public void Dispose()
    {
        _git.Dispose();
        _home.Dispose();
    }

    private void Use(FakeGitHub? gitHub)
    {
        Environment["GITHUB_API_URL"] = gitHub?.Url;
        Environment["GITHUB_TOKEN"] = gitHub?.Token;
    }

    private Places Places => new(_home["cache"], _home["data"]);
}
