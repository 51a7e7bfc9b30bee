using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>Who signed, with what, and when: OpenPGP keys and signatures that must not count, beside those that must.</summary>
[TestClass]
public sealed class TagSignatureTests
{
    private const int Patience = 120_000;

    /// <summary>For gpg: do not mind that the clock and the key do not fit.</summary>
    private static readonly string[] Careless = ["--ignore-time-conflict", "--ignore-valid-from"];

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_key_that_is_not_on_the_list_is_refused_and_the_list_is_named()
    {
        using var project = await TagProject.OfAliceAsync();
        var stranger = await TestKey.Rsa;
        await project.TagAsync("v1.0.0", stranger);

        var refusal = await TagJudge.RefuseAsync(project, Fault.TagSignerUnknown, $"signed by {stranger.Fingerprint}, which is not on the list. Allow-list commit {project.Commit}.");

        Assert.Contains("(alice)", refusal.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_66_an_expired_key_is_refused_with_its_date()
    {
        var key = await TestKey.Expired;
        using var project = await TagProject.CreateAsync(TagProject.Entry("alice", key.Fingerprint), ("keys/alice.asc", key));
        await project.TagAsync("v1.0.0", key, "--faked-system-time", "20200101T120000!");

        await TagJudge.RefuseAsync(project, Fault.TagKeyRefused, "(alice), a key that expired on 2020-01-02");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_66_an_expired_signature_is_refused_with_its_date()
    {
        using var project = await OfOldKeyAsync();
        await project.TagAsync("v1.0.0", await OldKey.Value, "--faked-system-time", "20240601T000000!", "--default-sig-expire", "1d");

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "expired on 2024-06-02");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_66_a_revoked_key_is_refused()
    {
        var key = await TestKey.MakeAsync("ed25519", "never", null);
        var certificate = await File.ReadAllTextAsync(Path.Combine(key.Home, "openpgp-revocs.d", key.Fingerprint + ".rev"), CancellationToken.None);
        using var project = await TagProject.CreateAsync(TagProject.Entry("alice", key.Fingerprint), ("keys/alice.asc", key));
        await project.TagAsync("v1.0.0", key);
        Assert.AreEqual("1.0.0", (await TagJudge.AcceptAsync(project)).Version);

        await key.Gpg.ImportAsync(Encoding.ASCII.GetBytes(certificate.Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal)), CancellationToken.None);
        project.Write("keys/alice.asc", Encoding.ASCII.GetString((await key.PublicAsync(armor: true)).Span));
        await project.CommitAsync("alice's key was stolen");

        await TagJudge.RefuseAsync(project, Fault.TagKeyRefused, "was revoked");
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("SHA1", 2)]
    [DataRow("RIPEMD160", 3)]
    public async Task Case_66_a_weak_hash_is_refused(string hash, int number)
    {
        var key = await TestKey.Rsa;
        using var project = await TagProject.CreateAsync(TagProject.Entry("alice", key.Fingerprint), ("keys/alice.asc", key));
        await project.TagAsync("v1.0.0", key, "--digest-algo", hash);

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, $"weak hash algorithm {number}");
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow(null)]
    [DataRow("ed25519")]
    public async Task A_key_of_1024_bits_is_refused_and_so_is_a_strong_subkey_of_it(string? subkey)
    {
        var key = await TestKey.MakeAsync("rsa1024", "never", subkey);
        using var project = await TagProject.CreateAsync(TagProject.Entry("alice", key.Fingerprint), ("keys/alice.asc", key));
        await project.TagAsync("v1.0.0", key);

        await TagJudge.RefuseAsync(project, Fault.TagKeyRefused, "RSA key of only 1024 bits");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_66_a_signature_of_2040_is_refused()
    {
        using var project = await OfOldKeyAsync();
        await project.TagAsync("v1.0.0", await OldKey.Value, "--faked-system-time", "20400101T000000!");

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "in the future, 2040-01-01");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_66_a_signature_from_before_the_key_was_made_is_refused()
    {
        using var project = await OfOldKeyAsync();
        await project.TagAsync("v1.0.0", await OldKey.Value, ["--faked-system-time", "20230101T000000!", .. Careless]);

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "of 2023-01-01 00:00Z, before the key was made on 2024-01-01 00:00Z");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_signature_over_text_instead_of_bytes_is_refused()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519, "--textmode");

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "exactly one OpenPGP signature of version 4 over a document");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_subkey_signs_for_the_certificate_until_it_is_revoked()
    {
        var key = await TestKey.MakeAsync("ed25519", "never", "ed25519");
        var subkey = key.Certificate.Subkeys.Single().Fingerprint;
        using var project = await TagProject.CreateAsync(TagProject.Entry("alice", key.Fingerprint), ("keys/alice.asc", key));
        await project.TagAsync("v1.0.0", key, "--local-user", subkey + "!");

        var verdict = await TagJudge.AcceptAsync(project);

        Assert.AreEqual((key.Fingerprint, subkey), (verdict.Signer.Maintainer.Key.Id, verdict.Signer.SigningKey));
        Assert.AreEqual($"{key.Fingerprint} (alice) with the subkey {subkey}", $"{verdict.Signer}");

        var revoke = key.Gpg.Command("--command-fd", "0", "--pinentry-mode", "loopback", "--passphrase", "", "--expert", "--edit-key", key.Fingerprint);
        await Exec.ReadAsync(revoke with { Input = "key 1\nrevkey\ny\n0\n\ny\nsave\n"u8.ToArray() }, CancellationToken.None);
        project.Write("keys/alice.asc", Encoding.ASCII.GetString((await key.PublicAsync(armor: true)).Span));
        await project.CommitAsync("the subkey was stolen");
        await TagJudge.RefuseAsync(project, Fault.TagKeyRefused, "was revoked");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_fingerprint_of_a_subkey_names_nobody()
    {
        var key = await TestKey.RsaWithSubkey;
        using var project = await TagProject.CreateAsync(TagProject.Entry("alice", key.Certificate.Subkeys.Single().Fingerprint), ("keys/alice.asc", key));
        await project.TagAsync("v1.0.0", key);

        await FailAsync(project, $"holds {key.Fingerprint}, and not {key.Certificate.Subkeys.Single().Fingerprint}");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_signature_of_one_listed_key_that_claims_to_be_by_another_is_refused()
    {
        var (alice, bob) = (await TestKey.Ed25519, await TestKey.Rsa);
        using var project = await TagProject.CreateAsync(
            TagProject.Entry("alice", alice.Fingerprint) + TagProject.Entry("bob", bob.Fingerprint, "packages = [\"docs\"]\nchannels = [\"stable\"]"), ("keys/alice.asc", alice), ("keys/bob.asc", bob));
        var payload = project.Payload();
        var text = Encoding.ASCII.GetString(await TagProject.SignAsync(payload, bob)).Split('\n');
        var bytes = Convert.FromBase64String(string.Concat(text.SkipWhile(line => line.Length > 0).TakeWhile(line => line is not ['=' or '-', ..])));
        // The issuer's id stands outside of what is hashed, and the fingerprint inside; only the id can be changed.
        Convert.FromHexString(alice.Fingerprint[^16..]).CopyTo(bytes, bytes.AsSpan().LastIndexOf(Convert.FromHexString(bob.Fingerprint[^16..])));
        await project.StoreAsync("v1.0.0", payload, Encoding.ASCII.GetBytes($"-----BEGIN PGP SIGNATURE-----\n\n{Convert.ToBase64String(bytes)}\n-----END PGP SIGNATURE-----\n"));

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_key_file_is_taken_apart_so_that_only_listed_keys_are_in_the_keyring()
    {
        var (alice, stranger) = (await TestKey.Ed25519, await TestKey.Rsa);
        using var project = await TagProject.CreateAsync(TagProject.Entry("alice", alice.Fingerprint), ("keys/alice.asc", alice));
        byte[] both = [.. (await stranger.PublicAsync()).ToArray(), .. (await alice.PublicAsync()).ToArray()];
        await File.WriteAllBytesAsync(Path.Combine(project.Root, "keys", "alice.asc"), both, CancellationToken.None);
        await project.CommitAsync("two keys in one file");
        await project.TagAsync("v1.0.0", alice);
        Assert.AreEqual("1.0.0", (await TagJudge.AcceptAsync(project)).Version);

        await project.TagAsync("v1.0.0", stranger);

        await TagJudge.RefuseAsync(project, Fault.TagSignerUnknown, stranger.Fingerprint);
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("", "is not the text or the bytes of a public OpenPGP key")]
    [DataRow("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n", "is not the text or the bytes")]
    [DataRow("SECRET", "holds a secret key")]
    [DataRow(null, "is not in the same commit")]
    public async Task A_key_file_that_is_none_is_a_mistake_in_the_list(string? content, string words)
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        if (content is "SECRET")
        {
            var key = await TestKey.MakeAsync("ed25519", "never", null);
            var secret = await Exec.ReadAsync(key.Gpg.Command("--pinentry-mode", "loopback", "--passphrase", "", "--export-secret-keys", key.Fingerprint), CancellationToken.None);
            await File.WriteAllBytesAsync(Path.Combine(project.Root, "keys", "alice.asc"), secret.OutputBytes.ToArray(), CancellationToken.None);
        }
        else
        {
            project.Write("keys/alice.asc", content);
        }

        await project.CommitAsync("the key is gone");

        await FailAsync(project, words);
    }

    private static async Task FailAsync(TagProject project, string words)
    {
        var run = await TagJudge.RunAsync(project);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.VerifyAsync(new("v1.0.0"), CancellationToken.None));

        Assert.AreEqual(Fault.MaintainersInvalid, failure.Fault, failure.Message);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Contains("maintainers.toml", $"{failure.Position}", StringComparison.Ordinal);
    }

    private static readonly Lazy<Task<TestKey>> OldKey = new(() => TestKey.MakeAsync("ed25519", "never", null, "20240101T000000"));

    private static async Task<TagProject> OfOldKeyAsync()
    {
        var key = await OldKey.Value;
        return await TagProject.CreateAsync(TagProject.Entry("alice", key.Fingerprint), ("keys/alice.asc", key));
    }
}
