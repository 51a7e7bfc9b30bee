using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary><c>publish</c> and <c>repo unlock</c> through the tool, for repositories that are not folders.</summary>
[TestClass]
public sealed class PublishStoreTests(TestContext test)
{
    private const int Patience = 240_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("ssh")]
    [DataRow("s3")]
    public async Task A_dry_run_asks_no_network_and_says_what_can_be_said(string store)
    {
        string[] said;
        Outcome json;
        await using (var world = await StoreWorld.StartAsync(store, [new RpmRecipe("offline")], Ct))
        {
            world.Offer(0);
            await world.StopAsync();

            var dry = await Exec.RunAsync(world.Tool("publish", "--dry-run").With("AWS_ACCESS_KEY_ID", null).With("AWS_SECRET_ACCESS_KEY", null).With("DOTNET_RELEASE_SSH_CONFIG", null), Ct);
            json = await world.RunAsync("publish", "--dry-run", "--json");
            Assert.AreEqual(0, dry.ExitCode, dry.Error);
            said = dry.Output.TrimEnd().Split('\n');
        }

        Assert.HasCount(3, said);
        Assert.StartsWith($"lock {store}://", said[0], StringComparison.Ordinal);
        Assert.Contains($" to {store}://", said[1], StringComparison.Ordinal);
        Assert.EndsWith("/offline-1.0-1.noarch.rpm, unless the same bytes are there", said[1], StringComparison.Ordinal);
        Assert.AreEqual(3, BuiltTool.Json(json).GetProperty("actions").GetArrayLength());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("ssh", "REL5007")]
    [DataRow("s3", "REL5007")]
    public async Task A_place_that_is_away_ends_with_6_and_the_ledger_says_nothing(string store, string id)
    {
        await using var world = await StoreWorld.StartAsync(store, [new RpmRecipe("away")], Ct);
        world.Offer(0);
        await world.StopAsync();

        var outcome = await world.RunAsync("publish");

        Assert.AreEqual(6, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error {id}", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(store is "ssh" ? "'repo'" : $"bucket '{FakeS3.Bucket}'", outcome.Error, StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(world.Scratch[".release/ledger.jsonl"]));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("ssh")]
    [DataRow("s3")]
    public async Task The_result_names_the_place_and_where_clients_find_it(string store)
    {
        await using var world = await StoreWorld.StartAsync(store, [new RpmRecipe("named")], Ct);
        world.Offer(0);

        var published = await world.RunAsync("publish", "--json");

        Assert.AreEqual(0, published.ExitCode, published.Error);
        var result = BuiltTool.Json(published).GetProperty("results")[0];
        Assert.StartsWith($"{store}://", result.GetProperty("folder").GetString(), StringComparison.Ordinal);
        Assert.AreEqual(world.ClientUrl, result.GetProperty("url").GetString());
        Assert.AreEqual("published", result.GetProperty("state").GetString());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_lock_that_no_place_has_is_not_taken_away()
    {
        await using var world = await StoreWorld.StartAsync("s3", [], Ct);

        var dry = await world.RunAsync("repo", "unlock", "0f8fad5bd9cb469fa165708673b8a4b2", "--dry-run");
        var outcome = await world.RunAsync("repo", "unlock", "0f8fad5bd9cb469fa165708673b8a4b2");

        Assert.AreEqual("look for the lock in s3://packages/yum/demo/local\n", dry.Output, dry.Error);
        Assert.AreEqual(2, outcome.ExitCode);
        Assert.Contains("has the lock '0f8fad5bd9cb469fa165708673b8a4b2'", outcome.Error, StringComparison.Ordinal);
    }

    // Cases 51 and 52, with two processes.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("file")]
    [DataRow("ssh")]
    [DataRow("s3")]
    public async Task While_one_publishes_the_other_is_refused_with_its_owner_and_no_package_is_lost_afterwards(string store)
    {
        await using var world = await SweepWorld.StartAsync(store, 2, Ct);
        world.World.Offer(0);
        await using (await world.HangAsync("publish.staged"))
        {
            world.World.Offer(1);
            var refused = await world.PublishAsync();

            Assert.AreEqual(8, refused.ExitCode, refused.Error);
            Assert.Contains("error REL0011", refused.Error, StringComparison.Ordinal);
            Assert.Contains(Environment.MachineName, refused.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("repo unlock", refused.Error, StringComparison.Ordinal, "its process lives");
        }

        await world.RecoverAsync();

        Assert.AreEqual("", await world.LedgerProblemsAsync());
        Assert.AreEqual(await world.CalmAsync(), world.Metadata());
    }
}
