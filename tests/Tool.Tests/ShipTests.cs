using System.Text.Json;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Tool.Tests;

/// <summary><c>ship</c> as a process: what it does, what it refuses, and what a second run finds.</summary>
[TestClass]
public sealed class ShipTests(TestContext test)
{
    private const int Patience = 240_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_signed_tag_goes_to_the_users()
    {
        using var project = await ReadyAsync();

        var shipped = await project.JsonAsync(0, Ct, "ship", "--yes-to", "prod");

        Assert.AreEqual("reuse skipped, fetch skipped, build skipped, sign done, publish done, verify done, promote done, verify done", Steps(shipped));
        Assert.AreEqual("live", (await project.JsonAsync(0, Ct, "status", "--check")).GetProperty("packages")[0].GetProperty("state").GetString());
        Assert.AreEqual("tag-accepted planned signed signed published published promoted promoted released", Kinds(project));
        StringAssert.Contains(await File.ReadAllTextAsync(project["srv/prod/hello/local/repodata/revision.signed"], Ct), "\"promoted\"", StringComparison.Ordinal);
    }

    /// <summary>Case 98.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_second_run_of_a_finished_release_changes_nothing_at_all()
    {
        using var project = await ReadyAsync();
        await project.JsonAsync(0, Ct, "ship", "--yes-to", "prod");
        var before = project.Snapshot();

        var again = await project.RunAsync(Ct, "ship");
        var resumed = await project.RunAsync(Ct, "ship", "--resume");

        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.Contains("already released", again.Output, StringComparison.Ordinal);
        Assert.AreEqual(0, resumed.ExitCode, resumed.Error);
        Assert.AreEqual(before, project.Snapshot());
    }

    /// <summary>Behaviour 8: production is never a side effect.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(2, "REL0013", "--yes-to prod@", "ship")]
    [DataRow(2, "REL0001", "prod", "ship", "--yes-to", "qa")]
    [DataRow(8, "REL9004", "was given for plan 0123456789ab", "ship", "--yes-to", "prod@0123456789ab")]
    public async Task Production_needs_its_name_and_the_plan_that_was_shown(int exit, string id, string words, params string[] arguments)
    {
        using var project = await ReadyAsync();

        var refused = await project.RunAsync(Ct, arguments);

        Assert.AreEqual(exit, refused.ExitCode, refused.Error);
        Assert.Contains($"error {id}", refused.Error, StringComparison.Ordinal);
        Assert.Contains(words, refused.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project["srv/prod"]) && Directory.EnumerateFiles(project["srv/prod"], "*.rpm", SearchOption.AllDirectories).Any());
        Assert.IsFalse(Directory.EnumerateFiles(project["srv"], "*.rpm", SearchOption.AllDirectories).Any());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_plan_of_a_dry_run_is_the_plan_that_the_answer_counts_for()
    {
        using var project = await ReadyAsync();
        var plan = (await project.JsonAsync(0, Ct, "ship", "--dry-run")).GetProperty("plan").GetString()!;

        var shipped = await project.JsonAsync(0, Ct, "ship", "--yes-to", $"prod@{plan[..12]}");

        Assert.AreEqual(plan, shipped.GetProperty("plan").GetString());
    }

    /// <summary>Case 95 and behaviour 6.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_dry_run_tells_every_action_and_needs_nothing()
    {
        using var project = await ReadyAsync();
        project.Environment["GNUPGHOME"] = "/nonexistent";
        project.Environment["SSH_AUTH_SOCK"] = null;
        var before = project.Snapshot();

        var told = await project.RunAsync(Ct, "ship", "--dry-run");

        Assert.AreEqual(0, told.ExitCode, told.Error);
        foreach (var action in (string[])["sign every package", "publish the packages for local in qa", "verify qa as a client", "promote the same bytes for local from qa to prod"])
        {
            Assert.Contains(action, told.Output, StringComparison.Ordinal);
        }

        Assert.AreEqual(before, project.Snapshot());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("v2.0", 2, "REL7", DisplayName = "a tag that is not there")]
    [DataRow("release-1", 4, "REL7", DisplayName = "a tag of another form")]
    public async Task A_tag_that_cannot_be_released_is_refused(string tag, int exit, string id)
    {
        using var project = await ReadyAsync();
        if (tag is not "v2.0")
        {
            await project.TagAsync(tag);
        }

        var refused = await project.RunAsync(Ct, "ship", "--tag", tag, "--yes-to", "prod");

        Assert.AreEqual(exit, refused.ExitCode, refused.Error);
        Assert.Contains($"error {id}", refused.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project["srv"]));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Nothing_but_what_was_tagged_is_released()
    {
        using var project = await ReadyAsync();
        project.Write("specs/extra.patch", "not in the commit");

        var refused = await project.RunAsync(Ct, "ship", "--yes-to", "prod");

        Assert.AreEqual(8, refused.ExitCode, refused.Error);
        Assert.Contains("'specs/extra.patch' is not what the tagged commit", refused.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project["srv"]));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task There_must_be_something_to_resume_and_it_must_be_this_tag()
    {
        using var project = await ReadyAsync();

        var nothing = await project.RunAsync(Ct, "ship", "--resume", "--yes-to", "prod");
        await Processes.Exec.RunAsync(project.Tool("ship", "--yes-to", "prod").With("DOTNET_RELEASE_FAIL_AT", "ship.promote"), Ct);
        await project.TagAsync("v1.0.1");
        var other = await project.RunAsync(Ct, "ship", "--resume", "--tag", "v1.0.1", "--yes-to", "prod");
        var plain = await project.RunAsync(Ct, "ship", "--tag", "v1.0", "--yes-to", "prod");
        var right = await project.RunAsync(Ct, "ship", "--resume", "--yes-to", "prod");

        Assert.AreEqual(2, nothing.ExitCode);
        Assert.Contains("error REL9003", nothing.Error, StringComparison.Ordinal);
        Assert.AreEqual(2, other.ExitCode);
        Assert.Contains("The release that was begun is v1.0, and not v1.0.1", other.Error, StringComparison.Ordinal);
        Assert.AreEqual(8, plain.ExitCode, plain.Error);
        Assert.Contains("error REL9002", plain.Error, StringComparison.Ordinal);
        Assert.Contains("--resume", plain.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, right.ExitCode, right.Error);
    }

    /// <summary>Case 69.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_tag_that_was_moved_after_the_release_began_is_not_released()
    {
        using var project = await ReadyAsync();
        await Processes.Exec.RunAsync(project.Tool("ship", "--yes-to", "prod").With("DOTNET_RELEASE_FAIL_AT", "ship.promote"), Ct);
        var first = (await project.GitAsync("rev-parse", "refs/tags/v1.0")).Trim();
        await project.GitAsync("tag", "-d", "v1.0");
        await project.CommitAsync("Another commit");
        await project.TagAsync("v1.0");
        var second = (await project.GitAsync("rev-parse", "refs/tags/v1.0")).Trim();

        var refused = await project.RunAsync(Ct, "ship", "--resume", "--tag", "v1.0", "--yes-to", "prod");

        Assert.AreNotEqual(0, refused.ExitCode);
        Assert.Contains(first, refused.Error, StringComparison.Ordinal);
        Assert.Contains(second, refused.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project["srv/prod/hello/local/repodata"]));
    }

    /// <summary>A published version is not built again, because it could get other bytes: its image here could not even be unpacked.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_machine_without_the_results_takes_them_from_the_first_repository()
    {
        using var project = await ReadyAsync();
        await Processes.Exec.RunAsync(project.Tool("ship", "--yes-to", "prod").With("DOTNET_RELEASE_FAIL_AT", "ship.promote"), Ct);
        var published = Digest.Of(await File.ReadAllBytesAsync(project["srv/qa/hello/local/hello-1.0-1.noarch.rpm"], Ct));
        Directory.Delete(project["dist"], recursive: true);

        var shipped = await project.JsonAsync(0, Ct, "ship", "--resume", "--yes-to", "prod");

        Assert.StartsWith("reuse done, fetch skipped, build skipped, sign skipped, publish skipped", Steps(shipped), StringComparison.Ordinal);
        Assert.AreEqual(published, Digest.Of(await File.ReadAllBytesAsync(Path.Combine(project.Results, "hello-1.0-1.noarch.rpm"), Ct)));
        Assert.AreEqual(published, Digest.Of(await File.ReadAllBytesAsync(project["srv/prod/hello/local/hello-1.0-1.noarch.rpm"], Ct)));
    }

    /// <summary>Behaviour 9 and case 91: the second run says at once who is at work.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_second_run_at_the_same_time_ends_at_once_with_the_pid_of_the_first()
    {
        using var project = await ReadyAsync();
        using var first = new CancellationTokenSource();
        var hanging = Processes.Exec.RunAsync(project.Tool("ship", "--yes-to", "prod").With("DOTNET_RELEASE_FAIL_AT", "ship.sign:hang"), first.Token);
        while (!File.Exists(project[".release/ledger.jsonl"]))
        {
            await Task.Delay(100, Ct);
        }

        var second = await project.RunAsync(Ct, "ship", "--yes-to", "prod");
        await first.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => hanging);

        Assert.AreEqual(8, second.ExitCode, second.Error);
        Assert.Contains("error REL0011", second.Error, StringComparison.Ordinal);
        Assert.Contains("is held by pid ", second.Error, StringComparison.Ordinal);
    }

    private async Task<ShipProject> ReadyAsync()
    {
        var project = await ShipProject.CreateAsync(await TestKey.Rsa);
        await project.TagAsync("v1.0");
        await project.BuildAsync(Ct);
        return project;
    }

    private static string Steps(JsonElement shipped) => string.Join(", ", shipped.GetProperty("steps").EnumerateArray().Select(step => $"{step.GetProperty("name")} {step.GetProperty("state")}"));

    private static string Kinds(ShipProject project) => string.Join(' ', project.Facts().Select(fact => fact.Kind.ToWord()));
}
