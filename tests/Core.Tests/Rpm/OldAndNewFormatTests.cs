using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

/// <summary>Packages of rpm 3 and of rpm 6, and signatures beside each other.</summary>
[TestClass]
public sealed class OldAndNewFormatTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("rsa")]
    [DataRow("ed25519")]
    public async Task An_old_signature_over_header_and_payload_is_checked_and_does_not_suffice(string which)
    {
        using var scratch = new Scratch();
        var (key, other) = which is "rsa" ? (await TestKey.Rsa, await TestKey.Ed25519) : (await TestKey.Ed25519, await TestKey.Rsa);
        var file = scratch["old.rpm"];
        await OldPackage.WriteAsync(await BuiltAsync(), file, key, "--digest-algo", "SHA256");

        var (good, stranger) = (await VerifyAsync(file, key), await VerifyAsync(file, other));

        Assert.AreEqual(3, (await RpmPackage.ReadAsync(file, Ct)).Format);
        Assert.AreEqual(RpmVerdictKind.OldForm, good.Verdict.Kind, good.Verdict.Text);
        Assert.AreEqual(Fault.RpmSignatureBad, good.Verdict.Fault);
        Assert.AreEqual(key.Fingerprint, good.Verdict.Signature?.PrimaryFingerprint);
        Assert.AreEqual(RpmVerdictKind.UnknownKey, stranger.Verdict.Kind);

        // rpm 4.18 takes it; rpm 6 does not. This is a class in which we are stricter.
        CollectionAssert.AreEqual(new[] { "digests signatures OK" }, await RpmJudge.CheckAsync([file], key));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task An_old_package_that_nobody_signed_is_not_signed_and_one_with_sha1_is_weak()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        await OldPackage.WriteAsync(await BuiltAsync(), scratch["plain.rpm"], null);
        await OldPackage.WriteAsync(await BuiltAsync(), scratch["weak.rpm"], key, "--digest-algo", "SHA1");

        Assert.AreEqual(RpmVerdictKind.NotSigned, (await VerifyAsync(scratch["plain.rpm"], key)).Verdict.Kind);
        Assert.AreEqual(RpmVerdictKind.Weak, (await VerifyAsync(scratch["weak.rpm"], key)).Verdict.Kind);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task An_old_package_is_not_signed_anew_and_keeps_every_byte()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        var file = scratch["old.rpm"];
        await OldPackage.WriteAsync(await BuiltAsync(), file, null);
        var before = await File.ReadAllBytesAsync(file, Ct);

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => signer.SignAsync([file], Ct));

        Assert.AreEqual(Fault.SigningFailed, thrown.Fault);
        Assert.Contains("has package format 3", thrown.Message, StringComparison.Ordinal);
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(file, Ct));
        Assert.HasCount(1, Directory.GetFileSystemEntries(scratch.Root));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task An_old_signature_beside_a_new_one_has_to_be_right_as_well()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        await SignedBy.GpgAsync(await BuiltAsync(), scratch["new.rpm"], key, "--digest-algo", "SHA256");
        await OldPackage.AddSignatureAsync(scratch["new.rpm"], scratch["both.rpm"], key);
        var bytes = await File.ReadAllBytesAsync(scratch["both.rpm"], Ct);
        var old = (await RpmPackage.ReadAsync(scratch["both.rpm"], Ct)).Signature.Binary(RpmSignatureTag.Pgp)!.Value;
        bytes[bytes.AsSpan().IndexOf(old.Span) + old.Length - 5] ^= 1;
        await File.WriteAllBytesAsync(scratch["wrong.rpm"], bytes, Ct);

        var (both, wrong) = (await VerifyAsync(scratch["both.rpm"], key), await VerifyAsync(scratch["wrong.rpm"], key));

        Assert.IsTrue(both.Verdict.IsGood, both.Verdict.Text);
        Assert.Contains("signature of rpm 3", both.Note ?? "", StringComparison.Ordinal);
        Assert.AreEqual(RpmVerdictKind.BadSignature, wrong.Verdict.Kind);
        CollectionAssert.AreEqual(new[] { "digests signatures OK", "digests SIGNATURES NOT OK" }, await RpmJudge.CheckAsync([scratch["both.rpm"], scratch["wrong.rpm"]], key));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow(RpmTag.PayloadDigest, "SHA256")]
    [DataRow(RpmTag.PayloadSha512, "SHA512")]
    [DataRow(RpmTag.PayloadSha3, "SHA3-256")]
    public async Task Each_digest_of_a_new_packages_payload_is_compared(int tag, string name)
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        var draft = NewFormat();
        var bytes = RpmWriter.ToBytes(draft);
        await File.WriteAllBytesAsync(scratch["whole.rpm"], bytes, Ct);
        var package = await RpmPackage.ReadAsync(scratch["whole.rpm"], Ct);

        // One digit of the digest, and then the digests of the header, so that nothing else is wrong.
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(package.Header.Text(tag)!));
        bytes[at] = bytes[at] is (byte)'0' ? (byte)'1' : (byte)'0';
        var header = bytes.AsSpan((int)package.Header.Offset, package.Header.Bytes.Length);
        Put(bytes, package.Signature.Text(RpmSignatureTag.Sha256Header)!, System.Security.Cryptography.SHA256.HashData(header));
        Put(bytes, package.Signature.Text(RpmSignatureTag.Sha3Header)!, System.Security.Cryptography.SHA3_256.HashData(header));
        await File.WriteAllBytesAsync(scratch["broken.rpm"], bytes, Ct);

        var verdict = (await VerifyAsync(scratch["broken.rpm"], key)).Verdict;

        Assert.AreEqual(6, package.Format);
        Assert.AreEqual(RpmVerdictKind.PayloadMismatch, verdict.Kind);
        Assert.Contains($"the {name} of its payload", verdict.Text, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Several_signatures_of_a_new_package_all_have_to_be_good()
    {
        using var scratch = new Scratch();
        var (one, two) = (await TestKey.Rsa, await TestKey.Ed25519);
        var file = scratch["six.rpm"];
        await RpmWriter.WriteAsync(NewFormat(), file, Ct);
        var package = await RpmPackage.ReadAsync(file, Ct);
        var first = await one.Gpg.SignAsync(one.Fingerprint, package.Header.Bytes, armor: false, Ct);
        var second = await two.Gpg.SignAsync(two.Fingerprint, package.Header.Bytes, armor: false, Ct);
        var text = (ReadOnlyMemory<byte> packet) => Convert.ToBase64String(packet.Span);
        await PutListAsync(package, scratch["both.rpm"], text(first), text(second));
        await PutListAsync(package, scratch["broken.rpm"], text(first), text(second.ToArray().AsMemory(..^1)));
        await PutListAsync(package, scratch["noise.rpm"], text(first), "not base64 at all");
        await PutListAsync(package, scratch["many.rpm"], [.. Enumerable.Repeat(text(first), 17)]);

        Assert.AreEqual(RpmVerdictKind.Good, (await VerifyAsync(scratch["both.rpm"], one, two)).Verdict.Kind);
        Assert.AreEqual(RpmVerdictKind.UnknownKey, (await VerifyAsync(scratch["both.rpm"], one)).Verdict.Kind);
        Assert.AreEqual(RpmVerdictKind.BadSignature, (await VerifyAsync(scratch["broken.rpm"], one, two)).Verdict.Kind);
        Assert.AreEqual(RpmVerdictKind.BadSignature, (await VerifyAsync(scratch["noise.rpm"], one, two)).Verdict.Kind);
        Assert.AreEqual(RpmVerdictKind.BadSignature, (await VerifyAsync(scratch["many.rpm"], one)).Verdict.Kind);
    }

    private static RpmDraft NewFormat() =>
        new(new Nevra("six", 0, "1", "1", "noarch"), "Of format 6", "MIT", DateTimeOffset.UnixEpoch) { Format = 6, Files = [new RpmDraftFile("/etc/six", "6"u8.ToArray())] };

    private static async Task<string> BuiltAsync() => (await RpmFactory.BuildAsync(new("formats"))).Binary;

    private static void Put(byte[] bytes, string old, byte[] hash) =>
        System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash)).CopyTo(bytes, bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(old)));

    private static async Task PutListAsync(RpmPackage package, string target, params string[] signatures)
    {
        var draft = new HeaderDraft(RpmTag.HeaderSignatures);
        foreach (var entry in package.Signature.Entries.Where(entry => entry.Tag is not RpmSignatureTag.Reserved))
        {
            draft.Add(package.Signature, entry);
        }

        draft.Add(RpmSignatureTag.OpenPgp, signatures);
        var rest = (await File.ReadAllBytesAsync(package.Path, CancellationToken.None)).AsMemory((int)package.Header.Offset);
        await File.WriteAllBytesAsync(target, [.. package.Lead.Bytes.Span, .. draft.ToPaddedBytes(), .. rest.Span], CancellationToken.None);
    }

    private async Task<RpmVerification> VerifyAsync(string file, params TestKey[] keys)
    {
        await using var verifier = await RpmVerifier.OpenAsync([.. await Task.WhenAll(keys.Select(key => key.PublicAsync()))], Ct);
        return (await verifier.VerifyAsync([file], Ct)).Single();
    }
}
