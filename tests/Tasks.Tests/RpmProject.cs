using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tasks.Tests;

/// <summary>A copy of <c>samples/msbuild-rpm</c>: a .NET application that becomes an RPM, with the packed package from a folder.</summary>
internal sealed class RpmProject : IDisposable
{
    private readonly Scratch _scratch = new();

    private readonly CancellationToken _ct;

    private RpmProject(CancellationToken ct) => _ct = ct;

    public string Root => _scratch.Root;

    /// <summary>Where gpg looks; an empty folder unless a test signs.</summary>
    public string GnupgHome { get; set; } = "/nonexistent";

    /// <summary>More variables for the SDK.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string this[string relative] => _scratch[relative];

    public static async Task<RpmProject> CreateAsync(CancellationToken ct)
    {
        var project = new RpmProject(ct);
        foreach (var file in (string[])["msbuild-rpm.csproj", "Program.cs", "release.toml", "rpm-specs/hello/hello.spec"])
        {
            project._scratch.Write(file, await File.ReadAllTextAsync(Checkout.At(["samples", "msbuild-rpm", .. file.Split('/')]), ct));
        }

        project._scratch.Write("NuGet.config", PackedTasks.FeedConfiguration(project["packages"]));
        File.CreateSymbolicLink(project["distro.tar"], await SharedMachine.Distro);
        Assert.AreEqual(0, (await project.RunAsync("restore", "-v", "quiet")).ExitCode);
        return project;
    }

    public void Write(string path, string text) => _scratch.Write(path, text);

    public void Replace(string path, string old, string now)
    {
        Assert.Contains(old, _scratch.Read(path), StringComparison.Ordinal);
        Write(path, _scratch.Read(path).Replace(old, now, StringComparison.Ordinal));
    }

    public Command Dotnet(params string[] arguments)
    {
        var command = new Command("dotnet", [.. arguments]) { WorkingDirectory = Root }
            .With("DOTNET_CLI_TELEMETRY_OPTOUT", "1").With("MSBUILDDISABLENODEREUSE", "1").With("GNUPGHOME", GnupgHome)
            .With("DOTNET_RELEASE_CACHE", SharedMachine.Places.Cache).With("DOTNET_RELEASE_DATA", SharedMachine.Places.Data);
        return Environment.Aggregate(command, (all, variable) => all.With(variable.Key, variable.Value));
    }

    public Task<Outcome> RunAsync(params string[] arguments) => Exec.RunAsync(Dotnet(arguments), _ct);

    /// <summary>Builds a target, which has to go well, and gives what was printed.</summary>
    public async Task<string> BuildAsync(string target, params string[] arguments)
    {
        var outcome = await RunAsync(["build", "--no-restore", $"-t:{target}", .. arguments]);
        Assert.AreEqual(0, outcome.ExitCode, outcome.Output + outcome.Error);
        return outcome.Output;
    }

    /// <summary>Builds a target and gives its items of a name, by identity's file name.</summary>
    public async Task<Dictionary<string, JsonElement>> ItemsAsync(string target, string item, params string[] arguments)
    {
        using var json = JsonDocument.Parse(await BuildAsync(target, [$"-getItem:{item}", .. arguments]));
        return json.RootElement.GetProperty("Items").GetProperty(item).EnumerateArray().ToDictionary(each => Path.GetFileName(each.GetProperty("Identity").GetString()!), each => each.Clone());
    }

    public void Dispose() => _scratch.Dispose();
}
