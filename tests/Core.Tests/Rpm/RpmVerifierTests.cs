using System.Security.Cryptography;
using DotnetRelease.Fixtures;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class RpmVerifierTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("rsa")]
    [DataRow("ed25519")]
    [DataRow("subkey")]
    public async Task What_rpmsign_signed_is_good_by_the_full_fingerprint(string which)
    {
        using var scratch = new Scratch();
        var key = await (which is "rsa" ? TestKey.Rsa : which is "ed25519" ? TestKey.Ed25519 : TestKey.RsaWithSubkey);
        var file = await UnsignedAsync(scratch, "theirs.rpm");
        await RpmJudge.SignAsync(file, key);

        var result = await VerifyAsync(file, key);

        Assert.AreEqual(RpmVerdictKind.Good, result.Verdict.Kind, result.Verdict.Text);
        Assert.AreEqual(key.Fingerprint, result.Verdict.Signature!.PrimaryFingerprint);
        Assert.AreEqual(which is "subkey" ? key.Certificate.Subkeys[0].Fingerprint : key.Fingerprint, result.Verdict.Signature.SigningFingerprint);
        Assert.AreEqual(await Digest.OfFileAsync(file, Ct), result.Accept().File.Sha256);
        Assert.IsNull(result.Note);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task An_unsigned_twin_is_not_signed_however_fine_its_digests_are()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Ed25519;
        var file = await UnsignedAsync(scratch, "twin.rpm");

        var result = await VerifyAsync(file, key);

        Assert.AreEqual(RpmVerdictKind.NotSigned, result.Verdict.Kind);
        Assert.AreEqual($"is not signed (digests are fine). Expected a signature by {key.Fingerprint}", result.Verdict.Text);
        Assert.AreEqual(Fault.RpmNotSigned, Assert.ThrowsExactly<ReleaseException>(() => result.Accept()).Fault);
        CollectionAssert.AreEqual(new[] { "digests SIGNATURES NOT OK" }, await RpmJudge.CheckAsync([file], key));
    }

    /// <summary>A byte that metadata leaves out of texts is a byte of a digest all the same.</summary>
    [TestMethod]
    [Timeout(Patience)]
    public async Task A_digest_that_goes_on_behind_its_digits_is_wrong_for_rpm_and_for_us()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Ed25519;
        var file = await UnsignedAsync(scratch, "longer.rpm");
        var signature = (await RpmPackage.ReadAsync(file, Ct)).Signature;
        var digest = signature.Entries.Single(entry => entry.Tag is RpmSignatureTag.Sha256Header);
        var bytes = await File.ReadAllBytesAsync(file, Ct);
        bytes[signature.Offset + digest.Start + digest.Length - 1] = 0x80;
        await File.WriteAllBytesAsync(file, bytes, Ct);

        var result = await VerifyAsync(file, key);

        Assert.AreEqual(RpmVerdictKind.HeaderMismatch, result.Verdict.Kind, result.Verdict.Text);
        CollectionAssert.AreEqual(new[] { "DIGESTS SIGNATURES NOT OK" }, await RpmJudge.CheckAsync([file], key));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_signature_by_another_key_names_both_full_fingerprints()
    {
        using var scratch = new Scratch();
        var (signer, expected) = (await TestKey.Rsa, await TestKey.Ed25519);
        var file = await SignedAsync(scratch, "other.rpm", signer);

        var result = await VerifyAsync(file, expected);

        Assert.AreEqual(RpmVerdictKind.UnknownKey, result.Verdict.Kind);
        Assert.AreEqual($"is signed by {signer.Fingerprint}. Expected a signature by {expected.Fingerprint}", result.Verdict.Text);
        Assert.AreEqual(Fault.RpmSignerUnexpected, result.Verdict.Fault);
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow(1)]
    [DataRow(12, DisplayName = "more than one gpg checks at a time")]
    public async Task Many_files_get_their_own_verdicts_in_order_even_after_wrong_signatures(int times)
    {
        using var scratch = new Scratch();
        var (key, other) = (await TestKey.Ed25519, await TestKey.Rsa);
        var good = await SignedAsync(scratch, "good.rpm", key);
        var wrong = scratch["wrong.rpm"];
        var package = await RpmPackage.ReadAsync(good, Ct);
        var packet = package.Signature.Binary(RpmSignatureTag.DsaHeader)!.Value.ToArray();
        packet[^1] ^= 1;
        await SignedBy.PutAsync(package, wrong, packet);
        var stranger = await SignedAsync(scratch, "stranger.rpm", other);
        var plain = await UnsignedAsync(scratch, "plain.rpm");
        var missing = scratch["missing.rpm"];

        await using var verifier = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);
        (string Path, RpmVerdictKind Kind)[] files =
        [
            (wrong, RpmVerdictKind.BadSignature), (good, RpmVerdictKind.Good), (stranger, RpmVerdictKind.UnknownKey), (wrong, RpmVerdictKind.BadSignature),
            (plain, RpmVerdictKind.NotSigned), (missing, RpmVerdictKind.Unreadable), (good, RpmVerdictKind.Good),
        ];
        files = [.. Enumerable.Repeat(files, times).SelectMany(file => file)];
        var results = await verifier.VerifyAsync([.. files.Select(file => file.Path)], Ct);

        CollectionAssert.AreEqual(files.Select(file => file.Kind).ToArray(), results.Select(result => result.Verdict.Kind).ToArray());
        Assert.Contains(key.Fingerprint, results[0].Verdict.Text, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_key_that_has_expired_is_refused_with_its_dates_though_gpg_exits_with_0()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Expired;
        var file = scratch["old.rpm"];
        await SignedBy.GpgAsync((await BuiltAsync()).Binary, file, key, "--faked-system-time", "20200101T120000!");

        var result = await VerifyAsync(file, key);

        Assert.AreEqual(RpmVerdictKind.KeyExpired, result.Verdict.Kind);
        Assert.AreEqual($"was signed on 2020-01-01 by {key.Fingerprint}, which expired on 2020-01-02", result.Verdict.Text);
        Assert.AreEqual(Fault.KeyRefused, result.Verdict.Fault);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_revoked_key_is_refused()
    {
        using var scratch = new Scratch();
        var key = await TestKey.MakeAsync("ed25519", "never", null);
        var file = await SignedAsync(scratch, "revoked.rpm", key);
        var certificate = (await File.ReadAllTextAsync(Path.Combine(key.Home, "openpgp-revocs.d", key.Fingerprint + ".rev"), Ct)).Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal);
        await key.Gpg.ImportAsync(System.Text.Encoding.ASCII.GetBytes(certificate), Ct);

        var result = await VerifyAsync(file, key);

        Assert.AreEqual(RpmVerdictKind.KeyRevoked, result.Verdict.Kind);
        Assert.AreEqual($"is signed by {key.Fingerprint}, which was revoked", result.Verdict.Text);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Weak_future_backdated_and_expired_signatures_are_refused()
    {
        using var scratch = new Scratch();
        var source = (await BuiltAsync()).Binary;
        var key = await TestKey.MakeAsync("rsa2048", "never", null, "20240101T000000");
        (string[] Options, RpmVerdictKind Expected)[] cases =
        [
            (["--digest-algo", "SHA1"], RpmVerdictKind.Weak),
            (["--faked-system-time", "20400101T000000!"], RpmVerdictKind.WrongTime),
            (["--faked-system-time", "20230101T000000!", "--ignore-time-conflict"], RpmVerdictKind.BadSignature),
            (["--faked-system-time", "20240201T000000!", "--default-sig-expire", "1d"], RpmVerdictKind.SignatureExpired),
            (["--digest-algo", "SHA512"], RpmVerdictKind.Good),
        ];

        foreach (var (options, expected) in cases)
        {
            var file = scratch[$"{expected}.rpm"];
            await SignedBy.GpgAsync(source, file, key, options);
            var verdict = (await VerifyAsync(file, key)).Verdict;
            Assert.AreEqual(expected, verdict.Kind, verdict.Text);
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_signed_header_without_a_digest_of_the_payload_covers_nothing()
    {
        using var scratch = new Scratch();
        var source = await RpmPackage.ReadAsync((await BuiltAsync()).Binary, Ct);
        var file = scratch["uncovered.rpm"];
        var bytes = await File.ReadAllBytesAsync(source.Path, Ct);
        var header = bytes.AsMemory((int)source.Header.Offset, source.Header.Bytes.Length);

        // The tag of the payload's digest becomes one that nobody knows, and the digests of the header follow.
        var index = header.Span.IndexOf((ReadOnlySpan<byte>)[0, 0, 5092 >> 8, 5092 & 0xFF, 0, 0, 0, (byte)RpmType.StringArray]);
        header.Span[index + 3] = 5091 & 0xFF;
        Put(source.Signature.Text(RpmSignatureTag.Sha256Header)!, Convert.ToHexStringLower(SHA256.HashData(header.Span)));
#pragma warning disable CA5350, CA5351 // rpm's own digests.
        Put(source.Signature.Text(RpmSignatureTag.Sha1Header)!, Convert.ToHexStringLower(SHA1.HashData(header.Span)));
        MD5.HashData(bytes.AsSpan((int)source.Header.Offset)).CopyTo(bytes, bytes.AsSpan().IndexOf(source.Signature.Binary(RpmSignatureTag.Md5)!.Value.Span));
#pragma warning restore CA5350, CA5351
        await File.WriteAllBytesAsync(file, bytes, Ct);
        var key = await TestKey.Ed25519;
        await SignedBy.GpgAsync(file, file, key);

        var result = await VerifyAsync(file, key);

        Assert.AreEqual(RpmVerdictKind.PayloadNotCovered, result.Verdict.Kind, result.Verdict.Text);
        Assert.AreEqual(Fault.RpmSignatureBad, result.Verdict.Fault);

        void Put(string old, string now) =>
            System.Text.Encoding.ASCII.GetBytes(now).CopyTo(bytes, bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(old)));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task One_changed_byte_is_refused_wherever_rpm_refuses_it()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        var original = await File.ReadAllBytesAsync(await SignedAsync(scratch, "original.rpm", key), Ct);
        var package = await RpmPackage.ReadAsync(scratch["original.rpm"], Ct);

        // Every byte of lead, intro, index and the first values; then samples, and every byte around the borders.
        var dense = Enumerable.Range(0, 96 + 16 * 12);
        var signature = Enumerable.Range(96 + 16 * 12, (int)package.Header.Offset - 96 - 16 * 12).Where(at => at % 13 is 0 || original[at] is not 0);
        var rest = Enumerable.Range((int)package.Header.Offset, original.Length - (int)package.Header.Offset).Where(at => at % 29 is 0);
        int[] positions = [.. dense.Concat(signature).Concat(rest).Append(original.Length - 1).Distinct()];
        var files = positions.Select(at => Mutate(original, at, scratch[$"m{at}.rpm"])).ToArray();

        var theirs = await RpmJudge.CheckAsync(files, key);
        await using var verifier = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);
        var ours = await verifier.VerifyAsync([.. files], Ct);

        var tooKind = positions.Select((at, index) => $"{at} ({theirs[index]})").Where((_, index) => theirs[index] is not "digests signatures OK" && ours[index].Verdict.IsGood).ToArray();
        Assert.IsEmpty(tooKind, $"rpm refuses a change at {string.Join(", ", tooKind)}; we do not.");
        var covered = positions.Where((at, index) => at >= package.Header.Offset && ours[index].Verdict.IsGood).ToArray();
        Assert.IsEmpty(covered, $"Header and payload are covered, yet a change at {string.Join(", ", covered)} went through.");
        Assert.IsGreaterThan(400, positions.Length);
        Assert.IsGreaterThan(50, theirs.Count(answer => answer is "digests signatures OK"), "The judge has to say yes sometimes.");
        Assert.IsGreaterThan(300, theirs.Count(answer => answer is not "digests signatures OK"));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Truncated_files_and_trailing_bytes_are_refused_and_the_length_is_named()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Ed25519;
        var original = await File.ReadAllBytesAsync(await SignedAsync(scratch, "whole.rpm", key), Ct);
        int[] lengths = [0, 3, 50, 95, 96, 100, 111, 112, 500, 4000, original.Length - 500, original.Length - 1];
        foreach (var length in lengths)
        {
            await File.WriteAllBytesAsync(scratch[$"short{length}.rpm"], original[..length], Ct);
        }

        await File.WriteAllBytesAsync(scratch["long.rpm"], [.. original, 0], Ct);
        await using var verifier = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);
        var cut = await verifier.VerifyAsync([.. lengths.Select(length => scratch[$"short{length}.rpm"])], Ct);
        var longer = (await verifier.VerifyAsync([scratch["long.rpm"]], Ct))[0];

        Assert.IsTrue(cut.All(result => !result.Verdict.IsGood && result.File is null));
        Assert.AreEqual(RpmVerdictKind.PayloadMismatch, cut[^1].Verdict.Kind);
        Assert.Contains("1 bytes too short", cut[^1].Verdict.Text, StringComparison.Ordinal);
        Assert.Contains("1 bytes too long", longer.Verdict.Text, StringComparison.Ordinal);
        Assert.AreEqual(Fault.RpmDamaged, longer.Verdict.Fault);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_signature_blob_with_anything_besides_one_signature_is_refused()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Ed25519;
        var source = await RpmPackage.ReadAsync((await BuiltAsync()).Binary, Ct);
        var packet = (await key.Gpg.SignAsync(key.Fingerprint, source.Header.Bytes, armor: false, Ct)).ToArray();

        Assert.IsNotNull(OpenPgpSignature.TryParse(packet));
        Assert.IsNull(OpenPgpSignature.TryParse((byte[])[.. packet, .. packet]));
        Assert.IsNull(OpenPgpSignature.TryParse((byte[])[.. packet, 0]));
        Assert.IsNull(OpenPgpSignature.TryParse(packet.AsMemory(0, packet.Length - 1)));
        Assert.IsNull(OpenPgpSignature.TryParse(ReadOnlyMemory<byte>.Empty));
        Assert.IsNull(OpenPgpSignature.TryParse("not a signature"u8.ToArray()));
        for (var at = 0; at < packet.Length; at++)
        {
            // Whatever comes out, nothing but null or a value.
            _ = OpenPgpSignature.TryParse((byte[])[.. packet[..at], (byte)~packet[at], .. packet[(at + 1)..]]);
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_file_of_the_expected_key_holds_exactly_one_public_key()
    {
        var (one, other) = (await TestKey.Ed25519, await TestKey.Rsa);
        var secret = await Exec.ReadAsync(one.Gpg.Command("--pinentry-mode", "loopback", "--passphrase", "", "--export-secret-keys", one.Fingerprint), Ct);
        var secretText = await Exec.ReadAsync(one.Gpg.Command("--pinentry-mode", "loopback", "--passphrase", "", "--armor", "--export-secret-keys", one.Fingerprint), Ct);
        (ReadOnlyMemory<byte> File, string Says)[] cases =
        [
            (ReadOnlyMemory<byte>.Empty, "has 0 bytes"),
            ("<!DOCTYPE html><p>404"u8.ToArray(), "holds no public key"),
            ((byte[])[.. (await one.PublicAsync()).ToArray(), .. (await other.PublicAsync()).ToArray()], "holds 2 keys"),
            (secret.OutputBytes, "holds a secret key"),
            (secretText.OutputBytes, "holds a secret key"),
        ];

        foreach (var (file, says) in cases)
        {
            var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => RpmVerifier.OpenAsync([file], Ct));
            Assert.AreEqual(Fault.KeyFileMalformed, thrown.Fault);
            Assert.Contains(says, thrown.Message, StringComparison.Ordinal);
        }

        await using var armored = await RpmVerifier.OpenAsync([await one.PublicAsync(armor: true), await other.PublicAsync()], Ct);
        CollectionAssert.AreEquivalent(new[] { one.Fingerprint, other.Fingerprint }, armored.Certificates.Select(certificate => certificate.Fingerprint).ToArray());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_detached_signature_is_judged_by_the_same_rules()
    {
        using var scratch = new Scratch();
        var (key, other) = (await TestKey.RsaWithSubkey, await TestKey.Ed25519);
        var data = scratch.Write("repomd.xml", "<repomd/>");
        var signature = scratch["repomd.xml.asc"];
        await File.WriteAllBytesAsync(signature, (await key.Gpg.SignAsync(key.Fingerprint + "!", await File.ReadAllBytesAsync(data, Ct), armor: true, Ct)).ToArray(), Ct);

        await using var verifier = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);
        await using var stranger = await RpmVerifier.OpenAsync([await other.PublicAsync()], Ct);
        var good = await verifier.VerifyDetachedAsync(signature, data, Ct);
        var unknown = await stranger.VerifyDetachedAsync(signature, data, Ct);
        await File.AppendAllTextAsync(data, " ", Ct);
        var bad = await verifier.VerifyDetachedAsync(signature, data, Ct);

        Assert.AreEqual(key.Fingerprint, good.Signature?.SigningFingerprint, "The closing ! picks the primary key though there is a newer subkey.");
        Assert.AreEqual(RpmVerdictKind.UnknownKey, unknown.Kind);
        Assert.AreEqual(RpmVerdictKind.BadSignature, bad.Kind);
    }

    private static Task<BuiltRpm> BuiltAsync() => RpmFactory.BuildAsync(new("verifyme"));

    private static async Task<string> UnsignedAsync(Scratch scratch, string name)
    {
        File.Copy((await BuiltAsync()).Binary, scratch[name]);
        return scratch[name];
    }

    private static async Task<string> SignedAsync(Scratch scratch, string name, TestKey key)
    {
        await SignedBy.GpgAsync((await BuiltAsync()).Binary, scratch[name], key, "--digest-algo", "SHA256");
        return scratch[name];
    }

    private async Task<RpmVerification> VerifyAsync(string file, TestKey key)
    {
        await using var verifier = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);
        return (await verifier.VerifyAsync([file], Ct)).Single();
    }

    private static string Mutate(byte[] original, int at, string path)
    {
        var bytes = original.ToArray();
        bytes[at] ^= 0x01;
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
