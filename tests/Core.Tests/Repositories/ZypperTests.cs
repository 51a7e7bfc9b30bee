using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>zypper, in a root and a user namespace of its own: a second reader, with libzypp instead of librepo.</summary>
[TestClass]
public sealed class ZypperTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Zypper_checks_both_signatures_and_takes_the_package()
    {
        using var bench = new RepositoryBench(Ct);
        await PublishAsync(bench);

        Assert.AreEqual(0, (await ZypperAsync(bench, "refresh")).ExitCode);
        var downloaded = await ZypperAsync(bench, "download", "judged");

        Assert.AreEqual(0, downloaded.ExitCode, downloaded.Output + downloaded.Error);
        var package = Directory.EnumerateFiles(bench.Scratch["zypp"], "judged-*.rpm", SearchOption.AllDirectories).Single();
        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(Path.Combine(bench.Root, Path.GetFileName(package)), Ct), await File.ReadAllBytesAsync(package, Ct));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task One_changed_byte_of_the_metadata_makes_zypper_refuse()
    {
        using var bench = new RepositoryBench(Ct);
        await PublishAsync(bench);
        var repomd = Path.Combine(bench.Repodata, "repomd.xml");
        var bytes = await File.ReadAllBytesAsync(repomd, Ct);
        bytes[bytes.AsSpan().IndexOf("<revision>"u8) + "<revision>".Length] ^= 1;
        await File.WriteAllBytesAsync(repomd, bytes, Ct);

        var refused = await ZypperAsync(bench, "refresh");

        Assert.AreNotEqual(0, refused.ExitCode);
        StringAssert.Contains(refused.Output + refused.Error, "Signature verification failed", StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task One_changed_byte_of_a_package_makes_zypper_refuse()
    {
        using var bench = new RepositoryBench(Ct);
        await PublishAsync(bench);
        var package = Directory.EnumerateFiles(bench.Root, "judged-*.noarch.rpm").Single();
        var bytes = await File.ReadAllBytesAsync(package, Ct);
        bytes[^9] ^= 1;
        await File.WriteAllBytesAsync(package, bytes, Ct);

        var refused = await ZypperAsync(bench, "download", "judged");

        // This zypper exits with 0 all the same; what counts is that it keeps nothing.
        StringAssert.Contains(refused.Output + refused.Error, "Digest verification failed", StringComparison.Ordinal);
        Assert.IsEmpty(Directory.GetFiles(bench.Scratch["zypp"], "judged-*.rpm", SearchOption.AllDirectories));
    }

    private async Task PublishAsync(RepositoryBench bench)
    {
        var key = await TestKey.Rsa;
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("judged")));
        var repos = Directory.CreateDirectory(Path.Combine(bench.Scratch["zypp"], "etc", "zypp", "repos.d")).FullName;
        File.Copy(Path.Combine(bench.Root, "demo-qa.repo"), Path.Combine(repos, "demo-qa.repo"));
    }

    private Task<Outcome> ZypperAsync(RepositoryBench bench, params string[] words) => Exec.RunAsync(
        new Command("unshare", ["--user", "--map-root-user", "zypper", "--root", bench.Scratch["zypp"], "--non-interactive", "--gpg-auto-import-keys", .. words]), Ct);
}
