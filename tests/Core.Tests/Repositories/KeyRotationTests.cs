using System.Collections.Immutable;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>A change of keys: clients know the new one before it signs, and the old one as long as something of it is published.</summary>
[TestClass]
public sealed class KeyRotationTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(180_000)]
    public async Task The_next_key_is_shipped_first_and_signs_afterwards()
    {
        using var bench = new RepositoryBench(Ct);
        var (old, next) = (await TestKey.Rsa, await TestKey.Ed25519);
        await ShareAsync(next, old);
        var first = await bench.SignedAsync(old, new RpmRecipe("first"));
        var second = await bench.SignedAsync(next, new RpmRecipe("second"));

        // Too early: clients have only the old key.
        await PublishAsync(bench, old, first, []);
        var early = await Assert.ThrowsExactlyAsync<ReleaseException>(() => PublishAsync(bench, next, second, [old.Fingerprint]));
        var before = bench.Fingerprint();
        Assert.AreEqual(Fault.KeyRefused, early.Fault);
        Assert.Contains("signing.next-key", early.Remedy, StringComparison.Ordinal);

        await PublishAsync(bench, old, first, [next.Fingerprint]);
        Assert.AreNotEqual(before, bench.Fingerprint(), "The key file has both keys now.");
        CollectionAssert.AreEquivalent(new[] { old.Fingerprint, next.Fingerprint }, await ShippedAsync(bench));

        await PublishAsync(bench, next, second, [old.Fingerprint]);
        CollectionAssert.AreEquivalent(new[] { old.Fingerprint, next.Fingerprint }, await ShippedAsync(bench));
    }

    [TestMethod]
    [Timeout(180_000)]
    public async Task Publishing_again_adds_no_key_twice()
    {
        using var bench = new RepositoryBench(Ct);
        var (old, next) = (await TestKey.Rsa, await TestKey.Ed25519);
        await ShareAsync(next, old);
        var packages = await bench.SignedAsync(old, new RpmRecipe("first"));
        await PublishAsync(bench, old, packages, [next.Fingerprint]);
        var once = bench.Fingerprint();

        await PublishAsync(bench, old, packages, [next.Fingerprint]);

        Assert.AreEqual(once, bench.Fingerprint());
    }

    [TestMethod]
    [Timeout(180_000)]
    public async Task The_release_package_has_the_repo_file_and_every_key_and_rpm_takes_them()
    {
        using var bench = new RepositoryBench(Ct);
        var (old, next) = (await TestKey.Rsa, await TestKey.RsaWithSubkey);
        ImmutableArray<PublicKey> keys = [await PublicKey.FindAsync(old.Gpg, old.Fingerprint, Ct), await PublicKey.FindAsync(next.Gpg, next.Fingerprint + "!", Ct)];
        var draft = new ReleasePackage("demo-release", "demo", bench.Place, keys).ToDraft("20260115", DateTimeOffset.FromUnixTimeSeconds(1768435200));
        var file = bench.Scratch[draft.Nevra.FileName];

        await RpmWriter.WriteAsync(draft, file, Ct);
        await using var signer = await RpmSigner.OpenAsync(old.Gpg, old.Fingerprint, Ct);
        await signer.SignAsync([file], Ct);

        CollectionAssert.AreEqual(new[] { "digests signatures OK" }, await RpmJudge.CheckAsync([file], old));
        var (one, two) = (KeyPath(old), KeyPath(next));
        Assert.AreEqual(
            string.Join('\n', ((string[])[one, two]).Order(StringComparer.Ordinal).Append("/etc/yum.repos.d/demo-qa.repo")) + "\n",
            await RpmJudge.QueryAsync(file, "[%{FILENAMES}\n]"));
        var repo = System.Text.Encoding.UTF8.GetString(draft.Files.Single(each => each.IsConfig).Content.Span);
        Assert.Contains($"gpgkey=file://{one} file://{two}\n", repo, StringComparison.Ordinal);
        Assert.Contains("gpgcheck=1\nrepo_gpgcheck=1\n", repo, StringComparison.Ordinal);
        Assert.AreEqual(RpmWriter.HeaderDigest(draft), (await signer.SignAsync([file], Ct))[0].Rpm.File.HeaderSha256);
    }

    [TestMethod]
    public void Nothing_is_signed_with_a_key_that_clients_may_not_know()
    {
        var signing = new SigningSettings(new string('A', 40)) { NextKey = new string('B', 40), PreviousKeys = [new string('C', 40)] };

        signing.RefuseUnknownToClients(signing.Key);
        signing.RefuseUnknownToClients(signing.PreviousKeys[0]);
        foreach (var name in (string[])[signing.NextKey, signing.NextKey + "!", signing.NextKey.ToLowerInvariant()])
        {
            Assert.AreEqual(Fault.KeyRefused, Assert.ThrowsExactly<ReleaseException>(() => signing.RefuseUnknownToClients(name)).Fault);
        }
    }

    private static string KeyPath(TestKey key) => $"/etc/pki/rpm-gpg/RPM-GPG-KEY-demo-qa-{key.Fingerprint[^16..].ToLowerInvariant()}";

    /// <summary>Each keyring gets the other's public key, as a maintainer's has both.</summary>
    private async Task ShareAsync(TestKey one, TestKey other)
    {
        await one.Gpg.ImportAsync(await other.PublicAsync(), Ct);
        await other.Gpg.ImportAsync(await one.PublicAsync(), Ct);
    }

    private async Task<string[]> ShippedAsync(RepositoryBench bench)
    {
        await using var known = await RepositoryKeyFile.OpenAsync(Path.Combine(bench.Root, bench.Place.KeyName), Ct);
        return [.. known.Certificates.Select(certificate => certificate.Fingerprint)];
    }

    private async Task PublishAsync(RepositoryBench bench, TestKey key, ImmutableArray<SignedRpm> packages, ImmutableArray<string> companions)
    {
        var metadataKey = await (await MetadataKey.FindAsync(key.Gpg, key.Fingerprint, Ct)).WithCompanionsAsync(companions, Ct);
        await new Publisher(bench.Reporter, bench.Clock).PublishAsync(new PublishRequest(bench.Place, packages, metadataKey) { Project = "demo" }, Ct);
    }
}
