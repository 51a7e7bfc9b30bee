using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.Fixtures.Ci;

namespace DotnetRelease.Tool.Tests.Ci;

/// <summary>The steps of <c>action.yml</c>, run with bash as GitHub's runner does.</summary>
[TestClass]
public sealed class ActionTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_result_becomes_an_output_and_a_table_of_the_summary()
    {
        using var run = Run();
        Write(run, "old.lock", Lock("6.7.1"));
        Write(run, "new.lock", Lock("6.7.2"));

        Assert.AreEqual(0, await ActAsync(run, new("detect --from old.lock", "--to\nnew.lock\n--json")), run.Log);

        using var json = JsonDocument.Parse(run.Output("it", "result"));
        Assert.AreEqual("pyside6", json.RootElement.GetProperty("lockfiles")[0].GetProperty("changes")[0].GetProperty("name").GetString());
        Assert.AreEqual(run.Output("it", "result"), (await File.ReadAllTextAsync(run.Output("it", "result-file"), Ct)).TrimEnd('\n'));
        Assert.AreEqual("0", run.Output("it", "exit-code"));
        Assert.StartsWith("## dotnet release detect --from old.lock\n\n", run.Summary, StringComparison.Ordinal);
        Assert.Contains("| of | name | old | new | kind | rpms |\n| --- | --- | --- | --- | --- | --- |\n| new.lock | pyside6 | 6.7.1 | 6.7.2 | upgraded |  |\n", run.Summary, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Markdown_goes_into_the_summary_as_it_is()
    {
        using var run = Run();
        Write(run, "sub/old.lock", Lock("6.7.1"));
        Write(run, "sub/new.lock", Lock("6.7.2"));

        Assert.AreEqual(0, await ActAsync(run, new("detect --from old.lock --to new.lock --format markdown") { Folder = "sub" }), run.Log);

        Assert.Contains("\n| pyside6 | 6.7.1 | 6.7.2 | upgraded |\n", run.Summary, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_error_becomes_an_annotation_at_its_place_and_the_exit_code_stays()
    {
        using var run = Run();
        Write(run, "sub/dir,1/bad.lock", "[[package]]\nname = 'x\n");

        Assert.AreEqual(2, await ActAsync(run, new("detect --from dir,1/bad.lock --to dir,1/bad.lock") { Folder = "sub" }));

        Assert.Contains("\n::error file=sub/dir%2C1/bad.lock,line=2,col=10,title=REL0005::", run.Log, StringComparison.Ordinal);
        Assert.AreEqual("2", run.Output("it", "exit-code"));
        Assert.Contains("It ended with 2:", run.Summary, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_error_without_a_place_is_an_annotation_of_the_job()
    {
        using var run = Run();

        Assert.AreEqual(2, await ActAsync(run, new("detcet")));

        Assert.Contains("\n::error title=REL0001::", run.Log, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'detect'?", run.Log, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("detect; touch hacked")]
    [DataRow("detect $(touch hacked)")]
    [DataRow("detect `touch hacked`")]
    [DataRow("detect && touch hacked")]
    [DataRow("detect * > hacked")]
    public async Task A_value_is_never_code(string command)
    {
        using var run = Run();

        await ActAsync(run, new(command, command + "\n$(touch hacked)\n\";touch hacked;\""));

        Assert.IsFalse(File.Exists(Path.Combine(run.Workspace, "hacked")), run.Log);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_a_stranger_wrote_is_no_command_to_the_runner_and_no_output_of_another_name()
    {
        using var run = Run();
        Write(run, "bad.lock", "::add-mask::x\n::error::gotcha\nresult<<X\nexit-code=0\n");

        await ActAsync(run, new("detect --from bad.lock --to bad.lock"));

        var lines = run.Log.Split('\n');
        var pause = lines.First(line => line.StartsWith("::stop-commands::", StringComparison.Ordinal))["::stop-commands::".Length..];
        Assert.AreEqual(32, pause.Length);
        Assert.AreEqual(1, lines.Count(line => line == $"::{pause}::"));
        Assert.IsFalse(lines.SkipWhile(line => line != $"::{pause}::").Skip(1).Any(line => line.StartsWith("::", StringComparison.Ordinal) && !line.StartsWith("::error file=bad.lock", StringComparison.Ordinal)), run.Log);
        Assert.AreEqual("2", run.Output("it", "exit-code"));
    }

    private static JobRun Run() => new(ToolUnderTest.Assembly, new Dictionary<string, string>(StringComparer.Ordinal));

    private async Task<int> ActAsync(JobRun run, Inputs inputs)
    {
        using var step = JsonDocument.Parse(JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("id", "it");
            json.WriteStartObject("with");
            json.WriteString("command", inputs.Command);
            json.WriteString("arguments", inputs.Arguments);
            json.WriteString("working-directory", inputs.Folder);
            json.WriteEndObject();
            json.WriteEndObject();
        }));
        return await run.ActAsync(step.RootElement, Ct);
    }

    private static void Write(JobRun run, string path, string text)
    {
        var full = Path.Combine(run.Workspace, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private static string Lock(string version) =>
        $"[[package]]\nname = \"pyside6\"\nversion = \"{version}\"\nfiles = [{{file = \"pyside6-{version}.zip\", hash = \"sha256:{Digest.Of(version).Hex}\"}}]\n\n[metadata]\nlock-version = \"2.1\"\ncontent-hash = \"x\"\n";

    private sealed record Inputs(string Command, string Arguments = "")
    {
        public string Folder { get; init; } = ".";
    }
}
