using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>A project in a git repository of its own, and the built tool as a process that works on it.</summary>
internal sealed class BuildProject : IDisposable
{
    private readonly GitProject _git;
    private readonly Scratch _home = new();

    private BuildProject(GitProject git) => _git = git;

    public string Root => _git.Root;

    /// <summary>Result folder of the target.</summary>
    public string Results => this["dist/rpm/local"];

    /// <summary>Where the tool keeps its files; shared unless a test needs to see what is put there.</summary>
    public Places Places { get; init; } = SharedMachine.Places;

    public string GnupgHome { get; init; } = "/nonexistent";

    public string this[string relative] => Path.Combine(Root, relative);

    /// <summary>The quickstart sample after its bump; the spec still lags.</summary>
    public static async Task<BuildProject> BumpedAsync(Places? places = null, TestKey? key = null)
    {
        var project = new BuildProject(await GitProject.CreateAsync()) { Places = places ?? SharedMachine.Places, GnupgHome = key?.Home ?? "/nonexistent" };
        var sample = Checkout.At("samples", "quickstart");
        foreach (var relative in (string[])["release.toml", ".gitignore", "poetry.lock", "index", "rpm-specs"])
        {
            CopyTree(Path.Combine(sample, relative), project[relative]);
        }

        await project.BeginAsync();

        // Not as a copy: that has the old file's time and size, and git would see no change.
        project.Write("poetry.lock", await File.ReadAllTextAsync(Path.Combine(sample, "poetry.lock.next")));
        await project._git.CommitAsync("Bump greeter");
        return project;
    }

    /// <summary>The same with its spec brought in line.</summary>
    public static async Task<BuildProject> ReadyAsync(CancellationToken ct, Places? places = null, TestKey? key = null)
    {
        var project = await BumpedAsync(places, key);
        await project.UpdateSpecAsync(ct);
        await project._git.CommitAsync("python3-greeter 1.1.0");
        return project;
    }

    /// <summary>A project of one spec without sources, for the package <c>probe</c>.</summary>
    /// <param name="sections">From <c>%build</c> on, without <c>%changelog</c>.</param>
    /// <param name="tags">More lines of the preamble.</param>
    /// <param name="places">Where the tool keeps its files; null: where the other tests do.</param>
    public static async Task<BuildProject> OfSpecAsync(string sections, string tags = "", Places? places = null)
    {
        var project = new BuildProject(await GitProject.CreateAsync()) { Places = places ?? SharedMachine.Places };
        project.Write("release.toml", """
            [project]
            name = "probe"
            lockfiles = []

            [[rpm]]
            name = "probe"
            spec = "specs/probe.spec"

            [target.local]
            image = "rootfs:distro.tar"
            arch = ["x86_64"]
            """);
        project.Write(".gitignore", "/.release/\n/dist/\n/distro.tar\n");
        project.Write("specs/probe.spec", $"""
            Name: probe
            Version: 1.0
            Release: 1%{"{?dist}"}
            Summary: Tries something
            License: MIT
            BuildArch: noarch
            {tags}

            %description
            Tries something.

            {sections}

            %changelog
            * Thu Jan 15 2026 T <t@example.org> - 1.0-1
            - First

            """);
        await project.BeginAsync();
        return project;
    }

    /// <summary>A project that has locked wheels, an index of them, and no RPM yet.</summary>
    public static async Task<BuildProject> OfWheelsAsync(QtWheels wheels)
    {
        var project = new BuildProject(await GitProject.CreateAsync());
        project.Write("release.toml", "[project]\nname = \"hello\"\nlockfiles = [\"poetry.lock\"]\n[sources]\nindex = \"file:./index\"\n[target.local]\nimage = \"rootfs:distro.tar\"\n");
        project.Write(".gitignore", "/.release/\n/dist/\n/distro.tar\n/index/\n");
        project.Lock(wheels);
        await project.BeginAsync();
        return project;
    }

    /// <summary>Locks wheels and puts them into the index.</summary>
    public void Lock(QtWheels wheels)
    {
        Write("poetry.lock", wheels.Lock());
        foreach (var (path, bytes) in wheels.Index())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(this[$"index/{path}"])!);
            File.WriteAllBytes(this[$"index/{path}"], bytes);
        }
    }

    public Task CommitAsync(string message) => _git.CommitAsync(message);

    public void Write(string path, string text) => _git.Write(path, text);

    public string Read(string path) => File.ReadAllText(this[path]);

    public void Replace(string path, string old, string now)
    {
        var text = Read(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        Write(path, text.Replace(old, now, StringComparison.Ordinal));
    }

    /// <summary>The built tool with these arguments, started in the project.</summary>
    public Command Tool(params string[] arguments) =>
        new Command("dotnet", [ToolUnderTest.Assembly, .. arguments]) { WorkingDirectory = Root }
            .With("HOME", _home.Root).With("XDG_CONFIG_HOME", null).With("XDG_CACHE_HOME", null).With("XDG_DATA_HOME", null)
            .With("DOTNET_RELEASE_CACHE", Places.Cache).With("DOTNET_RELEASE_DATA", Places.Data).With("GNUPGHOME", GnupgHome).With("NO_COLOR", "1");

    public Task<Outcome> RunAsync(CancellationToken ct, params string[] arguments) => Exec.RunAsync(Tool(arguments), ct);

    /// <summary>Runs <c>rpm --json</c>, which has to end well, and gives its results.</summary>
    public async Task<JsonElement[]> BuildAsync(CancellationToken ct, params string[] arguments)
    {
        var outcome = await RunAsync(ct, ["rpm", "--json", .. arguments]);
        Assert.AreEqual(0, outcome.ExitCode, outcome.Error + outcome.Output);
        return [.. Json(outcome.OutputBytes).GetProperty("results").EnumerateArray()];
    }

    /// <summary>What lies in the result folder, with the time of each file: whoever touches one changes this.</summary>
    public string[] Snapshot() => Directory.Exists(Results)
        ? [.. from file in new DirectoryInfo(Results).EnumerateFileSystemInfos().OrderBy(file => file.Name, StringComparer.Ordinal) select $"{file.Name} {file.LastWriteTimeUtc:O}"]
        : [];

    /// <summary>The names in the result folder.</summary>
    public string[] ResultNames() => Directory.Exists(Results) ? [.. Directory.EnumerateFileSystemEntries(Results).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];

    public static JsonElement Json(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return document.RootElement.Clone();
    }

    public void Dispose()
    {
        _git.Dispose();
        _home.Dispose();
    }

    internal static void CopyTree(string from, string to)
    {
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to);
            return;
        }

        Directory.CreateDirectory(to);
        foreach (var path in Directory.EnumerateFileSystemEntries(from))
        {
            CopyTree(path, Path.Combine(to, Path.GetFileName(path)));
        }
    }

    internal async Task UpdateSpecAsync(CancellationToken ct)
    {
        var update = new SpecUpdateRun(await Workspace.OpenAsync(Root, null, ct), KnownDigests.Open(Places)) { Date = new(2026, 2, 1), Packager = "T <t@example.org>" };
        await update.WriteAsync(await update.FindAsync([], new(null, null), ct), ct);
    }

    private async Task BeginAsync()
    {
        File.CreateSymbolicLink(this["distro.tar"], await SharedMachine.Distro);
        await _git.GitAsync("config", "user.name", "T");
        await _git.GitAsync("config", "user.email", "t@example.org");
        await _git.CommitAsync("First");
    }
}
