using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.GitHub;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.GitHub;

/// <summary>Behaviour 36: every asset downloaded as a stranger and compared with the signed checksums.</summary>
[TestClass]
public sealed class ReleaseVerifierTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_stranger_finds_every_asset_as_it_was_signed_and_sends_no_token()
    {
        await using var world = new GitHubWorld();
        await FillAsync(world);

        var report = await VerifyAsync(world);

        Assert.IsTrue(report.IsGood);
        Assert.AreEqual((await TestKey.Ed25519).Fingerprint, report.Signer);
        CollectionAssert.AreEqual((string[])["a.txt", "b.txt", "checksums.txt", "checksums.txt.asc"], report.Items.Select(item => item.Name).ToArray());
        Assert.IsTrue(world.Server.RawRequests.All(request => request["Authorization"] is null));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_changed_a_missing_and_a_superfluous_asset_are_each_named()
    {
        await using var world = new GitHubWorld();
        await FillAsync(world);
        var assets = world.Server.ReleaseOf(GitHubWorld.Tag).Assets;
        assets.Single(asset => asset.Name is "a.txt").Bytes[0] ^= 1;
        assets.RemoveAll(asset => asset.Name is "b.txt");
        assets.Add(new FakeAsset(world.Server.NextId(), "c.txt", [1]));

        var report = await VerifyAsync(world);

        Assert.IsFalse(report.IsGood);
        Assert.Contains("has digest sha256:", report.Items.Single(item => item.Name is "a.txt").Problem!, StringComparison.Ordinal);
        Assert.AreEqual("is in the checksums and not in the release", report.Items.Single(item => item.Name is "b.txt").Problem);
        Assert.AreEqual("is not in the checksums: nobody signed it", report.Items.Single(item => item.Name is "c.txt").Problem);
    }

    [TestMethod]
    [DataRow("changed", "changed after it was signed")]
    [DataRow("other key", "unknown key")]
    [DataRow("no signature", "has no checksums.txt.asc")]
    [DataRow("no checksums", "has no checksums.txt:")]
    [DataRow("garbage", "gpg cannot read it")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Without_a_good_signature_there_is_nothing_to_compare_with(string what, string words)
    {
        await using var world = new GitHubWorld();
        await FillAsync(world, what is "other key" ? await TestKey.Rsa : null);
        var assets = world.Server.ReleaseOf(GitHubWorld.Tag).Assets;
        switch (what)
        {
            case "changed":
                assets.Single(asset => asset.Name is Checksums.FileName).Bytes[0] ^= 1;
                break;
            case "no signature":
                assets.RemoveAll(asset => asset.Name is Checksums.SignatureName);
                break;
            case "no checksums":
                assets.RemoveAll(asset => asset.Name is Checksums.FileName);
                break;
            case "garbage":
                assets.Single(asset => asset.Name is Checksums.SignatureName).Bytes = "garbage"u8.ToArray();
                break;
        }

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => VerifyAsync(world));

        Assert.AreEqual(ExitCode.Refused, failure.Fault.Exit);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("ab  a.txt\n")]
    [DataRow("{0}  ../a.txt\n")]
    [DataRow("{0}  a.txt\n{0}  a.txt\n")]
    [DataRow("{0}  a b.txt\n")]
    [DataRow("{0} a.txt\n")]
    public void Lines_that_sha256sum_would_not_write_are_refused(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.Replace("{0}", Digest.Of("x").Hex, StringComparison.Ordinal));
        if (text.Length is 0)
        {
            Assert.IsEmpty(Checksums.Parse(bytes).Lines);
            return;
        }

        Assert.AreEqual(Fault.ReleaseUnverified, Assert.ThrowsExactly<ReleaseException>(() => Checksums.Parse(bytes)).Fault);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_checksums_are_what_sha256sum_checks()
    {
        await using var world = new GitHubWorld();
        var files = await world.FilesAsync("b.txt", "a.txt");
        var path = world.Scratch.Write(Checksums.FileName, Encoding.UTF8.GetString(Checksums.Of(files).ToBytes()));

        var outcome = await Exec.ReadAsync(new Command("sha256sum", "--check", "--strict", path) { WorkingDirectory = world.Scratch.Root }, Ct);

        Assert.AreEqual("a.txt: OK\nb.txt: OK\n", outcome.Output);
        Assert.HasCount(2, Checksums.Parse(await File.ReadAllBytesAsync(path, Ct)).Lines);
    }

    private async Task<ReleaseReport> VerifyAsync(GitHubWorld world)
    {
        var stranger = new GitHubReleases(world.Connect(null));
        var release = await stranger.FindPublishedAsync(GitHubWorld.Tag, Ct);
        return await new ReleaseVerifier(stranger, world.Door).VerifyAsync(release!, await (await TestKey.Ed25519).PublicAsync(), Ct);
    }

    private async Task FillAsync(GitHubWorld world, TestKey? signer = null)
    {
        var files = await world.FilesAsync("a.txt", "b.txt");
        var checksums = Checksums.Of(files).ToBytes();
        var key = signer ?? await TestKey.Ed25519;
        var signature = await ChecksumSignature.MakeAsync(checksums, key.Gpg, key.Fingerprint, Ct);
        var release = world.Server.Add(GitHubWorld.Tag, isDraft: false);
        foreach (var file in files)
        {
            release.Assets.Add(new FakeAsset(world.Server.NextId(), file.Name, await File.ReadAllBytesAsync(file.Path, Ct)));
        }

        release.Assets.Add(new FakeAsset(world.Server.NextId(), Checksums.FileName, checksums));
        release.Assets.Add(new FakeAsset(world.Server.NextId(), Checksums.SignatureName, signature.ToArray()));
    }
}
