using System.Text;
using System.Text.Json;
using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures.Ci;

/// <summary>
/// Runs the steps of a job as GitHub's runner does: bash with its flags, files for outputs, path and summary, our own action as its steps, and
/// for the few actions of others what they do to the files.
/// </summary>
public sealed class JobRun : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly Dictionary<string, string> _values;
    private readonly List<string> _path = [];
    private readonly StringBuilder _log = new();

    /// <summary>A job in a folder that stands in for the machine's workspace.</summary>
    /// <param name="tool">The built tool; it takes the place of the installed one.</param>
    /// <param name="values">What expressions mean.</param>
    public JobRun(string tool, IReadOnlyDictionary<string, string> values)
    {
        _values = new(values, StringComparer.Ordinal) { ["runner.temp"] = _scratch.Folder("temp"), ["github.action_path"] = Checkout.Root };
        var program = _scratch.Write("temp/dotnet-release-tool/dotnet-release", $"#!/bin/sh\nexec dotnet '{tool}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _scratch.Folder("workspace");
    }

    /// <summary>The workspace.</summary>
    public string Workspace => _scratch["workspace"];

    /// <summary>Variables of the machine, and those that the runner sets.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>What the checkout gives.</summary>
    public Func<string, Task>? CheckoutInto { get; set; }

    /// <summary>Folder of the artefacts of the whole workflow.</summary>
    public string? Artifacts { get; set; }

    /// <summary>Everything that was printed.</summary>
    public string Log => _log.ToString();

    /// <summary>The job's summary.</summary>
    public string Summary => File.Exists(_scratch["summary"]) ? _scratch.Read("summary") : "";

    /// <summary>An output of a step.</summary>
    public string Output(string step, string name) => _values.GetValueOrDefault($"steps.{step}.outputs.{name}", "");

    /// <summary>Runs the steps of a job until one fails; gives the exit code of the last one.</summary>
    public async Task<int> RunAsync(JsonElement job, CancellationToken ct)
    {
        foreach (var step in Workflow.Steps(job))
        {
            if (new Expressions(_values).Holds(Workflow.Text(step, "if")) && await StepAsync(step, Workspace, ct) is not 0 and var code)
            {
                return code;
            }
        }

        return 0;
    }

    /// <summary>Runs our action with inputs.</summary>
    public async Task<int> ActAsync(JsonElement step, CancellationToken ct)
    {
        var action = await Workflow.ReadAsync("action.yml", ct);
        var outer = new Expressions(_values);
        foreach (var input in action.GetProperty("inputs").EnumerateObject())
        {
            _values[$"inputs.{input.Name}"] = Workflow.Text(input.Value, "default") ?? "";
        }

        foreach (var (name, value) in Workflow.Members(step, "with").Select(input => (input.Name, outer.Fill(input.Value))).ToList())
        {
            Assert.IsTrue(_values.ContainsKey($"inputs.{name}"), $"The action has no input '{name}'.");
            _values[$"inputs.{name}"] = value;
        }

        var code = await RunAsync(action.GetProperty("runs"), ct);
        foreach (var output in action.GetProperty("outputs").EnumerateObject())
        {
            _values[$"steps.{Workflow.Text(step, "id")}.outputs.{output.Name}"] = new Expressions(_values).Fill(Workflow.Text(output.Value, "value")!);
        }

        // Outputs of the action's own steps are no business of the workflow.
        foreach (var name in _values.Keys.Where(name => name.StartsWith("steps.run.", StringComparison.Ordinal) || name.StartsWith("steps.sdk.", StringComparison.Ordinal)).ToList())
        {
            _values.Remove(name);
        }

        return code;
    }

    public void Dispose() => _scratch.Dispose();

    private async Task<int> StepAsync(JsonElement step, string folder, CancellationToken ct)
    {
        if (Workflow.Text(step, "run") is { } script)
        {
            Assert.AreEqual("bash", Workflow.Text(step, "shell"), script);
            return await BashAsync(step, script, folder, ct);
        }

        var uses = Workflow.Text(step, "uses")!;
        var expressions = new Expressions(_values);
        var with = Workflow.Members(step, "with").ToDictionary(input => input.Name, input => expressions.Fill(input.Value), StringComparer.Ordinal);
        switch (uses.Split('@')[0])
        {
            case "actions/checkout":
                await CheckoutInto!(Workspace);
                return 0;
            case "actions/setup-dotnet":
                return 0;
            case "actions/upload-artifact":
                Copy(Path.Combine(Workspace, with["path"]), Path.Combine(Artifacts!, with["name"]));
                return 0;
            case "actions/download-artifact" when with.TryGetValue("name", out var name):
                Copy(Path.Combine(Artifacts!, name), Path.Combine(Workspace, with["path"]));
                return 0;
            case "actions/download-artifact":
                foreach (var found in Directory.EnumerateDirectories(Artifacts!, with["pattern"]))
                {
                    Copy(found, Path.Combine(Workspace, with["path"], Path.GetFileName(found)));
                }

                return 0;
            default:
                Assert.IsTrue(uses is "./" || uses.StartsWith("dotnet-release/dotnet-release@v", StringComparison.Ordinal), uses);
                return await ActAsync(step, ct);
        }
    }

    private async Task<int> BashAsync(JsonElement step, string script, string folder, CancellationToken ct)
    {
        Assert.DoesNotContain("${{", script, StringComparison.Ordinal);
        var expressions = new Expressions(_values);
        var file = _scratch.Write($"temp/{Guid.NewGuid():N}.sh", script);
        var (output, path) = (_scratch.Write("output", ""), _scratch.Write("path", ""));
        var command = new Command("bash", ["--noprofile", "--norc", "-eo", "pipefail", file])
        {
            WorkingDirectory = Path.Combine(folder, expressions.Fill(Workflow.Text(step, "working-directory") ?? ".")),
        };
        foreach (var (name, value) in Environment.Select(variable => (variable.Key, variable.Value)).Concat(Workflow.Members(step, "env").Select(variable => (variable.Name, expressions.Fill(variable.Value)))))
        {
            command = command.With(name, value);
        }

        command = command.With("CI", "true").With("GITHUB_ACTIONS", "true").With("RUNNER_TEMP", _scratch["temp"]).With("GITHUB_OUTPUT", output).With("GITHUB_PATH", path)
            .With("GITHUB_STEP_SUMMARY", _scratch["summary"]).With("GITHUB_WORKSPACE", Workspace)
            .With("PATH", string.Join(':', _path.Append(System.Environment.GetEnvironmentVariable("PATH"))));
        var outcome = await Exec.RunAsync(command, ct);
        _log.Append(outcome.Output).Append(outcome.Error);
        _path.InsertRange(0, (await File.ReadAllLinesAsync(path, ct)).Reverse());
        Learn(Workflow.Text(step, "id"), await File.ReadAllTextAsync(output, ct));
        return outcome.ExitCode;
    }

    /// <summary>Reads an output file: <c>name=value</c> lines, and <c>name&lt;&lt;END</c> with the lines up to it.</summary>
    private void Learn(string? id, string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Split("<<", 2) is [var name, var end] && !name.Contains('=', StringComparison.Ordinal))
            {
                var last = Array.IndexOf(lines, end, i + 1);
                Assert.IsGreaterThan(0, last, text);
                _values[$"steps.{id}.outputs.{name}"] = string.Join('\n', lines[(i + 1)..last]);
                i = last;
            }
            else if (lines[i].Split('=', 2) is [var plain, var value])
            {
                _values[$"steps.{id}.outputs.{plain}"] = value;
            }
        }
    }

    private static void Copy(string from, string to)
    {
        Assert.IsTrue(Directory.Exists(from), from);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }
}
