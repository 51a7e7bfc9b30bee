using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Tests;

/// <summary><c>repo</c> as a process: what it says, with which code, and what a kill leaves.</summary>
[TestClass]
public sealed class RepoTests(TestContext test)
{
    private const int Patience = 300_000;

    private static readonly string[] Steps =
    [
        "publish.locked", "publish.signed", "publish.staged", "publish.exchanged", "publish.verified", "publish.recorded", "publish.tidied",
    ];

    private CancellationToken Ct => test.CancellationToken;

    // No file comes, so that "publish.copy" is not reached; what a run deletes, it deletes after everything else.
    private static readonly string[] PruningSteps = [.. Steps, "publish.metadata", "publish.swapped", "ledger.write", "ledger.sync", "prune.deleted"];

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_life_of_a_repository_from_init_to_prune()
    {
        using var project = await RepoProject.StartAsync(Ct);
        Assert.Contains("create ", await project.DoAsync("repo", "init", "--to", "qa", "--dry-run"), StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project.Qa), "case 95");
        await project.DoAsync("repo", "init", "--to", "qa");
        Assert.AreEqual("nothing to do\n", await project.DoAsync("repo", "init", "--to", "qa"));
        await project.PublishAsync("tool", "1.0");
        await project.PublishAsync("tool", "1.1");

        var alone = await project.RunAsync("repo", "promote", "qa", "prod");
        Assert.AreEqual(2, alone.ExitCode, "nobody can be asked here");
        var plan = await project.PlanAsync("repo", "promote", "qa", "prod");
        Assert.Contains($"error REL0013", alone.Error, StringComparison.Ordinal);
        Assert.Contains($"--plan {plan}", alone.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project.Prod));
        await project.DoAsync("repo", "promote", "qa", "prod", "--plan", plan);
        var late = await project.RunAsync("repo", "promote", "qa", "prod", "--plan", plan);
        Assert.AreEqual(8, late.ExitCode);
        Assert.Contains("error REL5046", late.Error, StringComparison.Ordinal);

        Assert.Contains("rolled-back tool-1.1-1.noarch in qa/local", await project.AgreeAsync("repo", "rollback", "qa"), StringComparison.Ordinal);
        var again = await project.RunAsync("publish", "--to", "qa", Path.Combine(project.Qa, "tool-1.1-1.noarch.rpm"));
        Assert.AreEqual(4, again.ExitCode);
        Assert.Contains("error REL5043", again.Error, StringComparison.Ordinal);

        var listed = BuiltTool.Json(await project.RunAsync("repo", "list", "--json")).GetProperty("repositories");
        Assert.AreEqual("tool-1.0-1.noarch", listed[0].GetProperty("packages")[0].GetProperty("nevra").GetString());
        Assert.AreEqual("rolled back", listed[0].GetProperty("revisions")[0].GetProperty("act").GetString());
        Assert.AreEqual("2020-01-01", listed[1].GetProperty("eol").GetString());
        Assert.AreEqual("tool-1.1-1.noarch", listed[1].GetProperty("packages")[0].GetProperty("nevra").GetString());
        Assert.Contains("ended on 2020-01-01", await project.DoAsync("repo", "list", "prod"), StringComparison.Ordinal);

        await project.AgreeAsync("repo", "withdraw", "prod", "tool-1.1-1");
        Assert.AreEqual("nothing to do\n", await project.DoAsync("repo", "prune", "prod", "--keep", "1", "--plan", await project.PlanOfNothingAsync("repo", "prune", "prod", "--keep", "1")));
        await project.DoAsync("repo", "refresh", "prod");
        var verified = await project.RunAsync("repo", "verify", "prod", "--json");
        Assert.AreEqual(0, verified.ExitCode, verified.Error);
        Assert.Contains("Target 'local' ended on 2020-01-01", verified.Error, StringComparison.Ordinal);
        Assert.Contains("ended on 2020-01-01", BuiltTool.Json(verified).GetProperty("items")[0].GetProperty("warnings")[0].GetString()!, StringComparison.Ordinal);
    }

    // Case 49.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("repo", "rollback", "qa")]
    [DataRow("repo", "promote", "qa", "prod")]
    [DataRow("repo", "withdraw", "qa", "tool-1.1-1")]
    public async Task Killed_anywhere_a_client_sees_the_old_or_the_new_and_the_same_command_ends_with_the_same_bytes(params string[] command)
    {
        using var calm = await PublishedAsync("1.0", "1.1");
        using var project = await PublishedAsync("1.0", "1.1");
        using var before = await project.Scratch.CopyAsync();
        await calm.AgreeAsync(command);
        var (wanted, repository) = command is ["repo", "promote", ..] ? (RepoProject.Files(calm.Prod), project.Prod) : (RepoProject.Files(calm.Qa), project.Qa);
        var plan = await project.PlanAsync(command);

        foreach (var step in Steps)
        {
            await KillAsync(project, before, [.. command, "--plan", plan], step);
            if (Directory.Exists(Path.Combine(repository, "repodata")))
            {
                var client = await project.RunAsync("verify", repository);
                Assert.AreEqual(0, client.ExitCode, $"{step}: {client.Error}");
            }

            await FinishAsync(project, command);
            await project.DoAsync("verify", repository);
            Assert.AreEqual(wanted, RepoProject.Files(repository), step);
        }
    }

    /// <summary>The record tells the next run what the ledger does not know.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("repo", "promote", "qa", "prod")]
    [DataRow("repo", "withdraw", "qa", "tool-1.2-1")]
    [DataRow("repo", "prune", "qa", "--keep", "1")]
    [DataRow("repo", "rollback", "qa", "--to", "the first")]
    public async Task Killed_before_the_ledger_knows_the_same_command_writes_down_what_was_done(params string[] command)
    {
        using var project = await PublishedAsync("1.0", "1.1", "1.2");
        using var calm = await PublishedAsync("1.0", "1.1", "1.2");
        if (command is [.. var all, "the first"])
        {
            command = [.. all, $"{BuiltTool.Json(await project.RunAsync("repo", "list", "qa", "--json")).GetProperty("repositories")[0].GetProperty("revisions")[2].GetProperty("revision").GetInt64()}"];
        }

        using var before = await project.Scratch.CopyAsync();
        await calm.AgreeAsync(command);
        var plan = await project.PlanAsync(command);

        foreach (var step in (string[])["publish.recorded", "ledger.write", "ledger.sync"])
        {
            await KillAsync(project, before, [.. command, "--plan", plan], step);
            Assert.Contains("write into the ledger: tool-1.", await project.DoAsync([.. command, "--dry-run"]), StringComparison.Ordinal, step);
            await project.AgreeAsync(command);

            Assert.AreEqual(Facts(calm), Facts(project), step);
            Assert.AreEqual("nothing to do\n", await project.DoAsync([.. command, "--dry-run"]), step);
        }
    }

    // Cases 49 and 99.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Killed_at_any_step_pruning_ends_with_the_bytes_of_a_calm_run()
    {
        using var project = await PrunableAsync();
        using var calm = await PrunableAsync();
        string[] command = ["repo", "prune", "qa", "--keep", "1"];
        using var before = await project.Scratch.CopyAsync();
        await calm.AgreeAsync(command);
        var (wanted, facts) = (RepoProject.Files(calm.Qa), Facts(calm));
        Assert.Contains("tool-1.0-1.noarch.rpm", wanted, StringComparison.Ordinal, "taken out of the metadata just now");
        Assert.DoesNotContain("tool-1.1-1.noarch.rpm", wanted, StringComparison.Ordinal, "withdrawn long ago");
        var plan = await project.PlanAsync(command);

        foreach (var step in PruningSteps)
        {
            await KillAsync(project, before, [.. command, "--plan", plan], step);
            var client = await project.RunAsync("verify", project.Qa);
            Assert.AreEqual(0, client.ExitCode, $"{step}: {client.Error}");

            await FinishAsync(project, command);
            await project.DoAsync("verify", project.Qa);
            Assert.AreEqual(wanted, RepoProject.Files(project.Qa), step);
            Assert.AreEqual(facts, Facts(project), step);
            Assert.AreEqual("nothing to do\n", await project.DoAsync([.. command, "--dry-run"]), step);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(2, "REL5001", "repo", "verify", "nowhere")]
    [DataRow(2, "REL0001", "repo", "list", "qa", "--target", "locla")]
    [DataRow(2, "REL0001", "repo", "prune", "qa")]
    [DataRow(2, "REL0001", "repo", "prune", "qa", "--keep", "0")]
    [DataRow(2, "REL5002", "repo", "withdraw", "qa", "x-1-1")]
    [DataRow(2, "REL5044", "repo", "rollback", "qa")]
    [DataRow(2, "REL5002", "repo", "promote", "qa", "prod")]
    [DataRow(4, "REL5047", "repo", "promote", "prod", "prod")]
    [DataRow(2, "REL0001", "repo", "promot", "qa", "prod")]
    [DataRow(2, "REL0007", "repo", "serve", "no-such-folder")]
    [DataRow(2, "REL5002", "repo", "verify", "qa")]
    public async Task What_cannot_be_done_is_said_with_its_code(int exit, string id, params string[] arguments)
    {
        using var project = await RepoProject.StartAsync(Ct);

        var outcome = await project.RunAsync(arguments);

        Assert.AreEqual(exit, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error {id}", outcome.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project.Scratch["qa"]));
    }

    // dangerzone #1365: a target without repodata.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_base_url_stands_for_every_target_and_a_served_folder_can_be_checked_by_its_address()
    {
        using var folder = new Scratch();
        await using var server = await Nginx.StartAsync(folder, folder.Folder("web"), "", Ct);
        using var project = await RepoProject.StartAsync(Ct, server.Url);
        Directory.Delete(folder["web"]);
        File.CreateSymbolicLink(folder["web"], project.Scratch["qa"]);

        var missing = await project.RunAsync("verify", server.Url);
        await project.PublishAsync("tool", "1.0");
        var sound = await project.RunAsync("verify", server.Url, "--deep", "--json");
        var stranger = await BuiltTool.RunAsync(folder.Root, Ct, "verify", $"{server.Url}demo/local", "--key", Path.Combine(project.Qa, "RPM-GPG-KEY-demo-qa"));

        Assert.AreEqual(2, missing.ExitCode, missing.Error);
        Assert.Contains($"'{server.Url}demo/local/repodata/repomd.xml' is missing", missing.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, sound.ExitCode, sound.Error);
        Assert.AreEqual(6, BuiltTool.Json(sound).GetProperty("items").GetArrayLength());
        Assert.AreEqual(0, stranger.ExitCode, stranger.Error);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Serve_says_where_and_a_client_reads_it_until_it_is_told_to_stop()
    {
        using var project = await RepoProject.StartAsync(Ct);
        await project.PublishAsync("tool", "1.0");
        var start = new System.Diagnostics.ProcessStartInfo("dotnet", [ToolUnderTest.Assembly, "-C", project.Scratch.Root, "repo", "serve", "qa", "--port", "0"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var serving = System.Diagnostics.Process.Start(start)!;
        try
        {
            var line = (await serving.StandardOutput.ReadLineAsync(Ct))!;
            var url = line.Split(' ').Single(word => word.StartsWith("http://127.0.0.1:", StringComparison.Ordinal));

            var verified = await BuiltTool.RunAsync(project.Key.Home, Ct, "verify", $"{url}demo/local", "--deep", "--key", Path.Combine(project.Qa, "RPM-GPG-KEY-demo-qa"));

            Assert.AreEqual(4, verified.ExitCode, "its .repo file sends clients to the folder");
            Assert.Contains("sends clients to file://", verified.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("tool-1.0-1.noarch.rpm", verified.Error, StringComparison.Ordinal);
            await Exec.ReadAsync(new Command("kill", "-INT", $"{serving.Id}"), Ct);
            await serving.WaitForExitAsync(Ct);
            Assert.AreEqual(0, serving.ExitCode);
        }
        finally
        {
            serving.Kill();
        }
    }

    /// <summary>One version was withdrawn three days ago, so that its files may go; of the two others, one is to be kept.</summary>
    private async Task<RepoProject> PrunableAsync()
    {
        var project = await PublishedAsync("1.0", "1.1", "1.2");
        var run = new LifeRun(await Workspace.OpenAsync(project.Scratch.Root, null, Ct), new ListReporter()) { Gpg = project.Key.Gpg, Clock = new ThreeDaysAgo() };
        await run.RunAsync(await run.PlanWithdrawalAsync(new LifeChoice("qa", []), ["tool-1.1-1"], Ct), Ct);
        return project;
    }

    private async Task<RepoProject> PublishedAsync(params string[] versions)
    {
        var project = await RepoProject.StartAsync(Ct);
        foreach (var version in versions)
        {
            await project.PublishAsync("tool", version);
        }

        return project;
    }

    /// <summary>Makes the project again what it was, and kills a command in it at a step.</summary>
    private async Task KillAsync(RepoProject project, Scratch before, string[] command, string step)
    {
        await project.Scratch.BecomeAsync(before);
        var killed = await Exec.RunAsync(project.Command(command).With("DOTNET_RELEASE_FAIL_AT", step), Ct);
        Assert.AreEqual(137, killed.ExitCode, $"{step}: {killed.Error}");
    }

    /// <summary>Kind, package, revision of each fact: what does not say when.</summary>
    private static string Facts(RepoProject project) => string.Join('\n', Ledger.Open(Ledger.PathIn(project.Scratch.Root), new ListReporter()).Facts
        .Select(fact => $"{fact.Kind} {fact.Nevra} {fact.Digest?.Hex} {fact.Details.GetValueOrDefault(FactDetail.Revision)} {fact.Details.GetValueOrDefault("restores")}"));

    /// <summary>The same command until there is nothing left to do; what a kill already did may leave nothing.</summary>
    private static async Task FinishAsync(RepoProject project, string[] command)
    {
        var dry = await project.RunAsync([.. command, "--dry-run"]);
        if (dry.ExitCode is 0 && dry.Output.TrimEnd().Split('\n')[^1].Split(' ') is ["plan", var id])
        {
            await project.DoAsync([.. command, "--plan", id]);
        }
    }

    private sealed class ThreeDaysAgo : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - TimeSpan.FromDays(3);
    }
}
