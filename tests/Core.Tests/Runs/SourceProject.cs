using System.Text;
using DotnetRelease.Core.Tests.Specs;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Sources;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>A project with one RPM and one source that a rule is about.</summary>
internal sealed class SourceProject : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly GitProject _git;

    private SourceProject(GitProject git) => _git = git;

    internal ListReporter Reporter { get; } = new();

    internal string Sources => File.Exists(SourcesPath) ? File.ReadAllText(SourcesPath) : "";

    private string SourcesPath => Path.Combine(_git.Root, "rpm-specs/tool/sources");

    /// <summary>A project for version 1.0.0.</summary>
    /// <param name="source">What the spec's <c>Source0</c> says.</param>
    /// <param name="rule">The rest of the rule.</param>
    /// <param name="key">Whose signature counts.</param>
    internal static async Task<SourceProject> CreateAsync(string source, string rule, TestKey? key)
    {
        var project = new SourceProject(await GitProject.CreateAsync());
        var signed = key is null ? "" : $"signed-by = [\"{key.Fingerprint}\"]\nkeyring = \"keys/upstream.asc\"";
        project._git.Write("release.toml", $"""
            [project]
            name = "hello"
            [[rpm]]
            name = "tool"
            [[rpm.source]]
            file = "tool-{SourceRule.Version}.tar.gz"
            {signed}
            {rule}
            [target.fedora-43]
            image = "registry.example.org/fedora:43"
            """);
        project._git.Write("rpm-specs/tool/tool.spec", SpecTexts.Small("1.0.0", extra: $"Source0: {source}"));
        if (key is not null)
        {
            project._git.Write("keys/upstream.asc", Encoding.ASCII.GetString((await key.PublicAsync(armor: true)).Span));
        }

        await project._git.CommitAsync("one");
        return project;
    }

    internal void WriteSources(string text) => _git.Write("rpm-specs/tool/sources", text);

    internal void WriteBeside(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(_git.Root, "rpm-specs/tool", name), bytes);

    internal Task TagAsync(string name) => _git.GitAsync("tag", name);

    internal void EmptyCache() => Directory.Delete(_scratch["cache"], recursive: true);

    internal async Task RecordAsync(CancellationToken ct)
    {
        using var machine = Open();
        var run = new SourceRecordRun(await OpenAsync(ct), machine, Reporter);
        await run.WriteAsync(await run.MakeAsync(await run.FindAsync([], ct), ct), ct);
    }

    internal async Task<VerifiedSource> FetchAsync(CancellationToken ct)
    {
        using var machine = Open();
        var workspace = await OpenAsync(ct);
        var request = new PlanRequest(["tool"], []) { ForeseeSpecUpdate = true, Today = new DateOnly(2026, 1, 1) };
        var plan = (await new PlanRun(workspace, machine.Cache.Known).MakeAsync(new PlanRange(null, null), request, ct)).Plan;
        return (await machine.FetchAsync(workspace, plan.Rpms.Single(), ct))[0];
    }

    public void Dispose()
    {
        _scratch.Dispose();
        _git.Dispose();
    }

    private Machine Open() => new(new Places(_scratch["cache"], _scratch["data"]), Reporter);

    private Task<Workspace> OpenAsync(CancellationToken ct) => Workspace.OpenAsync(_git.Root, null, ct);
}
