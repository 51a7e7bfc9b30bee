using System.Security.Cryptography;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Repositories;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class LifeRunTests(TestContext test)
{
    private const int Patience = 180_000;

    private static readonly LifeChoice Qa43 = new("qa", ["fedora-43"]);
    private static readonly LifeChoice Prod43 = new("prod", ["fedora-43"]);

    private CancellationToken Ct => test.CancellationToken;

    // Case 63; dangerzone #1263: a new Fedora was a 404.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_repository_is_made_for_each_target_and_never_made_again()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        var plan = await bench.Run.PlanInitAsync(new LifeChoice("qa", []), Ct);
        Assert.HasCount(6, plan.Actions);
        Assert.IsFalse(Directory.Exists(bench.Folder("qa")), "a plan writes nothing");

        var results = await bench.DoAsync(Task.FromResult(plan));
        var again = await bench.Run.PlanInitAsync(new LifeChoice("qa", []), Ct);

        Assert.HasCount(2, results);
        Assert.IsTrue(again.IsEmpty);
        foreach (var target in (string[])["fedora-43", "fedora-44"])
        {
            Assert.AreEqual("", await bench.SeenAsync("qa", target));
            CollectionAssert.IsSubsetOf(
                new[] { "RPM-GPG-KEY-demo-qa", "demo-qa.repo", "repodata" }, Directory.EnumerateFileSystemEntries(bench.Folder("qa", target)).Select(Path.GetFileName).ToArray());
        }

        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("lifefirst"));
        Assert.AreEqual("lifefirst-1.0", await bench.SeenAsync("qa"));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Promotion_gives_the_same_bytes_of_the_newest_versions_and_then_there_is_nothing_left_to_do()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.1"), new RpmRecipe("other"));

        var results = await bench.DoAsync(bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct));
        var again = await bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct);

        Assert.AreEqual("life-1.1 other-1.0", await bench.SeenAsync("prod"));
        Assert.IsTrue(again.IsEmpty);
        foreach (var path in Directory.EnumerateFiles(bench.Folder("prod"), "*.rpm"))
        {
            CollectionAssert.AreEqual(SHA256.HashData(await File.ReadAllBytesAsync(path, Ct)), SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(bench.Folder("qa"), Path.GetFileName(path)), Ct)));
        }

        var facts = bench.Facts.Where(fact => fact.Kind is FactKind.Promoted).ToList();
        Assert.HasCount(4, facts);
        Assert.IsTrue(facts.TrueForAll(fact => fact.Target is "fedora-43" && fact.Details[FactDetail.Repository] is "prod" && fact.Details[FactDetail.Revision] == $"{results[0].Receipt!.Revision}"));
    }

    // Case 49: a run that was killed left the record behind, or neither the record nor the ledger.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_promotion_that_the_ledger_does_not_know_is_written_down_by_the_same_command(bool isRecorded)
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        var published = await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"), new RpmRecipe("other"));
        foreach (var package in published.Packages)
        {
            await bench.Ledger.AppendAsync(Fact.Of(FactKind.Published, package.Nevra, package.Sha256) with { Target = "fedora-43", Where = "qa" }, Ct);
        }

        var before = await File.ReadAllBytesAsync(bench.LedgerPath, Ct);
        await bench.DoAsync(bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct));
        var wanted = Told(bench);
        await File.WriteAllBytesAsync(bench.LedgerPath, before, Ct);
        if (!isRecorded)
        {
            File.Delete(Path.Combine(bench.Folder("prod"), RevisionRecord.Location));
        }

        await bench.DoAsync(bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct));

        Assert.AreEqual(wanted, Told(bench));
        Assert.Contains($"Promoted life-1.0-1.noarch {await bench.RevisionAsync("prod")}", wanted, StringComparison.Ordinal);
        Assert.IsTrue((await bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct)).IsEmpty);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_a_killed_withdrawal_could_not_write_down_the_next_publication_or_promotion_writes_first()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        foreach (var version in (string[])["1.0", "1.1", "1.2"])
        {
            await bench.ShipAsync("fedora-43", new RpmRecipe("life", version));
        }

        await bench.DoAsync(bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct));
        foreach (var choice in (LifeChoice[])[Qa43, Prod43])
        {
            var before = await File.ReadAllBytesAsync(bench.LedgerPath, Ct);
            await bench.DoAsync(bench.Run.PlanWithdrawalAsync(choice, ["life-1.2-1"], Ct));
            await File.WriteAllBytesAsync(bench.LedgerPath, before, Ct);
        }

        await bench.ShipAsync("fedora-43", new RpmRecipe("life", "1.3"));
        await bench.DoAsync(bench.Run.PlanPromotionAsync("qa", Prod43, ["life-1.3-1"], Ct));

        Assert.AreEqual(
            "Withdrawn life-1.2 qa, Published life-1.3 qa, Withdrawn life-1.2 prod, Published life-1.3 prod, Promoted life-1.3 prod",
            string.Join(", ", bench.Facts.Where(fact => fact.Nevra?.EndsWith("noarch", StringComparison.Ordinal) is true).TakeLast(5)
                .Select(fact => $"{fact.Kind} {fact.Package}-{fact.Version![..^2]} {fact.Details[FactDetail.Repository]}")));
    }

    // dangerzone #737, #880: one package, one target.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_hotfix_is_one_package_on_one_target()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        foreach (var target in (string[])["fedora-43", "fedora-44"])
        {
            await bench.PublishAsync("qa", target, new RpmRecipe("life", "1.0"), new RpmRecipe("other"));
        }

        await bench.DoAsync(bench.Run.PlanPromotionAsync("qa", Prod43, ["life-1.0-1"], Ct));

        Assert.AreEqual("life-1.0", await bench.SeenAsync("prod"));
        Assert.IsFalse(Directory.Exists(bench.Folder("prod", "fedora-44")));
        var unknown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.PlanPromotionAsync("qa", Prod43, ["life-2.0-1"], Ct));
        Assert.AreEqual(Fault.PackageNotServed, unknown.Fault);
        Assert.Contains("life-1.0-1.noarch", unknown.Remedy, StringComparison.Ordinal);
    }

    // Case 54.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Promotion_never_goes_down_and_never_from_elsewhere()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        await bench.PublishAsync("prod", "fedora-43", new RpmRecipe("life", "1.1"));

        var down = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct));
        var self = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.PlanPromotionAsync("prod", Prod43, [], Ct));

        Assert.AreEqual(Fault.PublishedDowngrade, down.Fault);
        Assert.AreEqual(Fault.PromotionRefused, self.Fault);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_the_first_repository_does_not_vouch_for_is_not_promoted()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        var plan = await bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct);
        var path = Path.Combine(bench.Folder("qa"), "life-1.0-1.noarch.rpm");
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Ct);

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.RunAsync(plan, Ct));

        Assert.AreEqual(Fault.RpmDamaged, thrown.Fault);
        Assert.IsFalse(Directory.Exists(bench.Folder("prod")));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_plan_is_bound_to_what_was_served_when_it_was_made()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        var early = await bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct);
        await bench.PublishAsync("prod", "fedora-43", new RpmRecipe("meanwhile"));
        var late = await bench.Run.PlanPromotionAsync("qa", Prod43, [], Ct);

        Assert.AreNotEqual(early.Id, late.Id);
        Assert.AreEqual(Fault.PlanChanged, Assert.ThrowsExactly<ReleaseException>(() => late.Require(early.Id)).Fault);
        late.Require(late.Id);
        Assert.AreEqual(Fault.RepositoryMoved, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.RunAsync(early, Ct))).Fault);
        Assert.AreEqual("meanwhile-1.0", await bench.SeenAsync("prod"));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Rollback_serves_the_earlier_packages_as_a_higher_revision_and_forward_again()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        var bad = await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.1"));

        await bench.DoAsync(bench.Run.PlanRollbackAsync(Qa43, null, Ct));
        Assert.AreEqual("life-1.0", await bench.SeenAsync("qa"));
        Assert.IsGreaterThan(bad.Revision, await bench.RevisionAsync("qa"));
        Assert.IsTrue(File.Exists(Path.Combine(bench.Folder("qa"), "life-1.1-1.noarch.rpm")), "a client may still be loading it");
        Assert.HasCount(3, bench.Facts.Where(fact => fact.Kind is FactKind.RolledBack));

        var reappears = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.1")));
        Assert.AreEqual(Fault.PackageWithdrawn, reappears.Fault);

        await bench.DoAsync(bench.Run.PlanRollbackAsync(Qa43, bad.Revision, Ct));
        Assert.AreEqual("life-1.0 life-1.1", await bench.SeenAsync("qa"));
        Assert.IsTrue((await bench.Run.PlanRollbackAsync(Qa43, bad.Revision, Ct)).IsEmpty);
        var unknown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.PlanRollbackAsync(Qa43, 7, Ct));
        Assert.AreEqual(Fault.RevisionNotKept, unknown.Fault);
        Assert.Contains($"{bad.Revision} (published on", unknown.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_nobody_should_do_to_every_target_at_once_names_its_targets()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.PlanRollbackAsync(new LifeChoice("qa", []) { IsDeliberate = true }, null, Ct));

        Assert.AreEqual(Fault.Usage, thrown.Fault);
        Assert.Contains("--target fedora-43 --target fedora-44", thrown.Remedy, StringComparison.Ordinal);
    }

    // Case 54: the ledger is not asked.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Lower_than_ever_published_is_known_without_a_ledger()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "2.0"));
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("keeper"));
        await bench.DoAsync(bench.Run.PlanWithdrawalAsync(Qa43, ["life-2.0-1"], Ct));
        Assert.AreEqual("keeper-1.0", await bench.SeenAsync("qa"));

        var lower = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.9")));

        Assert.AreEqual(Fault.PublishedDowngrade, lower.Fault);
        Assert.Contains("older than 0:2.0-1, the newest version that this repository ever had", lower.Message, StringComparison.Ordinal);
    }

    // Case 99.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_withdrawn_package_leaves_the_metadata_and_its_file_only_after_48_hours()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.1"));
        var file = Path.Combine(bench.Folder("qa"), "life-1.1-1.noarch.rpm");
        Assert.AreEqual(Fault.PackageNotServed, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.PlanWithdrawalAsync(Qa43, ["life"], Ct))).Fault, "a bare name is too little");

        await bench.DoAsync(bench.Run.PlanWithdrawalAsync(Qa43, ["life-1.1-1"], Ct));
        Assert.AreEqual("life-1.0", await bench.SeenAsync("qa"));
        Assert.HasCount(2, bench.Facts.Where(fact => fact.Kind is FactKind.Withdrawn && fact.Version is "1.1-1"));
        bench.Clock.Now += TimeSpan.FromHours(47);
        Assert.IsTrue((await bench.Run.PlanPruningAsync(Qa43, 5, Ct)).IsEmpty);

        bench.Clock.Now += TimeSpan.FromHours(2);
        await bench.DoAsync(bench.Run.PlanPruningAsync(Qa43, 5, Ct));

        Assert.IsFalse(File.Exists(file));
        Assert.AreEqual("life-1.0", await bench.SeenAsync("qa"));
        Assert.AreEqual(Fault.RevisionNotKept, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.Run.PlanRollbackAsync(Qa43, null, Ct))).Fault);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Pruning_keeps_the_newest_of_each_and_deletes_only_what_it_took_out_before()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        foreach (var version in (string[])["1.9", "1.10", "1.11"])
        {
            await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", version));
        }

        var stray = Path.Combine(bench.Folder("qa"), "stray-1.0-1.noarch.rpm");
        await File.WriteAllTextAsync(stray, "somebody's", Ct);

        await bench.DoAsync(bench.Run.PlanPruningAsync(Qa43, 2, Ct));
        Assert.AreEqual("life-1.10 life-1.11", await bench.SeenAsync("qa"));
        Assert.IsTrue(File.Exists(Path.Combine(bench.Folder("qa"), "life-1.9-1.noarch.rpm")));
        Assert.IsTrue((await bench.Run.PlanPruningAsync(Qa43, 2, Ct)).IsEmpty);

        bench.Clock.Now += TimeSpan.FromHours(49);
        var plan = await bench.Run.PlanPruningAsync(Qa43, 2, Ct);
        Assert.IsTrue(plan.Actions.All(action => action.StartsWith("delete ", StringComparison.Ordinal)), string.Join('\n', plan.Actions));
        await bench.DoAsync(Task.FromResult(plan));

        Assert.IsFalse(File.Exists(Path.Combine(bench.Folder("qa"), "life-1.9-1.noarch.rpm")));
        Assert.IsTrue(File.Exists(stray));
        Assert.IsTrue((await bench.Run.PlanPruningAsync(Qa43, 2, Ct)).IsEmpty);
    }

    // Case 55: nobody builds on what somebody set back, and one command mends it.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task After_a_rollback_behind_our_back_nothing_is_published_until_the_newest_is_served_again()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        var repodata = Path.Combine(bench.Folder("qa"), "repodata");
        var old = Directory.GetFiles(repodata, "repomd.xml*").ToDictionary(path => path, File.ReadAllBytes);
        var newest = await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.1"));
        foreach (var (path, bytes) in old)
        {
            await File.WriteAllBytesAsync(path, bytes, Ct);
        }

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.2")));
        Assert.AreEqual(Fault.RepositoryRolledBack, refused.Fault);
        Assert.Contains($"repo rollback NAME --to {newest.Revision}", refused.Remedy, StringComparison.Ordinal);

        await bench.DoAsync(bench.Run.PlanRollbackAsync(Qa43, newest.Revision, Ct));
        Assert.AreEqual("life-1.0 life-1.1", await bench.SeenAsync("qa"));
        Assert.IsGreaterThan(newest.Revision, await bench.RevisionAsync("qa"));
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.2"));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Refreshing_vouches_again_and_changes_nothing_that_clients_read()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        var repomd = await File.ReadAllBytesAsync(Path.Combine(bench.Folder("qa"), "repodata", "repomd.xml"), Ct);
        bench.Clock.Now += TimeSpan.FromDays(100);

        await bench.DoAsync(bench.Run.PlanRefreshAsync(Qa43, Ct));

        CollectionAssert.AreEqual(repomd, await File.ReadAllBytesAsync(Path.Combine(bench.Folder("qa"), "repodata", "repomd.xml"), Ct));
        Assert.AreEqual(bench.Clock.Now.ToUnixTimeSeconds(), (await RepositoryListing.ReadAsync(bench.Place("qa"), Ct)).VouchedFor!.Value.ToUnixTimeSeconds());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_listing_has_each_package_with_its_signer_and_each_revision()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.0"));
        await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", "1.1"));

        var listing = await RepositoryListing.ReadAsync(bench.Place("qa"), Ct);

        CollectionAssert.AreEqual(
            new[] { "life-1.1-1.noarch", "life-1.1-1.src", "life-1.0-1.noarch", "life-1.0-1.src" }, listing.Packages.Select(package => package.Nevra.ToString()).ToArray());
        Assert.IsTrue(listing.Packages.All(package => package.SignedBy == bench.Key.Fingerprint && package.Size > 0));
        Assert.AreEqual("published published", string.Join(' ', listing.Revisions.Select(revision => revision.Act)));
        Assert.AreEqual(bench.Key.Fingerprint, listing.Signer);
    }

    /// <summary>The facts in their order, without what says when.</summary>
    private static string Told(LifeBench bench) =>
        string.Join('\n', bench.Facts.Select(fact => $"{fact.Kind} {fact.Nevra} {fact.Details.GetValueOrDefault(FactDetail.Revision)} {fact.Where} {fact.Who}"));
}
