using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Repositories;

[TestClass]
public sealed class PublisherRefusalTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task The_same_name_with_other_bytes_is_a_conflict_that_names_both_and_changes_nothing()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        var published = await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("clash")));
        var before = bench.Fingerprint();
        var other = await bench.SignedAsync(key, new RpmRecipe("clash") { Install = "mkdir -p %{buildroot}/usr/share/%{name}; echo other > %{buildroot}/usr/share/%{name}/f" });

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, other));

        Assert.AreEqual(Fault.PublishedOtherBytes, thrown.Fault);
        Assert.AreEqual(ExitCode.Conflict, thrown.Fault.Exit);
        Assert.Contains(published.Packages[0].Sha256.Hex, thrown.Message, StringComparison.Ordinal);
        Assert.Contains(other[0].File.Sha256.Hex, thrown.Message, StringComparison.Ordinal);
        Assert.AreEqual(before, bench.Fingerprint());
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_file_that_lies_there_unnamed_is_never_overwritten()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        Directory.CreateDirectory(bench.Root);
        var squatter = Path.Combine(bench.Root, "squat-1.0-1.src.rpm");
        await File.WriteAllTextAsync(squatter, "somebody's file", Ct);

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(async () => await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("squat"))));

        Assert.AreEqual(Fault.PublishedOtherBytes, thrown.Fault);
        Assert.AreEqual("somebody's file", await File.ReadAllTextAsync(squatter, Ct));
        Assert.IsFalse(Directory.Exists(bench.Repodata));
    }

    [TestMethod]
    [Timeout(180_000, CooperativeCancellation = true)]
    [DataRow("1.10", "1.9")]
    [DataRow("2.0", "2.0~rc1")]
    [DataRow("2.0^git1", "2.0")]
    public async Task A_lower_version_needs_permission(string published, string offered)
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("down", published)));
        var before = bench.Fingerprint();
        var older = await bench.SignedAsync(key, new RpmRecipe("down", offered));

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, older));
        Assert.AreEqual(Fault.PublishedDowngrade, thrown.Fault);
        Assert.Contains($"down-{offered}-1", thrown.Message, StringComparison.Ordinal);
        Assert.Contains($"down-{published}-1", thrown.Message, StringComparison.Ordinal);
        Assert.AreEqual(before, bench.Fingerprint());

        Assert.AreEqual(4, (await bench.PublishAsync(key, older, allowDowngrade: true)).Total);
        Assert.IsFalse((await bench.PublishAsync(key, older)).Changed, "what is there is no downgrade any more");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task An_epoch_beats_every_version_and_is_no_part_of_the_file_name()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("epoch", "1.0") { Preamble = "Epoch: 1" }));

        var lower = await Assert.ThrowsExactlyAsync<ReleaseException>(async () => await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("epoch", "9.0"))));
        var same = await Assert.ThrowsExactlyAsync<ReleaseException>(async () =>
            await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("epoch", "1.0") { Preamble = "Epoch: 2" })));

        Assert.AreEqual(Fault.PublishedDowngrade, lower.Fault);
        Assert.AreEqual(Fault.PublishedOtherBytes, same.Fault);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Packages_of_a_key_that_clients_do_not_know_are_refused()
    {
        using var bench = new RepositoryBench(Ct);
        var (key, stranger) = (await TestKey.Rsa, await TestKey.Ed25519);
        var foreign = await bench.SignedAsync(stranger, new RpmRecipe("foreign"));

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, foreign));

        Assert.AreEqual(Fault.RpmSignerUnexpected, thrown.Fault);
        Assert.Contains(stranger.Fingerprint, thrown.Message, StringComparison.Ordinal);
        Assert.Contains(key.Fingerprint, thrown.Message, StringComparison.Ordinal);
        Assert.IsEmpty(Directory.GetFiles(bench.Root, "*.rpm"));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_new_key_is_refused_until_the_key_file_has_it()
    {
        using var bench = new RepositoryBench(Ct);
        var (old, fresh) = (await TestKey.Rsa, await TestKey.Ed25519);
        await bench.PublishAsync(old, await bench.SignedAsync(old, new RpmRecipe("byold")));
        var before = bench.Fingerprint();
        var packages = await bench.SignedAsync(fresh, new RpmRecipe("bynew"));

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(fresh, packages));
        Assert.AreEqual(Fault.KeyRefused, thrown.Fault);
        Assert.AreEqual(before, bench.Fingerprint());

        var keyFile = Path.Combine(bench.Root, "RPM-GPG-KEY-demo-qa");
        await File.AppendAllTextAsync(keyFile, Encoding.ASCII.GetString((await fresh.PublicAsync(armor: true)).Span), Ct);
        var receipt = await bench.PublishAsync(fresh, packages);
        Assert.AreEqual(fresh.Fingerprint, receipt.Signer);
        Assert.AreEqual(4, receipt.Total);
        await using var both = await RepositoryKeyFile.OpenAsync(keyFile, Ct);
        Assert.HasCount(2, both.Certificates);
        Assert.AreEqual("", RepositoryBench.Problems(await RepositoryVerifier.VerifyAsync(bench.Root, both, Ct)));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Metadata_that_nobody_signed_is_not_taken_over()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        var there = await bench.SignedAsync(key, new RpmRecipe("theirs"));
        Directory.CreateDirectory(bench.Root);
        File.Copy(there[0].File.Path, Path.Combine(bench.Root, there[0].File.Nevra.FileName));
        await Exec.ReadAsync(new Command("createrepo_c", "--quiet", bench.Root), Ct);
        var before = bench.Fingerprint();
        var ours = await bench.SignedAsync(key, new RpmRecipe("ours"));

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, ours));
        Assert.AreEqual(Fault.RepositoryUnverified, thrown.Fault);
        Assert.Contains($"gpg --local-user {key.Fingerprint}! --armor --detach-sign", thrown.Remedy, StringComparison.Ordinal);
        Assert.AreEqual(before, bench.Fingerprint());

        await Exec.ReadAsync(key.Gpg.Command("--local-user", key.Fingerprint + "!", "--armor", "--detach-sign", Path.Combine(bench.Repodata, "repomd.xml")), Ct);
        Assert.AreEqual(3, (await bench.PublishAsync(key, ours)).Total);
        Assert.AreEqual("", RepositoryBench.Problems(await bench.VerifyAsync(key)));
        Assert.DoesNotContain("_db", await File.ReadAllTextAsync(Path.Combine(bench.Repodata, "repomd.xml"), Ct), StringComparison.Ordinal, "stale data bases are not named any more");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    [DataRow("package missing")]
    [DataRow("package cut")]
    [DataRow("primary changed")]
    [DataRow("repomd changed")]
    public async Task A_repository_that_a_client_would_refuse_is_not_built_upon(string damage)
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("hurt")));
        Damage(bench, damage);
        var before = bench.Fingerprint();

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(async () => await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("next"))));

        Assert.AreEqual(Fault.RepositoryUnverified, thrown.Fault);
        Assert.AreEqual(before, bench.Fingerprint());
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Two_publishers_never_meet()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("pair"));
        using (FileLock.Take(Path.Combine(bench.Root, ".dotnet-release.lock"), "another publication"))
        {
            var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, packages));
            Assert.AreEqual(Fault.LockHeld, thrown.Fault);
            Assert.IsFalse(Directory.Exists(bench.Repodata));
        }

        Assert.IsTrue((await bench.PublishAsync(key, packages)).Changed);
    }

    // Case 60.
    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_place_where_nothing_can_be_written_is_a_failure_of_the_disk_and_not_a_lock()
    {
        await using var store = new FolderStore("/proc/self");

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => store.LockAsync("publish", Ct));

        Assert.AreEqual(Fault.WriteFailed, thrown.Fault);
        Assert.Contains("/proc/self", thrown.Message, StringComparison.Ordinal);
    }

    private static void Damage(RepositoryBench bench, string how)
    {
        var package = Path.Combine(bench.Root, "hurt-1.0-1.noarch.rpm");
        switch (how)
        {
            case "package missing":
                File.Delete(package);
                break;
            case "package cut":
                File.WriteAllBytes(package, File.ReadAllBytes(package)[..^1]);
                break;
            case "primary changed":
                Flip(Directory.GetFiles(bench.Repodata, "*-primary.xml.gz").Single());
                break;
            default:
                var repomd = Path.Combine(bench.Repodata, "repomd.xml");
                File.WriteAllText(repomd, File.ReadAllText(repomd).Replace("<revision>1", "<revision>2", StringComparison.Ordinal));
                break;
        }
    }

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
