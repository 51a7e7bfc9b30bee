using DotnetRelease.Core.Tests.Metadata;
using DotnetRelease.Fixtures;
using DotnetRelease.Metadata;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Repositories;

[TestClass]
public sealed class PublisherTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_first_publication_is_a_whole_repository()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("first"));

        var receipt = await bench.PublishAsync(key, packages);

        Assert.IsTrue(receipt.Changed);
        Assert.AreEqual(2, receipt.Total);
        Assert.AreEqual(key.Fingerprint, receipt.Signer);
        Assert.IsTrue(receipt.Packages.All(package => package.IsNew));
        Assert.AreEqual(Digest.Of(await File.ReadAllBytesAsync(Path.Combine(bench.Repodata, "repomd.xml"), Ct)), receipt.RepomdDigest);
        Assert.AreEqual("", RepositoryBench.Problems(await bench.VerifyAsync(key)));
        CollectionAssert.AreEqual(
            new[] { ".dotnet-release.lock", "RPM-GPG-KEY-demo-qa", "demo-qa.repo", "first-1.0-1.noarch.rpm", "first-1.0-1.src.rpm", "repodata" },
            Directory.EnumerateFileSystemEntries(bench.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        var repo = await File.ReadAllLinesAsync(Path.Combine(bench.Root, "demo-qa.repo"), Ct);
        CollectionAssert.IsSubsetOf(
            new[] { "[demo-qa]", "gpgcheck=1", "repo_gpgcheck=1", $"baseurl=file://{bench.Root}/", $"gpgkey=file://{bench.Root}/RPM-GPG-KEY-demo-qa" }, repo);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Gpgv_and_rpmkeys_agree_and_the_primary_key_signed_the_metadata_though_a_subkey_could()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.RsaWithSubkey;
        var packages = await bench.SignedAsync(key, new RpmRecipe("judged"));

        await bench.PublishAsync(key, packages);

        var keyring = bench.Scratch["ring.gpg"];
        await Exec.ReadAsync(new Command("gpg", "--batch", "--yes", "--dearmor", "--output", keyring, Path.Combine(bench.Root, "RPM-GPG-KEY-demo-qa")), Ct);
        var said = await Exec.ReadAsync(
            new Command("gpgv", "--status-fd", "1", "--keyring", keyring, Path.Combine(bench.Repodata, "repomd.xml.asc"), Path.Combine(bench.Repodata, "repomd.xml")), Ct);
        Assert.AreEqual(key.Fingerprint, GpgStatus.Parse(said.Output).Good()?.SigningFingerprint);
        var checks = await RpmJudge.CheckAsync(Directory.GetFiles(bench.Root, "*.rpm"), key);
        CollectionAssert.AreEqual(new[] { "digests signatures OK", "digests signatures OK" }, checks);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task The_same_packages_again_change_nothing()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("again"));
        var first = await bench.PublishAsync(key, packages);
        var before = bench.Fingerprint();

        var second = await bench.PublishAsync(key, packages);

        Assert.IsFalse(second.Changed);
        Assert.AreEqual(first.RepomdDigest, second.RepomdDigest);
        Assert.IsFalse(second.Packages.Any(package => package.IsNew));
        Assert.AreEqual(before, bench.Fingerprint());
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task The_same_set_gives_the_same_metadata_whatever_was_published_before_and_whatever_the_file_times_are()
    {
        using var one = new RepositoryBench(Ct);
        using var other = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        var packages = await one.SignedAsync(key, new RpmRecipe("a"), new RpmRecipe("b"), new RpmRecipe("c"));
        await one.PublishAsync(key, packages);

        await other.PublishAsync(key, [packages[4], packages[5]]);
        File.SetLastWriteTimeUtc(packages[0].File.Path, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await other.PublishAsync(key, [packages[3], packages[2], packages[1], packages[0]]);

        foreach (var part in CreaterepoJudge.Parts)
        {
            Assert.AreEqual(Current(one, part).File.Digest, Current(other, part).File.Digest, part);
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_second_package_joins_and_the_revision_rises_although_it_was_built_at_the_same_time()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        var first = await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("one")));

        var second = await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("two")));

        Assert.AreEqual(4, second.Total);
        Assert.IsGreaterThan(first.Revision, second.Revision);
        Assert.AreEqual("", RepositoryBench.Problems(await bench.VerifyAsync(key)));
        var named = await CreaterepoJudge.DescribeAsync(bench.Root, Ct);
        foreach (var part in CreaterepoJudge.Parts)
        {
            Assert.AreEqual(named.Repomd.Find(part)!.File.Digest, Current(bench, part).File.Digest, part);
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Metadata_that_a_client_may_still_ask_for_stays_for_48_hours_after_it_was_last_named()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("old")));
        var old = Directory.GetFiles(bench.Repodata, "*.gz").Select(Path.GetFileName).ToArray();
        foreach (var file in Directory.GetFiles(bench.Repodata))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-30));
        }

        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("middle")));
        CollectionAssert.IsSubsetOf(old, Directory.GetFiles(bench.Repodata).Select(Path.GetFileName).ToArray(), "superseded just now");
        bench.Clock.Now += TimeSpan.FromHours(47);
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("new")));
        CollectionAssert.IsSubsetOf(old, Directory.GetFiles(bench.Repodata).Select(Path.GetFileName).ToArray(), "47 hours later");
        bench.Clock.Now += TimeSpan.FromHours(2);
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("newer")));
        CollectionAssert.IsSubsetOf(old, Directory.GetFiles(bench.Repodata).Select(Path.GetFileName).ToArray(), "the record lists it as one to go back to");
        File.Delete(Path.Combine(bench.Repodata, "revision.signed"));
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("newest")));

        Assert.IsEmpty(old.Intersect(Directory.GetFiles(bench.Repodata).Select(Path.GetFileName)));
        Assert.AreEqual("", RepositoryBench.Problems(await bench.VerifyAsync(key)));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Metadata_of_other_kinds_stays()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("base")));
        var updates = bench.Scratch.Write("updateinfo.xml", "<updates/>\n");
        await Exec.ReadAsync(new Command("modifyrepo_c", updates, bench.Repodata), Ct);
        File.Delete(Path.Combine(bench.Repodata, "repomd.xml.asc"));
        await Exec.ReadAsync(key.Gpg.Command("--local-user", key.Fingerprint + "!", "--armor", "--detach-sign", Path.Combine(bench.Repodata, "repomd.xml")), Ct);
        var before = Current(bench, "updateinfo");

        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("more")));

        Assert.AreEqual(before, Current(bench, "updateinfo"));
        Assert.AreEqual("", RepositoryBench.Problems(await bench.VerifyAsync(key)));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task What_a_killed_run_left_is_removed_and_what_lies_there_unnamed_is_told()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("resumed"), new RpmRecipe("stray"));
        var half = Directory.CreateDirectory(Path.Combine(bench.Root, $"{Durable.UnfinishedPrefix}repodata-1")).FullName;
        await File.WriteAllTextAsync(Path.Combine(half, "repomd.xml"), "half", Ct);
        await File.WriteAllTextAsync(Path.Combine(bench.Root, $"{Durable.UnfinishedPrefix}2"), "half", Ct);
        foreach (var copied in packages)
        {
            File.Copy(copied.File.Path, Path.Combine(bench.Root, copied.File.Nevra.FileName));
        }

        var receipt = await bench.PublishAsync(key, [packages[0], packages[1]]);

        Assert.AreEqual(2, receipt.Total);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(bench.Root, Durable.UnfinishedPrefix + "*"));
        Assert.HasCount(2, bench.Reporter.Warnings);
        Assert.Contains("stray-1.0-1.noarch.rpm", bench.Reporter.Warnings[0], StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_preview_writes_nothing_and_names_each_action()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("dry"));

        var actions = await Publisher.PreviewAsync(new PublishPreview(bench.Place, packages), Ct);

        Assert.IsFalse(Directory.Exists(bench.Root));
        Assert.HasCount(3, actions);
        Assert.Contains($"copy {packages[0].File.Path} to {bench.Root}/dry-1.0-1.noarch.rpm", actions);
        Assert.AreEqual($"write {bench.Repodata}: revision 1763596800, 2 packages, signed", actions[2]);
    }

    private static RepomdEntry Current(RepositoryBench bench, string part) =>
        RepomdReader.Read(File.ReadAllBytes(Path.Combine(bench.Repodata, "repomd.xml")), "repomd.xml").Find(part)!;
}
