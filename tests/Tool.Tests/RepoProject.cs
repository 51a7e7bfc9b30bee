using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Tool.Tests;

/// <summary>A project with two repositories beside its settings, and commands run on it as processes.</summary>
internal sealed class RepoProject : IDisposable
{
    private readonly CancellationToken _ct;

    private RepoProject(TestKey key, CancellationToken ct) => (Key, _ct) = (key, ct);

    internal Scratch Scratch { get; } = new();

    internal TestKey Key { get; }

    internal string Qa => Scratch["qa/demo/local"];

    internal string Prod => Scratch["prod/demo/local"];

    internal static async Task<RepoProject> StartAsync(CancellationToken ct, string baseUrl = "")
    {
        var project = new RepoProject(await TestKey.Rsa, ct);
        project.Scratch.Write("release.toml", $"""
            [project]
            name = "demo"

            [target.local]
            image = "rootfs:distro.tar"
            eol = 2020-01-01

            [signing]
            key = "{project.Key.Fingerprint}"

            [repository.qa]
            url = "file:./qa"
            {(baseUrl.Length > 0 ? $"base-url = \"{baseUrl}\"" : "")}

            [repository.prod]
            url = "file:./prod"
            promote-from = "qa"
            """);
        return project;
    }

    public void Dispose() => Scratch.Dispose();

    internal Command Command(params string[] arguments) => BuiltTool.Command(Key.Home, ["-C", Scratch.Root, .. arguments]);

    internal Task<Outcome> RunAsync(params string[] arguments) => Exec.RunAsync(Command(arguments), _ct);

    /// <summary>Runs a command that has to succeed.</summary>
    internal async Task<string> DoAsync(params string[] arguments)
    {
        var outcome = await RunAsync(arguments);
        Assert.AreEqual(0, outcome.ExitCode, $"{string.Join(' ', arguments)}\n{outcome.Error}");
        return outcome.Output;
    }

    /// <summary>Does what a dry run of the same command shows.</summary>
    internal async Task<string> AgreeAsync(params string[] arguments) => await DoAsync([.. arguments, "--plan", await PlanAsync(arguments)]);

    /// <summary>The number of the plan that a dry run shows.</summary>
    internal async Task<string> PlanAsync(params string[] arguments) => (await DoAsync([.. arguments, "--dry-run"])).TrimEnd().Split('\n')[^1]["plan ".Length..];

    /// <summary>The number of a plan in which nothing is to be done.</summary>
    internal async Task<string> PlanOfNothingAsync(params string[] arguments) => BuiltTool.Json(await RunAsync([.. arguments, "--dry-run", "--json"])).GetProperty("plan").GetString()!;

    /// <summary>Builds, signs and publishes one version.</summary>
    internal async Task PublishAsync(string name, string version)
    {
        var built = await RpmFactory.BuildAsync(new RpmRecipe(name, version));
        await using var signer = await RpmSigner.OpenAsync(Key.Gpg, Key.Fingerprint, _ct);
        await signer.SignAsync([built.Binary, built.Source], _ct);
        await DoAsync("publish", "--to", "qa", built.Binary, built.Source);
    }

    /// <summary>Location and digest of each file of a repository, without what says when: signatures and the record.</summary>
    internal static string Files(string repository) => string.Join('\n', Directory.EnumerateFiles(repository, "*", SearchOption.AllDirectories)
        .Where(path => Path.GetExtension(path) is not (".asc" or ".lock" or ".repo" or ".signed"))
        .Select(path => $"{Path.GetRelativePath(repository, path)} {Digest.Of(File.ReadAllBytes(path)).Hex}")
        .Order(StringComparer.Ordinal));
}
