using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class SigningKeyTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_full_fingerprint_in_any_case_is_the_key()
    {
        var key = await TestKey.RsaWithSubkey;
        var subkey = key.Certificate.Subkeys[0].Fingerprint;

        Assert.AreEqual(key.Fingerprint, (await SigningKey.FindAsync(key.Gpg, key.Fingerprint.ToLowerInvariant(), Ct)).Selector);
        Assert.AreEqual(key.Fingerprint + "!", (await SigningKey.FindAsync(key.Gpg, key.Fingerprint + "!", Ct)).Selector);
        Assert.AreEqual(key.Fingerprint, (await SigningKey.FindAsync(key.Gpg, subkey + "!", Ct)).Certificate.Fingerprint);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Short_ids_names_and_addresses_are_refused_with_the_fingerprints_they_could_mean()
    {
        var key = await TestKey.Ed25519;
        string[] names = [key.Fingerprint[^8..], key.Fingerprint[^16..], "0x" + key.Fingerprint[^16..], "Test Key", "test@example.org", key.Fingerprint[1..], key.Fingerprint + "!!", "", "-"];

        foreach (var name in names)
        {
            var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => SigningKey.FindAsync(key.Gpg, name, Ct));
            Assert.AreEqual(Fault.KeyNameMalformed, thrown.Fault, name);
            if (name.Length > 1 && !name.StartsWith("0x", StringComparison.Ordinal) && !name.EndsWith('!'))
            {
                Assert.Contains(key.Fingerprint, thrown.Remedy, StringComparison.Ordinal, name);
            }
        }
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_key_without_its_secret_part_is_unusable_and_others_are_offered()
    {
        var (here, elsewhere) = (await TestKey.Ed25519, await TestKey.Rsa);

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => SigningKey.FindAsync(here.Gpg, elsewhere.Fingerprint, Ct));

        Assert.AreEqual(Fault.KeyUnusable, thrown.Fault);
        Assert.Contains(elsewhere.Fingerprint, thrown.Message, StringComparison.Ordinal);
        Assert.Contains($"Keys that would be accepted: {here.Fingerprint}", thrown.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task An_expired_key_is_refused_with_the_day()
    {
        var key = await TestKey.Expired;

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => SigningKey.FindAsync(key.Gpg, key.Fingerprint, Ct));

        Assert.AreEqual(Fault.KeyRefused, thrown.Fault);
        Assert.AreEqual($"Key {key.Fingerprint} expired on 2020-01-02; nothing was signed.", thrown.Message);
        Assert.AreEqual("The keyring holds no secret key that could sign.", thrown.Remedy);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_revoked_key_is_refused()
    {
        var key = await TestKey.MakeAsync("ed25519", "never", null);
        var revocation = (await File.ReadAllTextAsync(Path.Combine(key.Home, "openpgp-revocs.d", key.Fingerprint + ".rev"), Ct)).Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal);
        await key.Gpg.ImportAsync(System.Text.Encoding.ASCII.GetBytes(revocation), Ct);

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => SigningKey.FindAsync(key.Gpg, key.Fingerprint, Ct));

        Assert.AreEqual(Fault.KeyRefused, thrown.Fault);
        Assert.Contains("was revoked", thrown.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_subkey_needs_its_exclamation_mark()
    {
        var key = await TestKey.RsaWithSubkey;
        var subkey = key.Certificate.Subkeys[0].Fingerprint;

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => SigningKey.FindAsync(key.Gpg, subkey, Ct));

        Assert.AreEqual(Fault.KeyRefused, thrown.Fault);
        Assert.Contains($"write {subkey}!", thrown.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Keys_that_may_not_sign_or_are_too_weak_are_refused()
    {
        using var scratch = new Scratch();
        var home = Directory.CreateDirectory(scratch["h"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        var gpg = new Gpg(home);
        string[] quiet = ["--pinentry-mode", "loopback", "--passphrase", ""];
        await Exec.ReadAsync(gpg.Command([.. quiet, "--quick-generate-key", "certifies", "ed25519", "cert", "never"]), Ct);
        await Exec.ReadAsync(gpg.Command([.. quiet, "--quick-generate-key", "small", "rsa1024", "sign", "never"]), Ct);
        await Exec.ReadAsync(gpg.Command([.. quiet, "--cert-digest-algo", "SHA1", "--quick-generate-key", "sha-one", "rsa2048", "sign", "never"]), Ct);
        var all = await gpg.ListSecretAsync("", Ct);
        (string Name, string Says)[] cases = [("certifies", "may not sign data"), ("small", "only 1024 bits"), ("sha-one", "SHA-1")];

        foreach (var (name, says) in cases)
        {
            var fingerprint = all.Single(certificate => certificate.UserIds.Contains(name)).Fingerprint;
            var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => SigningKey.FindAsync(gpg, fingerprint, Ct));
            Assert.AreEqual(Fault.KeyRefused, thrown.Fault, name);
            Assert.Contains(says, thrown.Message, StringComparison.Ordinal);
        }

        await Exec.ReadAsync(new Command("gpgconf", "--homedir", home, "--kill", "all"), Ct);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_home_whose_socket_would_not_fit_is_named_before_anything_is_tried()
    {
        using var scratch = new Scratch();
        var home = Directory.CreateDirectory(scratch[new string('h', 120)], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        var inRuntimeFolder = !(await Exec.ReadAsync(new Command("gpgconf", "--homedir", home, "--list-dirs", "agent-socket"), Ct)).Output.StartsWith(home, StringComparison.Ordinal);

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => SigningKey.FindAsync(new Gpg(home), new string('A', 40), Ct));

        // With a run-time folder per user the path is short after all, and only the key is missing.
        Assert.AreEqual(Fault.KeyUnusable, thrown.Fault);
        Assert.Contains(inRuntimeFolder ? "no secret key" : "the system allows 107", thrown.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task An_expiry_that_is_near_is_a_warning()
    {
        var key = await TestKey.MakeAsync("ed25519", "5d", null);

        var found = await SigningKey.FindAsync(key.Gpg, key.Fingerprint, Ct);

        Assert.StartsWith($"key {key.Fingerprint} expires on ", found.Warning, StringComparison.Ordinal);
        Assert.IsNull((await SigningKey.FindAsync((await TestKey.Rsa).Gpg, (await TestKey.Rsa).Fingerprint, Ct)).Warning);
    }
}
