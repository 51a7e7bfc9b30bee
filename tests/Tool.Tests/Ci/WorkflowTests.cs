using System.Text.Json;
using System.Text.RegularExpressions;
using DotnetRelease.Fixtures;
using DotnetRelease.Fixtures.Ci;

namespace DotnetRelease.Tool.Tests.Ci;

/// <summary>The workflows as texts: what they may do, and that the project's own are the ones that users copy.</summary>
[TestClass]
public sealed partial class WorkflowTests(TestContext test)
{
    private const int Patience = 120_000;

    private static readonly string[] Files =
    [
        ".github/workflows/ci.yml", ".github/workflows/lockfile.yml", ".github/workflows/lockfile-comment.yml", ".github/workflows/release.yml",
        "samples/workflows/lockfile.yml", "samples/workflows/lockfile-comment.yml", "samples/workflows/release.yml",
    ];

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task actionlint_has_nothing_to_say()
    {
        using var scratch = new Scratch();
        var bad = scratch.Write("bad.yml", "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.known }}\n");

        Assert.AreEqual("", await Workflow.LintAsync(Files.Select(file => Checkout.At(file.Split('/'))), Ct));
        Assert.Contains("undefined variable", await Workflow.LintAsync([bad], Ct), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Every_file_is_listed_here_and_every_action_of_others_is_pinned()
    {
        CollectionAssert.AreEquivalent(
            Files,
            ((string[])[".github/workflows", "samples/workflows"]).SelectMany(folder => Directory.EnumerateFiles(Checkout.At(folder.Split('/')), "*.yml").Select(file => $"{folder}/{Path.GetFileName(file)}")).ToArray());
        foreach (var file in Files.Append("action.yml"))
        {
            foreach (Match uses in Uses().Matches(await File.ReadAllTextAsync(Checkout.At(file.Split('/')), Ct)))
            {
                StringAssert.Matches(uses.Groups["what"].Value, Pinned(), file);
            }
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task No_value_is_ever_pasted_into_a_script()
    {
        foreach (var script in (await JobsAsync()).SelectMany(job => Workflow.Steps(job.Job)).Concat(Workflow.Steps((await Workflow.ReadAsync("action.yml", Ct)).GetProperty("runs"))).Select(step => Workflow.Text(step, "run")).OfType<string>())
        {
            Assert.DoesNotContain("${{", script, StringComparison.Ordinal);
            Assert.IsTrue(!script.Contains('\n', StringComparison.Ordinal) || script.StartsWith("set -euo pipefail\n", StringComparison.Ordinal), script);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Each_job_has_only_what_it_needs()
    {
        foreach (var file in Files)
        {
            var workflow = await Workflow.ReadAsync(file, Ct);
            Assert.AreEqual("{}", workflow.GetProperty("permissions").GetRawText(), file);
            Assert.IsFalse(workflow.GetProperty("on").ToString().Contains("pull_request_target", StringComparison.Ordinal), file);
        }

        foreach (var (file, name, job) in await JobsAsync())
        {
            var text = job.GetRawText();
            Assert.IsTrue(job.TryGetProperty("timeout-minutes", out _), $"{file} {name}");
            var writes = string.Join(' ', Workflow.Members(job, "permissions").Where(right => right.Value is not "read").Select(right => $"{right.Name}: {right.Value}"));
            Assert.AreEqual(name switch { "github" => "contents: write", "comment" => "pull-requests: write", _ => "" }, writes, $"{file} {name}");
            Assert.AreEqual(name is "sign" or "publish", text.Contains("secrets.", StringComparison.Ordinal), $"{file} {name}");
            Assert.AreEqual(name switch { "sign" => "signing", "publish" => "publishing", "github" => "github", _ => null }, Workflow.Text(job, "environment"), $"{file} {name}");
            Assert.IsTrue(name is "comment" or "github" || !text.Contains("github.token", StringComparison.Ordinal), $"{file} {name}");
            if (text.Contains("actions/checkout@", StringComparison.Ordinal))
            {
                Assert.Contains("persist-credentials", text, StringComparison.Ordinal);
                Assert.AreNotEqual("comment", name, "What may write comments checks nothing out.");
            }
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_projects_own_workflows_are_the_samples_with_its_own_tool()
    {
        foreach (var name in (string[])["release.yml", "lockfile.yml", "lockfile-comment.yml"])
        {
            var (own, sample) = (await Workflow.ReadAsync($".github/workflows/{name}", Ct), await Workflow.ReadAsync($"samples/workflows/{name}", Ct));
            foreach (var job in sample.GetProperty("jobs").EnumerateObject())
            {
                var mine = own.GetProperty("jobs").GetProperty(job.Name);
                foreach (var member in (string[])["runs-on", "permissions", "environment", "strategy", "outputs", "timeout-minutes"])
                {
                    Assert.AreEqual(Workflow.Text(job.Value, member), Workflow.Text(mine, member), $"{name} {job.Name} {member}");
                }

                var steps = Workflow.Steps(mine).Select(Essence).ToList();
                CollectionAssert.IsSubsetOf(Workflow.Steps(job.Value).Select(Essence).ToList(), steps, $"{name} {job.Name}");
            }
        }
    }

    /// <summary>What a step does, without where its tool comes from.</summary>
    private static string Essence(JsonElement step)
    {
        var uses = Workflow.Text(step, "uses");
        var with = Workflow.Members(step, "with").Where(input => input.Name is not ("version" or "package" or "working-directory")).Select(input => $"{input.Name}={input.Value}");
        return $"{Workflow.Text(step, "id")}|{(uses is not null && uses.StartsWith("dotnet-release/", StringComparison.Ordinal) ? "./" : uses)}|{string.Join(';', with)}|{Workflow.Text(step, "run")}|{string.Join(';', Workflow.Members(step, "env"))}";
    }

    private async Task<List<(string File, string Name, JsonElement Job)>> JobsAsync()
    {
        List<(string, string, JsonElement)> jobs = [];
        foreach (var file in Files)
        {
            jobs.AddRange((await Workflow.ReadAsync(file, Ct)).GetProperty("jobs").EnumerateObject().Select(job => (file, job.Name, job.Value)));
        }

        return jobs;
    }

    [GeneratedRegex(@"uses: (?<what>.+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Uses();

    [GeneratedRegex(@"^(\./|dotnet-release/dotnet-release@v\d+\.\d+\.\d+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Pinned();
}
