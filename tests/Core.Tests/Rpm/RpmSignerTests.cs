using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
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
        Assert.AreEqual(expected, signed[0].Rpm.Signature.SigningFingerprint);
        Assert.AreEqual(key.Fingerprint, signed[1].Rpm.Signature.PrimaryFingerprint);
        Assert.AreEqual(await Digest.OfFileAsync(files[0], Ct), signed[0].Rpm.File.Sha256);
        Assert.AreEqual(files[0], signed[0].Rpm.File.Path);
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task Only_the_signature_is_new_and_a_second_run_changes_no_byte()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        var built = await RpmFactory.BuildAsync(new("signme"));
        var file = Copy(built.Binary, scratch);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var before = await RpmPackage.ReadAsync(file, Ct);

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        await signer.SignAsync([file], Ct);
        var once = await File.ReadAllBytesAsync(file, Ct);
        var again = await signer.SignAsync([file], Ct);

        Assert.IsFalse(again[0].IsNew);
        var after = await RpmPackage.ReadAsync(file, Ct);
        CollectionAssert.AreEqual(once, await File.ReadAllBytesAsync(file, Ct));
        Assert.AreEqual(key.Fingerprint, again[0].Rpm.Signature.SigningFingerprint);
        Assert.IsTrue(before.Header.Bytes.Span.SequenceEqual(after.Header.Bytes.Span));
        Assert.AreEqual(before.PayloadOffset, after.PayloadOffset, "The signature fits the space that rpmbuild reserved.");
        Assert.AreEqual(before.FileSize, after.FileSize);
        CollectionAssert.AreEqual(
            new[] { RpmSignatureTag.RsaHeader, RpmSignatureTag.Sha1Header, RpmSignatureTag.Sha256Header, RpmSignatureTag.Size, RpmSignatureTag.Md5, RpmSignatureTag.PayloadSize, RpmSignatureTag.ReservedSpace },
            after.Signature.Entries.Select(entry => entry.Tag).ToArray());
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(file));
        CollectionAssert.AreEqual(new[] { file }, Directory.GetFileSystemEntries(scratch.Root), "Nothing else is left beside it.");
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task The_signature_header_is_byte_for_byte_what_rpmsign_writes()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Ed25519;
        var built = await RpmFactory.BuildAsync(new("signme"));
        var (theirs, ours) = (Copy(built.Binary, scratch, "theirs.rpm"), Copy(built.Binary, scratch, "ours.rpm"));

        await RpmJudge.SignAsync(theirs, key);
        var package = await RpmPackage.ReadAsync(theirs, Ct);
        await SignedBy.PutAsync(await RpmPackage.ReadAsync(ours, Ct), ours, package.Signature.Binary(RpmSignatureTag.DsaHeader)!.Value);

        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(theirs, Ct), await File.ReadAllBytesAsync(ours, Ct));
    }

    [TestMethod]
    [Timeout(120_000)]
    [DataRow(0)]
    [DataRow(100)]
    [DataRow(700)]
    public async Task A_file_grows_when_the_reserved_space_does_not_suffice(int reserved)
    {
        using var scratch = new Scratch();
        var key = await TestKey.RsaWithSubkey;
        var built = await RpmFactory.BuildAsync(new("tight") { Macros = $"__gpg_reserved_space {reserved}" });
        var file = Copy(built.Binary, scratch);
        var before = await RpmPackage.ReadAsync(file, Ct);

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        await signer.SignAsync([file], Ct);

        var after = await RpmPackage.ReadAsync(file, Ct);
        Assert.AreEqual(reserved is not 700, after.FileSize > before.FileSize);
        Assert.AreEqual(0, after.Header.Offset % 8);
        CollectionAssert.AreEqual(new[] { "digests signatures OK" }, await RpmJudge.CheckAsync([file], key));
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task Another_keys_signature_is_replaced_and_so_is_that_of_another_subkey()
    {
        using var scratch = new Scratch();
        var (old, key) = (await TestKey.Ed25519, await TestKey.RsaWithSubkey);
        var file = Copy((await RpmFactory.BuildAsync(new("signme"))).Binary, scratch);
        await RpmJudge.SignAsync(file, old);

        await using var any = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        var bySubkey = (await any.SignAsync([file], Ct))[0].Rpm.Signature;
        await using var exact = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint + "!", Ct);
        var byPrimary = (await exact.SignAsync([file], Ct))[0].Rpm.Signature;

        Assert.AreEqual(key.Certificate.Subkeys[0].Fingerprint, bySubkey.SigningFingerprint);
        Assert.AreEqual(key.Fingerprint, byPrimary.SigningFingerprint);
        CollectionAssert.AreEqual(new[] { "digests signatures OK" }, await RpmJudge.CheckAsync([file], key));
        CollectionAssert.AreEqual(new[] { "digests SIGNATURES NOT OK" }, await RpmJudge.CheckAsync([file], old));
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task One_damaged_file_means_that_none_is_signed()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Ed25519;
        var built = await RpmFactory.BuildAsync(new("signme"));
        var (good, bad) = (Copy(built.Binary, scratch, "good.rpm"), Copy(built.Binary, scratch, "bad.rpm"));
        var bytes = await File.ReadAllBytesAsync(bad, Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(bad, bytes, Ct);

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => signer.SignAsync([good, bad], Ct));

        Assert.AreEqual(Fault.RpmDamaged, thrown.Fault);
        Assert.Contains("bad.rpm", thrown.Message, StringComparison.Ordinal);
        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(built.Binary, Ct), await File.ReadAllBytesAsync(good, Ct));
        Assert.HasCount(2, Directory.GetFileSystemEntries(scratch.Root));
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task Interrupted_in_the_middle_no_file_has_changed_and_no_copy_is_left()
    {
        using var scratch = new Scratch();
        var key = await TestKey.RsaWithSubkey;
        var built = await RpmFactory.BuildAsync(new("signme"));
        var files = Enumerable.Range(0, 60).Select(number => Copy(built.Binary, scratch, $"{number}.rpm")).ToArray();
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        var signing = signer.SignAsync([.. files], interrupt.Token);
        while (Directory.GetFileSystemEntries(scratch.Root).Length < files.Length + 2)
        {
            await Task.Delay(1, Ct);
        }

        await interrupt.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => signing);

        var before = await File.ReadAllBytesAsync(built.Binary, Ct);
        CollectionAssert.AreEquivalent(files, Directory.GetFileSystemEntries(scratch.Root));
        Assert.IsTrue(files.All(file => File.ReadAllBytes(file).AsSpan().SequenceEqual(before)));
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task A_link_stays_a_link_and_its_target_is_signed_once()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Ed25519;
        var file = Copy((await RpmFactory.BuildAsync(new("signme"))).Binary, scratch);
        File.CreateSymbolicLink(scratch["link.rpm"], file);

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        var signed = await signer.SignAsync([scratch["link.rpm"], file], Ct);

        Assert.AreEqual(file, File.ResolveLinkTarget(scratch["link.rpm"], returnFinalTarget: false)?.FullName);
        Assert.AreEqual(signed[0], signed[1]);
        CollectionAssert.AreEqual(new[] { "digests signatures OK" }, await RpmJudge.CheckAsync([file], key));
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task When_the_agent_does_not_give_the_key_no_file_changes()
    {
        using var scratch = new Scratch();
        var key = await TestKey.MakeAsync("ed25519", "never", null);
        var built = await RpmFactory.BuildAsync(new("signme"));
        var file = Copy(built.Binary, scratch);

        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, Ct);
        Directory.Delete(Path.Combine(key.Home, "private-keys-v1.d"), recursive: true);
        await Exec.RunAsync(new Command("gpgconf", "--homedir", key.Home, "--kill", "gpg-agent"), Ct);
        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => signer.SignAsync([file], Ct));

        Assert.AreEqual(Fault.SigningFailed, thrown.Fault);
        Assert.Contains("No secret key", thrown.Message, StringComparison.OrdinalIgnoreCase);
        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(built.Binary, Ct), await File.ReadAllBytesAsync(file, Ct));
        CollectionAssert.AreEqual(new[] { file }, Directory.GetFileSystemEntries(scratch.Root));
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task A_locked_key_fails_at_once_when_nobody_could_type_the_passphrase()
    {
        using var scratch = new Scratch();
        var gpg = new Gpg(Directory.CreateDirectory(scratch["h"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName) { IsAttended = false };
        await Exec.ReadAsync(gpg.Command("--pinentry-mode", "loopback", "--passphrase", "locked", "--quick-generate-key", "Locked", "ed25519", "sign", "never"), Ct);
        var fingerprint = (await gpg.ListSecretAsync("", Ct))[0].Fingerprint;
        await Exec.ReadAsync(new Command("gpgconf", "--homedir", scratch["h"], "--kill", "all"), Ct);
        var file = Copy((await RpmFactory.BuildAsync(new("signme"))).Binary, scratch);

        await using var signer = await RpmSigner.OpenAsync(gpg, fingerprint, Ct);
        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => signer.SignAsync([file], Ct));
        await Exec.ReadAsync(new Command("gpgconf", "--homedir", scratch["h"], "--kill", "all"), Ct);

        Assert.AreEqual(Fault.SigningFailed, thrown.Fault);
        Assert.Contains("Unlock the key", thrown.Remedy, StringComparison.Ordinal);
    }

    private static string Copy(string file, Scratch scratch, string? name = null)
    {
        var copy = scratch[name ?? Path.GetFileName(file)];
        File.Copy(file, copy);
        return copy;
    }
}
