using Amazon.Runtime;
using DotnetRelease.Core.Tests.Http;
using DotnetRelease.Core.Tests.Repositories;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Http;
using DotnetRelease.Repositories;
using DotnetRelease.Repositories.S3;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>The life of two repositories in an object store; what becomes of them is read over HTTP, as clients do.</summary>
[TestClass]
public sealed class LifeOverS3Tests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task Promotion_rollback_withdrawal_and_pruning_need_no_folder_of_this_machine()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await using var s3 = FakeS3.Start();
        var (folder, qa, prod) = (TargetOf(bench, "qa"), InS3(TargetOf(bench, "qa"), s3), InS3(TargetOf(bench, "prod"), s3));
        foreach (var version in (string[])["1.0", "1.1", "1.2"])
        {
            await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", version));
            await DoAsync(bench, await PromotionJob.PlanAsync(folder, qa, await ChoiceAsync(bench), Ct));
        }

        await DoAsync(bench, await PromotionJob.PlanAsync(qa, prod, await ChoiceAsync(bench), Ct));
        Assert.AreEqual("life-1.2", await SeenAsync(bench, prod));
        CollectionAssert.AreEqual(s3["yum/qa/life-1.2-1.noarch.rpm"], s3["yum/prod/life-1.2-1.noarch.rpm"]);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(bench.Scratch["work"]), "copies do not stay");
        Assert.IsNull(await PromotionJob.PlanAsync(qa, prod, await ChoiceAsync(bench), Ct));

        await DoAsync(bench, await RollbackJob.PlanAsync(qa, null, Ct));
        Assert.AreEqual("life-1.0 life-1.1", await SeenAsync(bench, qa));
        await DoAsync(bench, await RemovalJob.PlanWithdrawalAsync(qa, ["life-1.1-1"], Ct));
        Assert.AreEqual("life-1.0", await SeenAsync(bench, qa));
        Assert.Contains("yum/qa/life-1.2-1.noarch.rpm", s3.Keys, "a client may still be loading it");

        bench.Clock.Now += TimeSpan.FromHours(49);
        await DoAsync(bench, await RemovalJob.PlanPruningAsync(qa, 1, bench.Clock.Now, Ct));
        Assert.IsNull(await RemovalJob.PlanPruningAsync(qa, 1, bench.Clock.Now, Ct));
        CollectionAssert.AreEqual(
            new[] { "yum/qa/life-1.0-1.noarch.rpm", "yum/qa/life-1.0-1.src.rpm" },
            s3.Keys.Where(key => key.StartsWith("yum/qa/", StringComparison.Ordinal) && key.EndsWith(".rpm", StringComparison.Ordinal)).ToArray());
        Assert.AreEqual("life-1.0", await SeenAsync(bench, qa));
        Assert.AreEqual("life-1.2", await SeenAsync(bench, prod));
        Assert.IsFalse(s3.Keys.Any(key => key.Contains("/.", StringComparison.Ordinal)), "no lock and nothing unfinished stays");
        CollectionAssert.IsSubsetOf(new[] { FactKind.Promoted, FactKind.RolledBack, FactKind.Withdrawn }, bench.Facts.Select(fact => fact.Kind).ToArray());
    }

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task A_plan_is_not_done_when_somebody_published_meanwhile()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await using var s3 = FakeS3.Start();
        var (folder, qa) = (TargetOf(bench, "qa"), InS3(TargetOf(bench, "qa"), s3));
        foreach (var version in (string[])["1.0", "1.1"])
        {
            await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", version));
            await DoAsync(bench, await PromotionJob.PlanAsync(folder, qa, await ChoiceAsync(bench), Ct));
        }

        LifeJob[] early = [(await RollbackJob.PlanAsync(qa, null, Ct))!, (await RemovalJob.PlanWithdrawalAsync(qa, ["life-1.0-1"], Ct))!, (await RemovalJob.PlanPruningAsync(qa, 1, bench.Clock.Now, Ct))!];
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.2"));
        await DoAsync(bench, await PromotionJob.PlanAsync(folder, qa, await ChoiceAsync(bench), Ct));

        foreach (var job in early)
        {
            var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.RunAsync(new LifePlan("qa", [job]), Ct));
            Assert.AreEqual(Fault.RepositoryMoved, refused.Fault);
        }

        Assert.AreEqual("life-1.0 life-1.1 life-1.2", await SeenAsync(bench, qa));
    }

    private static RepositoryTarget TargetOf(LifeBench bench, string repository) => RepositoryTarget.Of(bench.Workspace, repository, ["fedora-43"]).Single();

    private static RepositoryTarget InS3(RepositoryTarget target, FakeS3 s3) => target with
    {
        Place = target.Place with
        {
            Store = new S3Address(FakeS3.Bucket, $"yum/{target.Repository.Name}") { Endpoint = new Uri(s3.Endpoint), Credentials = new BasicAWSCredentials(S3Rver.Account, S3Rver.Account) },
            BaseUrl = new Uri($"{s3.Endpoint}{FakeS3.Bucket}/yum/{target.Repository.Name}/"),
        },
    };

    private async Task<PromotionChoice> ChoiceAsync(LifeBench bench) =>
        new([], bench.Scratch.Folder("work"), await Admission.ReadAsync(bench.Scratch.Root, new AdmissionChoice(null, null), Ct));

    private static Task DoAsync(LifeBench bench, LifeJob? job)
    {
        Assert.IsNotNull(job);
        return bench.DoAsync(Task.FromResult(new LifePlan(job.Target.Repository.Name, [job])));
    }

    /// <summary>What clients see, every package read.</summary>
    private async Task<string> SeenAsync(LifeBench bench, RepositoryTarget target)
    {
        await using var trusted = await RpmVerifier.OpenAsync([await bench.Key.PublicAsync()], Ct);
        using var door = new HttpDoor(Doors.Impatient, bench.Reporter);
        var report = await RepositoryVerifier.VerifyAsync(target.Place.BaseUrl, new VerifyRequest(trusted) { Door = door, Deep = true, BaseUrl = target.Place.BaseUrl, Now = bench.Clock.Now }, Ct);
        Assert.AreEqual("", RepositoryBench.Problems(report));
        return string.Join(' ', report.Items.Select(item => item.Nevra).OfType<Nevra>().Where(nevra => nevra.Arch is "noarch").Select(nevra => $"{nevra.Name}-{nevra.Version}"));
    }
}
