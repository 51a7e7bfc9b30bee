using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Repositories;

[TestClass]
public sealed class RepositoryVerifierTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Every_item_of_a_sound_repository_has_its_signer()
    {
        using var bench = await PublishedAsync();
        var key = await TestKey.Rsa;

        var report = await bench.VerifyAsync(key);

        Assert.IsTrue(report.Ok, RepositoryBench.Problems(report));
        CollectionAssert.AreEqual(
            new[] { "repomd.xml", "revision.signed", "demo-qa.repo", "RPM-GPG-KEY-demo-qa", "sound-1.0-1.noarch.rpm", "sound-1.0-1.src.rpm" },
            report.Items.Select(item => Path.GetFileName(item.Path)).ToArray());
        Assert.IsTrue(report.Items.All(item => (item.Signer ?? item.Note)!.Contains(item.Note is null ? key.Fingerprint : "", StringComparison.Ordinal)));
        Assert.AreEqual("sound-1.0-1.noarch", report.Items[4].Nevra!.ToString());
        Assert.AreEqual(1763596800, report.Revision);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    [DataRow("repodata/repomd.xml.asc", "cut", "repomd.xml REL5006")]
    [DataRow("repodata/repomd.xml.asc", "remove", "repomd.xml REL5006")]
    [DataRow("repodata/repomd.xml.asc", "empty", "repomd.xml REL5006")]
    [DataRow("repodata/repomd.xml", "flip", "repomd.xml REL5")]
    [DataRow("repodata/repomd.xml", "empty", "repomd.xml REL5002")]
    [DataRow("repodata/repomd.xml", "remove", "repomd.xml REL5002")]
    [DataRow("repodata/*-primary.xml.gz", "flip", "repomd.xml REL5006")]
    [DataRow("repodata/*-filelists.xml.gz", "cut", "repomd.xml REL5006")]
    [DataRow("repodata/*-other.xml.gz", "remove", "repomd.xml REL5002")]
    [DataRow("sound-1.0-1.noarch.rpm", "flip", "sound-1.0-1.noarch.rpm REL4002")]
    [DataRow("sound-1.0-1.noarch.rpm", "cut", "sound-1.0-1.noarch.rpm REL5006")]
    [DataRow("sound-1.0-1.src.rpm", "remove", "sound-1.0-1.src.rpm REL5006")]
    public async Task One_byte_anywhere_is_found(string file, string how, string problem)
    {
        using var bench = await PublishedAsync();
        var path = Directory.GetFiles(Path.Combine(bench.Root, Path.GetDirectoryName(file)!), Path.GetFileName(file)).Single();
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        if (how is "remove")
        {
            File.Delete(path);
        }
        else
        {
            bytes[^20] ^= 1;
            await File.WriteAllBytesAsync(path, how is "cut" ? bytes[..^1] : how is "empty" ? [] : bytes, Ct);
        }

        var report = await bench.VerifyAsync(await TestKey.Rsa);

        Assert.IsFalse(report.Ok);
        Assert.StartsWith(problem, RepositoryBench.Problems(report), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Another_key_vouches_for_nothing()
    {
        using var bench = await PublishedAsync();

        var report = await bench.VerifyAsync(await TestKey.Ed25519);

        Assert.IsTrue(report.Items.All(item => item.Problems.Length is 1 && item.Signer is null), RepositoryBench.Problems(report));
        Assert.Contains((await TestKey.Ed25519).Fingerprint, report.Items[0].Problems[0].Text, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_package_that_was_swapped_for_another_good_one_is_found()
    {
        using var bench = await PublishedAsync();
        var other = await bench.SignedAsync(await TestKey.Rsa, new RpmRecipe("other"));
        var path = Path.Combine(bench.Root, "sound-1.0-1.noarch.rpm");
        File.Copy(other[0].File.Path, path, overwrite: true);

        var report = await bench.VerifyAsync(await TestKey.Rsa);

        Assert.Contains("sound-1.0-1.noarch.rpm REL5006", RepositoryBench.Problems(report), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task An_unsigned_package_in_signed_metadata_is_found()
    {
        using var bench = await PublishedAsync();
        var key = await TestKey.Rsa;
        var unsigned = await RpmFactory.BuildAsync(new RpmRecipe("bare"));
        File.Copy(unsigned.Binary, Path.Combine(bench.Root, "bare-1.0-1.noarch.rpm"));
        await Exec.ReadAsync(new Command("createrepo_c", "--quiet", "--no-database", bench.Root), Ct);
        await Exec.ReadAsync(key.Gpg.Command("--yes", "--local-user", key.Fingerprint + "!", "--armor", "--detach-sign", Path.Combine(bench.Repodata, "repomd.xml")), Ct);

        var report = await bench.VerifyAsync(key);

        Assert.AreEqual("bare-1.0-1.noarch.rpm REL4003", RepositoryBench.Problems(report)[.."bare-1.0-1.noarch.rpm REL4003".Length]);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_package_that_no_metadata_names_is_told_but_harms_nobody()
    {
        using var bench = await PublishedAsync();
        await File.WriteAllTextAsync(Path.Combine(bench.Root, "orphan.rpm"), "", Ct);

        var report = await bench.VerifyAsync(await TestKey.Rsa);

        Assert.IsTrue(report.Ok);
        CollectionAssert.AreEqual(new[] { "orphan.rpm" }, report.Orphans.ToArray());
    }

    private async Task<RepositoryBench> PublishedAsync()
    {
        var bench = new RepositoryBench(Ct);
        var key = await TestKey.Rsa;
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("sound")));
        return bench;
    }
}
