using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

/// <summary>Case 42: what became of the key, or of the subkey, that signed.</summary>
[TestClass]
public sealed class KeyFateTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("20200101T120000!", DisplayName = "signed while it was valid")]
    [DataRow("20200301T120000!", DisplayName = "signed after it had expired")]
    public async Task An_expired_subkey_is_refused_whenever_it_signed(string time)
    {
        using var scratch = new Scratch();
        var key = await TestKey.MakeAsync("ed25519", "never", null, "20200101T000000");
        await Exec.ReadAsync(key.Gpg.Command("--faked-system-time", "20200101T000000!", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-add-key", key.Fingerprint, "ed25519", "sign", "seconds=86400"), Ct);
        var subkey = (await key.Gpg.ListSecretAsync("", Ct))[0].Subkeys[0].Fingerprint;
        var file = scratch["x.rpm"];

        // gpg itself would not sign with it any more; it is told that the clock still stands at the first of January.
        var draft = time.StartsWith("20200301", StringComparison.Ordinal) ? DateTimeOffset.Parse("2020-03-01T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture) : (DateTimeOffset?)null;
        var verdict = draft is null ? await SignAndJudgeAsync(key, file, "--faked-system-time", time, "--local-user", subkey + "!") : await ForgeAndJudgeAsync(key, file, draft.Value);

        Assert.AreEqual(RpmVerdictKind.KeyExpired, verdict.Kind, verdict.Text);
        Assert.Contains(subkey, verdict.Text, StringComparison.Ordinal);
        Assert.Contains("2020-01-02", verdict.Text, StringComparison.Ordinal);
        Assert.AreEqual(Fault.KeyRefused, verdict.Fault);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_revoked_subkey_is_refused_though_its_primary_key_lives()
    {
        using var scratch = new Scratch();
        var key = await TestKey.MakeAsync("ed25519", "never", "ed25519");
        var file = scratch["x.rpm"];
        await SignedBy.GpgAsync((await RpmFactory.BuildAsync(new("fate"))).Binary, file, key);
        await Exec.ReadAsync(
            new Command("gpg", "--homedir", key.Home, "--no-tty", "--command-fd", "0", "--status-fd", "2", "--pinentry-mode", "loopback", "--passphrase", "", "--edit-key", key.Fingerprint)
            {
                Input = Encoding.ASCII.GetBytes("key 1\nrevkey\ny\n0\n\ny\nsave\n"),
            },
            Ct);

        await using var verifier = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);
        var verdict = (await verifier.VerifyAsync([file], Ct))[0].Verdict;

        Assert.AreEqual(RpmVerdictKind.KeyRevoked, verdict.Kind, verdict.Text);
        Assert.Contains(key.Certificate.Subkeys[0].Fingerprint, verdict.Text, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_key_that_only_sha1_vouches_for_is_weak_though_rpm_4_and_gpg_take_it()
    {
        using var scratch = new Scratch();
        var home = Directory.CreateDirectory(scratch["h"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        var gpg = new Gpg(home);
        try
        {
            await Exec.ReadAsync(gpg.Command("--pinentry-mode", "loopback", "--passphrase", "", "--cert-digest-algo", "SHA1", "--quick-generate-key", "sha-one", "rsa2048", "sign", "never"), Ct);
            var fingerprint = (await gpg.ListSecretAsync("", Ct))[0].Fingerprint;
            var package = await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(new("fate"))).Binary, Ct);
            await SignedBy.PutAsync(package, scratch["x.rpm"], await gpg.SignAsync(fingerprint, package.Header.Bytes, armor: false, Ct));

            await using var verifier = await RpmVerifier.OpenAsync([await gpg.ExportAsync(fingerprint, armor: false, Ct)], Ct);
            var verdict = (await verifier.VerifyAsync([scratch["x.rpm"]], Ct))[0].Verdict;

            Assert.AreEqual(RpmVerdictKind.Weak, verdict.Kind, verdict.Text);
            Assert.Contains("SHA-1", verdict.Text, StringComparison.Ordinal);
        }
        finally
        {
            await Exec.RunAsync(new Command("gpgconf", "--homedir", home, "--kill", "all"), CancellationToken.None);
        }
    }

    private async Task<RpmVerdict> SignAndJudgeAsync(TestKey key, string file, params string[] options)
    {
        var package = await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(new("fate"))).Binary, Ct);
        var signed = await Exec.ReadAsync(key.Gpg.Command([.. options, "--digest-algo", "SHA256", "--detach-sign"]) with { Input = package.Header.Bytes }, Ct);
        await SignedBy.PutAsync(package, file, signed.OutputBytes);
        return await JudgeAsync(key, file);
    }

    /// <summary>Our own packet, of any time, with the agent's signature in it.</summary>
    private async Task<RpmVerdict> ForgeAndJudgeAsync(TestKey key, string file, DateTimeOffset made)
    {
        var package = await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(new("fate"))).Binary, Ct);
        var draft = new SignatureDraft((await key.Gpg.ListSecretAsync("", Ct))[0].Subkeys[0], package.Header.Bytes.Span, made);
        await key.Gpg.LaunchAgentAsync(Ct);
        await using var agent = await AgentConnection.OpenAsync(key.Gpg, await key.Gpg.AgentSocketAsync(Ct), Ct);
        var answer = await agent.SignAsync((await key.Gpg.ListSecretAsync("", Ct))[0].Subkeys[0].Keygrip, OpenPgpHash.Sha256, draft.Hash, Ct);
        await SignedBy.PutAsync(package, file, draft.Finish(SExpression.TryReadPairs(answer.Span)));
        return await JudgeAsync(key, file);
    }

    private async Task<RpmVerdict> JudgeAsync(TestKey key, string file)
    {
        // The minimal export leaves out what has expired; a file that users got before has it.
        var certificate = await Exec.ReadAsync(key.Gpg.Command("--export", key.Fingerprint), Ct);
        await using var verifier = await RpmVerifier.OpenAsync([certificate.OutputBytes], Ct);
        return (await verifier.VerifyAsync([file], Ct))[0].Verdict;
    }
}
