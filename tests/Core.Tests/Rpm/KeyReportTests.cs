using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class KeyReportTests(TestContext test)
{
    private const int Patience = 120_000;
    private static readonly TimeSpan Soon = TimeSpan.FromDays(90);

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_key_that_is_fit_has_no_failure_and_nothing_was_signed_with_it()
    {
        var key = await TestKey.MakeAsync("rsa4096", "2y", null);
        var before = Directory.EnumerateFiles(Path.Combine(key.Home, "private-keys-v1.d")).ToDictionary(file => file, File.ReadAllBytes);

        var report = await KeyReport.MakeAsync(key.Gpg, key.Fingerprint, Soon, Ct);

        Assert.IsTrue(report.IsGood);
        Assert.AreEqual("", Ids(report));
        Assert.AreEqual(key.Fingerprint, report.Certificate.Fingerprint);
        Assert.IsTrue(before.All(file => File.ReadAllBytes(file.Key).AsSpan().SequenceEqual(file.Value)));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Each_failure_has_an_id_and_a_text_of_its_own()
    {
        using var scratch = new Scratch();
        var gpg = new Gpg(Directory.CreateDirectory(scratch["h"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName);
        (string Id, string Says, string[] Options)[] cases =
        [
            ("expired", "expired on 2020-01-02", ["--faked-system-time", "20200101T000000!", "--quick-generate-key", "expired", "ed25519", "sign", "seconds=86400"]),
            ("expires-soon", "in 29 days", ["--quick-generate-key", "expires-soon", "rsa3072", "sign", "30d"]),
            ("cannot-sign", "may not sign data", ["--quick-generate-key", "cannot-sign", "ed25519", "cert", "never"]),
            ("rsa-short", "only 1024 bits", ["--quick-generate-key", "rsa-short", "rsa1024", "sign", "never"]),
            ("sha1-self-signature", "SHA-1", ["--cert-digest-algo", "SHA1", "--quick-generate-key", "sha1-self-signature", "rsa3072", "sign", "never"]),
            ("dsa", "is a DSA key", ["--quick-generate-key", "dsa", "dsa2048", "sign", "never"]),
        ];
        try
        {
            foreach (var (_, _, options) in cases)
            {
                await Exec.ReadAsync(gpg.Command(["--pinentry-mode", "loopback", "--passphrase", "", .. options]), Ct);
            }

            foreach (var certificate in await gpg.ListSecretAsync("", Ct))
            {
                var (id, says, _) = cases.Single(one => certificate.UserIds.Contains(one.Id));
                var report = await KeyReport.MakeAsync(gpg, certificate.Fingerprint, Soon, Ct);
                var failure = report.Findings.Single(finding => finding.Level is KeyFindingLevel.Failure);
                Assert.AreEqual(id, failure.Id);
                Assert.Contains(says, failure.Text, StringComparison.Ordinal);
                Assert.AreEqual(certificate.Fingerprint, failure.Fingerprint);
                Assert.IsFalse(report.IsGood);
                Assert.AreEqual(id is not "expires-soon", (await KeyReport.MakeAsync(gpg, certificate.Fingerprint, TimeSpan.FromDays(7), Ct)).Findings.Any(finding => finding.Level is KeyFindingLevel.Failure), "Only the days decide about an expiry.");
            }
        }
        finally
        {
            await Exec.RunAsync(new Command("gpgconf", "--homedir", scratch["h"], "--kill", "all"), CancellationToken.None);
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_revoked_key_says_so()
    {
        var key = await TestKey.MakeAsync("ed25519", "never", null);
        var revocation = (await File.ReadAllTextAsync(Path.Combine(key.Home, "openpgp-revocs.d", key.Fingerprint + ".rev"), Ct)).Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal);
        await key.Gpg.ImportAsync(Encoding.ASCII.GetBytes(revocation), Ct);

        var report = await KeyReport.MakeAsync(key.Gpg, key.Fingerprint, Soon, Ct);

        Assert.AreEqual("revoked", report.Findings.First(finding => finding.Level is KeyFindingLevel.Failure).Id);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_public_key_alone_cannot_sign_here()
    {
        await using var home = await GpgHome.CreateAsync(Ct);
        var key = await TestKey.Rsa;
        await home.Gpg.ImportAsync(await key.PublicAsync(), Ct);

        var report = await KeyReport.MakeAsync(home.Gpg, key.Fingerprint, Soon, Ct);

        Assert.AreEqual("no-secret", report.Findings.Single(finding => finding.Level is KeyFindingLevel.Failure).Id);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Exported_subkeys_sign_packages_and_the_report_says_what_they_cannot()
    {
        var key = await TestKey.RsaWithSubkey;
        var subkey = key.Certificate.Subkeys[0].Fingerprint;
        var exported = await Exec.ReadAsync(key.Gpg.Command("--pinentry-mode", "loopback", "--passphrase", "", "--export-secret-subkeys", subkey + "!"), Ct);
        using var scratch = new Scratch();
        var file = scratch["subkey.asc"];
        await File.WriteAllBytesAsync(file, exported.OutputBytes.ToArray(), Ct);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var rpm = scratch["x.rpm"];
        File.Copy((await RpmFactory.BuildAsync(new("subkeyed"))).Binary, rpm);

        using var access = KeyAccess.Read(new KeyOrigin { File = file });
        await using var home = await access.OpenAsync(Ct);
        var report = await KeyReport.MakeAsync(home.Gpg, key.Fingerprint, Soon, Ct);
        await using var signer = await RpmSigner.OpenAsync(home.Gpg, key.Fingerprint, Ct);
        var signed = await signer.SignAsync([rpm], Ct);

        Assert.AreEqual("primary-elsewhere subkey-signs no-expiry", Ids(report));
        Assert.IsTrue(report.IsGood);
        Assert.AreEqual(subkey, signed[0].Rpm.Signature.SigningFingerprint);
        CollectionAssert.AreEqual(new[] { "digests signatures OK" }, await RpmJudge.CheckAsync([rpm], key));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task What_the_rpm_of_this_machine_does_not_take_is_said_in_its_words()
    {
        var key = await TestKey.MakeAsync("nistp256", "2y", null);

        var report = await KeyReport.MakeAsync(key.Gpg, key.Fingerprint, Soon, Ct);

        Assert.AreEqual("ecdsa rpm-refuses", Ids(report));
        Assert.Contains("import failed", report.Findings[1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/", report.Findings[1].Text, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("test@example.org")]
    [DataRow("DEADBEEF")]
    [DataRow("")]
    public async Task What_is_no_fingerprint_is_no_key(string name)
    {
        var key = await TestKey.Ed25519;

        Assert.AreEqual(Fault.KeyNameMalformed, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => KeyReport.MakeAsync(key.Gpg, name, Soon, Ct))).Fault);
        Assert.AreEqual(Fault.KeyUnusable, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => KeyReport.MakeAsync(key.Gpg, new string('A', 40), Soon, Ct))).Fault);
    }

    private static string Ids(KeyReport report) => string.Join(' ', report.Findings.Select(finding => finding.Id));
}
