using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>
/// Case 49: <c>publish</c> ends at every step it has, in every way a process can end, in every kind of store, while a client reads all of
/// the repository over HTTP again and again. The client never sees an error, and the next run makes it good.
/// </summary>
[TestClass]
public sealed class PublishSweepTests(TestContext test)
{
    private const int Patience = 540_000;

    private static readonly string[] Steps =
    [
        "publish.locked", "publish.copy", "publish.copied", "publish.described", "publish.signed", "publish.metadata", "publish.staged", "publish.torn", "publish.exchanged",
        "publish.swapped", "publish.verified", "publish.recorded", "ledger.write", "ledger.sync", "publish.tidied",
    ];

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("kill")]
    [DataRow("eio")]
    [DataRow("enospc")]
    [DataRow("hang")]
    public Task Clients_of_a_folder_never_see_an_error(string kind) => SweepAsync("file", kind);

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("kill")]
    [DataRow("eio")]
    [DataRow("enospc")]
    [DataRow("hang")]
    public Task Clients_of_a_server_behind_ssh_never_see_an_error(string kind) => SweepAsync("ssh", kind);

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("kill")]
    [DataRow("eio")]
    [DataRow("enospc")]
    [DataRow("hang")]
    public Task Clients_of_an_object_store_see_an_error_between_two_objects_at_most(string kind) => SweepAsync("s3", kind);

    private async Task SweepAsync(string store, string kind)
    {
        await using var world = await SweepWorld.StartAsync(store, Steps.Length + 1, Ct);
        world.World.Offer(0);
        Assert.AreEqual(0, (await world.PublishAsync()).ExitCode);
        await using var client = new ClientLoop(world.World.ClientUrl, world.World.Keyring);

        foreach (var (step, at) in Steps.Select((step, at) => (step, at + 1)).Where(one => one.step is not "publish.torn" || store is "s3"))
        {
            world.World.Offer(at);

            var ended = await world.PublishAsync(step, kind);
            await client.RoundAsync();
            Assert.AreEqual(kind is "kill" or "hang" ? 137 : 5, ended.ExitCode, $"{step}: {ended.Error}");
            CheckClient(client, step);

            await world.RecoverAsync();
            await client.RoundAsync();
            CheckClient(client, step);
            Assert.AreEqual("", await world.LedgerProblemsAsync(), step);
        }

        // From nothing, all at once, and calmly: the same metadata.
        Assert.AreEqual(await world.CalmAsync(), world.Metadata());
        test.WriteLine($"{client.Rounds} rounds, {client.Seen.Count} revisions, {client.Races} times between two of them");
        Assert.IsGreaterThan(2 * Steps.Length, client.Rounds);
    }

    /// <summary>
    /// Case 61, with the kernel as the one that fails: the process is killed at a rename, an exchange or a sync, the disk does not confirm a sync,
    /// or is full at a write. The numbers count per thread, so some of them hit nothing; then the run has to have ended well.
    /// </summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("rename,renameat2,link:signal=KILL", 4)]
    [DataRow("fsync:signal=KILL", 6)]
    [DataRow("fsync:error=EIO", 6)]
    [DataRow("pwrite64:error=ENOSPC", 5)]
    public async Task Whatever_the_kernel_does_to_a_publication_clients_of_the_folder_never_see_an_error(string inject, int times)
    {
        await using var world = await SweepWorld.StartAsync("file", times + 1, Ct);
        world.World.Offer(0);
        Assert.AreEqual(0, (await world.PublishAsync()).ExitCode);
        await using var client = new ClientLoop(world.World.ClientUrl, world.World.Keyring);
        var hits = 0;

        for (var at = 1; at <= times; at++)
        {
            world.World.Offer(at);
            var log = world.World.Scratch[$"strace-{at}"];
            var publish = world.World.Tool("publish");
            var ended = await Exec.RunAsync(
                publish with { Program = "strace", Arguments = ["-f", "-o", log, "-e", $"trace={inject.Split(':')[0]}", "-e", $"inject={inject}:when={at}", publish.Program, .. publish.Arguments] }, Ct);
            var hit = (await File.ReadAllTextAsync(log, Ct)) is var said && (said.Contains("(INJECTED)", StringComparison.Ordinal) || said.Contains("killed by SIGKILL", StringComparison.Ordinal));
            hits += hit ? 1 : 0;
            Assert.IsTrue(hit || ended.ExitCode is 0, $"{at}: {ended.Error}");
            await client.RoundAsync();
            CheckClient(client, inject);

            await world.RecoverAsync();
            await client.RoundAsync();
            CheckClient(client, inject);
            Assert.AreEqual("", await world.LedgerProblemsAsync(), inject);
        }

        Assert.AreEqual(await world.CalmAsync(), world.Metadata());
        Assert.IsGreaterThan(0, hits);
        test.WriteLine($"{hits} of {times} hit");
    }

    /// <summary>In an object store, repomd.xml and its signature are two objects. A run that dies between them leaves them unlike until the next.</summary>
    private static void CheckClient(ClientLoop client, string step)
    {
        while (step is "publish.torn" && client.Problems.TryPeek(out var problem) && problem.StartsWith("bad signature", StringComparison.Ordinal))
        {
            client.Problems.TryDequeue(out _);
        }

        Assert.AreEqual("", string.Join('\n', client.Problems.Distinct()), step);
    }
}
