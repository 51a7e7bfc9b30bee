using DotnetRelease.Fixtures;
using DotnetRelease.Repositories.Ssh;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>The life of a repository behind OpenSSH's own server; what becomes of it is looked at on its disk.</summary>
[TestClass]
public sealed class LifeOverSshTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task Promotion_rollback_and_pruning_need_no_folder_of_this_machine()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.1"));
        await using var server = await SshServer.StartAsync(bench.Scratch, null, Ct);
        var qa = RepositoryTarget.Of(bench.Workspace, "qa", ["fedora-43"]).Single();
        qa = qa with { Place = qa.Place with { Store = new SshAddress("repo", bench.Folder("qa")) { Config = server.ClientConfig } } };
        var prod = RepositoryTarget.Of(bench.Workspace, "prod", ["fedora-43"]).Single();
        var choice = new PromotionChoice([], bench.Scratch.Folder("work"), await Admission.ReadAsync(bench.Scratch.Root, new AdmissionChoice(null, null), Ct));

        await DoAsync(bench, (await PromotionJob.PlanAsync(qa, prod, choice, Ct))!);
        Assert.AreEqual("life-1.1", await bench.SeenAsync("prod"));
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(choice.WorkFolder), "copies do not stay");

        await DoAsync(bench, (await RollbackJob.PlanAsync(qa, null, Ct))!);
        Assert.AreEqual("life-1.0", await bench.SeenAsync("qa"));

        bench.Clock.Now += TimeSpan.FromHours(49);
        await DoAsync(bench, (await RemovalJob.PlanPruningAsync(qa, 1, bench.Clock.Now, Ct))!);
        Assert.IsFalse(File.Exists(Path.Combine(bench.Folder("qa"), "life-1.1-1.noarch.rpm")));
        Assert.AreEqual("life-1.0", await bench.SeenAsync("qa"));
    }

    private static Task DoAsync(LifeBench bench, LifeJob job) => bench.DoAsync(Task.FromResult(new LifePlan(job.Target.Repository.Name, [job])));
}
