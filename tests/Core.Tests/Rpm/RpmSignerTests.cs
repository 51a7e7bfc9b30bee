using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class RpmSignerTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000)]
    [DataRow("rsa")]
    [DataRow("ed25519")]
    [DataRow("subkey")]
    [DataRow("exact primary")]
    [DataRow("exact subkey")]
    public async Task What_we_sign_rpm_accepts_with_every_check_on(string which)
    {
        using var scratch = new Scratch();
        var key = await (which is "rsa" ? TestKey.Rsa : which is "ed25519" ? TestKey.Ed25519 : TestKey.RsaWithSubkey);
        var selector = which is "exact primary" ? key.Fingerprint + "!" : which is "exact subkey" ? key.Certificate.Subkeys[0].Fingerprint + "!" : key.Fingerprint;
        var built = await RpmFactory.BuildAsync(new("signme"));
        string[] files = [Copy(built.Binary, scratch), Copy(built.Source, scratch)];

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, selector, Ct);
        var signed = await signer.SignAsync([.. files], Ct);

        CollectionAssert.AreEqual(new[] { "digests signatures OK", "digests signatures OK" }, await RpmJudge.CheckAsync(files, key));
        var expected = which is "subkey" or "exact subkey" ? key.Certificate.Subkeys[0].Fingerprint : key.Fingerprint;
        Assert.AreEqual(expected, signed[0].Signature.SigningFingerprint);
        Assert.AreEqual(key.Fingerprint, signed[1].Signature.PrimaryFingerprint);
        Assert.AreEqual(await Digest.OfFileAsync(files[0], Ct), signed[0].File.Sha256);
        Assert.AreEqual(files[0], signed[0].File.Path);
    }

    private static string Copy(string file, Scratch scratch, string? name = null)
    {
        var copy = scratch[name ?? Path.GetFileName(file)];
        File.Copy(file, copy);
        return copy;
    }
}
