using System.Security.Cryptography;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.NewSpecs;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.NewSpecs;

/// <summary>A project with locked wheels in a folder that stands in for an index, and no spec yet.</summary>
internal sealed class NewSpecProject : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly StringBuilder _lock = new();

    public NewSpecProject(string targets = "[target.fedora-43]\nimage = \"fedora:43\"\n") =>
        _scratch.Write("release.toml", $"[project]\nname = \"hello\"\nlockfiles = [\"poetry.lock\"]\n[sources]\nindex = \"file:./index\"\n{targets}");

    public string this[string relative] => _scratch[relative];

    /// <summary>A package with its wheels in lock and index.</summary>
    public NewSpecProject Add(string package, string version, params (string File, byte[] Bytes)[] wheels)
    {
        var (files, links) = (new StringBuilder(), new StringBuilder());
        foreach (var (file, bytes) in wheels)
        {
            var hex = Convert.ToHexStringLower(SHA256.HashData(bytes));
            files.Append($"    {{file = \"{file}\", hash = \"sha256:{hex}\"}},\n");
            links.Append($"<a href=\"{file}#sha256={hex}\">{file}</a>\n");
            _scratch.Write($"index/{package}/{file}", bytes);
        }

        _scratch.Write($"index/{package}/index.html", $"<!DOCTYPE html><html><body>\n{links}</body></html>\n");
        _lock.Append($"[[package]]\nname = \"{package}\"\nversion = \"{version}\"\ndescription = \"\"\noptional = false\npython-versions = \"*\"\nfiles = [\n{files}]\n\n");
        _scratch.Write("poetry.lock", $"{_lock}[metadata]\nlock-version = \"2.1\"\npython-versions = \"*\"\ncontent-hash = \"{new string('0', 64)}\"\n");
        return this;
    }

    /// <summary>A wheel for any machine of greeter 1.0, with more lines of METADATA.</summary>
    public NewSpecProject AddGreeter(string metadata = "", Action<WheelBytes>? content = null)
    {
        var wheel = new WheelBytes("greeter-1.0.dist-info", $"Metadata-Version: 2.4\nName: greeter\nVersion: 1.0\n{metadata}\n", isPure: true);
        (content ?? (each => each.Add("greeter/__init__.py", "")))(wheel);
        return Add("greeter", "1.0", ("greeter-1.0-py3-none-any.whl", wheel.Build()));
    }

    /// <summary>The four wheels of <see cref="QtWheels"/>.</summary>
    public NewSpecProject AddQt()
    {
        var wheels = new QtWheels("6.7.1");
        var files = wheels.Files;
        return QtWheels.Packages.Aggregate(this, (project, package) => project.Add(package, "6.7.1", (wheels.Name(package), files[wheels.Name(package)])));
    }

    /// <summary>Writes the spec of an RPM and gives it.</summary>
    public async Task<(NewSpec Spec, NewSpecPlan Plan)> WriteAsync(string name, CancellationToken ct, params string[] packages)
    {
        var workspace = await Workspace.OpenAsync(_scratch.Root, null, ct);
        using var machine = new Machine(new Places(_scratch["cache"], _scratch["data"]), new ListReporter());
        var run = new SpecNewRun(workspace, machine);
        var plan = await run.PlanAsync(new SpecNewRequest(name, [.. packages], null), ct);
        var spec = await run.MakeAsync(plan, Specs.SpecTexts.Author, ct);
        await run.WriteAsync(plan, spec, ct);
        return (spec, plan);
    }

    /// <summary>Commits all of it.</summary>
    public async Task CommitAsync(CancellationToken ct)
    {
        var git = new Git(_scratch.Root);
        await Exec.ReadAsync(git.Command("init", "-q"), ct);
        await Exec.ReadAsync(git.Command("add", "-A"), ct);
        await Exec.ReadAsync(git.Command("-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qm", "First"), ct);
    }

    /// <summary>What rpmlint has to say about a spec; Debian's asks for a tag that rpm has ignored since 2009.</summary>
    public async Task<string> LintAsync(string spec, CancellationToken ct)
    {
        var rules = _scratch.Write("rpmlintrc", "addFilter(\"no-buildroot-tag\")\n");
        var outcome = await Exec.RunAsync(new Command("rpmlint", ["--rpmlintrc", rules, this[spec]]), ct);
        return string.Join('\n', outcome.Output.Split('\n').Where(line => line.Contains(": W: ", StringComparison.Ordinal) || line.Contains(": E: ", StringComparison.Ordinal)))
            + (outcome.Output.Contains("1 specfiles checked", StringComparison.Ordinal) ? "" : "rpmlint read nothing: " + outcome.Output + outcome.Error);
    }

    /// <summary>The spec as rpm expands it.</summary>
    public async Task<Outcome> ExpandAsync(string spec, CancellationToken ct, params string[] arguments) =>
        await Exec.RunAsync(new Command("rpmspec", ["-P", "--define", $"_topdir {_scratch["rpmbuild"]}", .. arguments, this[spec]]), ct);

    public void Dispose() => _scratch.Dispose();
}
