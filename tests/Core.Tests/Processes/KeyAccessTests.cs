using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Processes;

/// <summary>Cases 44, 84: a key that was handed over for one run.</summary>
[TestClass]
public sealed class KeyAccessTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_key_from_a_file_signs_and_its_home_and_agents_are_gone_afterwards()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        var file = await ExportAsync(scratch, key);
        string home;

        using (var access = KeyAccess.Read(new KeyOrigin { File = file }))
        await using (var opened = await access.OpenAsync(Ct))
        {
            home = opened.Gpg.Where;
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(home));
            var found = await SigningKey.FindAsync(opened.Gpg, key.Fingerprint, Ct);
            await using var session = await KeySession.OpenAsync(opened.Gpg, found, Ct);
            Assert.IsTrue(session.IsDirect);
            var packets = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => session.SignAsync(Encoding.ASCII.GetBytes($"text {number}"), Ct)));
            Assert.IsTrue(packets.All(packet => OpenPgpSignature.TryParse(packet)?.Issuer == key.Fingerprint));
        }

        Assert.IsFalse(Directory.Exists(home));
        Assert.AreEqual("", await AgentsAsync(home));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead)]
    [DataRow(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead)]
    [DataRow(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite)]
    public async Task A_file_that_others_can_read_or_change_is_not_used(UnixFileMode mode)
    {
        using var scratch = new Scratch();
        var file = await ExportAsync(scratch, await TestKey.Ed25519);
        File.SetUnixFileMode(file, mode);
        var before = await File.ReadAllBytesAsync(file, Ct);

        var thrown = Assert.ThrowsExactly<ReleaseException>(() => KeyAccess.Read(new KeyOrigin { File = file }));

        Assert.AreEqual(Fault.KeyUnusable, thrown.Fault);
        Assert.AreEqual($"chmod 600 '{file}'", thrown.Remedy);
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(file, Ct));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_file_of_another_user_is_not_used_also_behind_a_link()
    {
        using var scratch = new Scratch();
        File.CreateSymbolicLink(scratch["link"], "/etc/hostname");
        var foreign = scratch["link"];
        if (Environment.IsPrivilegedProcess)
        {
            var file = await ExportAsync(scratch, await TestKey.Ed25519);
            await Exec.ReadAsync(new Command("chown", "65534", file), Ct);
            foreign = scratch["link2"];
            File.CreateSymbolicLink(foreign, file);
        }

        var thrown = Assert.ThrowsExactly<ReleaseException>(() => KeyAccess.Read(new KeyOrigin { File = foreign }));

        Assert.AreEqual(Fault.KeyUnusable, thrown.Fault);
        Assert.Contains("belongs to another user", thrown.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Only_exactly_one_secret_key_is_imported()
    {
        using var scratch = new Scratch();
        var (one, other) = (await TestKey.Ed25519, await TestKey.Rsa);
        var both = (byte[])[.. await File.ReadAllBytesAsync(await ExportAsync(scratch, one), Ct), .. await File.ReadAllBytesAsync(await ExportAsync(scratch, other), Ct)];
        (byte[] Content, string Says)[] cases =
        [
            ([], "has 0 bytes"),
            ("no key at all"u8.ToArray(), "no secret key"),
            ((await one.PublicAsync(armor: true)).ToArray(), "no secret key"),
            (both, "2 secret keys"),
        ];

        foreach (var (content, says) in cases)
        {
            var file = Private(scratch["key.asc"], content);
            var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(async () =>
            {
                using var access = KeyAccess.Read(new KeyOrigin { File = file });
                await using var home = await access.OpenAsync(Ct);
            });
            Assert.AreEqual(Fault.KeyFileMalformed, thrown.Fault);
            Assert.Contains(says, thrown.Message, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(-1)]
    [DataRow(900)]
    public void A_descriptor_that_nobody_handed_over_is_not_read(int number)
    {
        Assert.AreEqual(Fault.KeyUnusable, Assert.ThrowsExactly<ReleaseException>(() => KeyAccess.Read(new KeyOrigin { Descriptor = number })).Fault);
        Assert.AreEqual(Fault.KeyUnusable, Assert.ThrowsExactly<ReleaseException>(() => KeyAccess.Read(new KeyOrigin { PassphraseDescriptor = number })).Fault);
    }

    [TestMethod]
    public void None_of_our_own_descriptors_can_be_taken_for_one_that_was_handed_over()
    {
        using var own = new FileStream("/dev/zero", FileMode.Open, FileAccess.Read);
        var number = (int)own.SafeFileHandle.DangerousGetHandle();

        var thrown = Assert.ThrowsExactly<ReleaseException>(() => KeyAccess.Read(new KeyOrigin { PassphraseDescriptor = number }));

        Assert.Contains($"no descriptor {number}", thrown.Message, StringComparison.Ordinal);
        Assert.AreEqual(0, own.ReadByte());
    }

    [TestMethod]
    public void A_passphrase_shows_itself_nowhere_but_to_the_agent()
    {
        var bytes = "CANARY 100%\nsecond line"u8.ToArray();
        using var passphrase = Passphrase.Take(bytes);

        Assert.AreEqual("D CANARY 100%25\nEND\n", Encoding.ASCII.GetString(passphrase.ToDataLine()));
        Assert.DoesNotContain("CANARY", passphrase.ToString()!, StringComparison.Ordinal);
        Assert.IsTrue(bytes.All(value => value is 0));
        Assert.AreEqual(Fault.KeyUnusable, Assert.ThrowsExactly<ReleaseException>(() => Passphrase.Take(new byte[300])).Fault);
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("CANARY%\u00e9 right", true)]
    [DataRow("wrong", false)]
    [DataRow("", false)]
    public async Task The_passphrase_goes_to_the_agent_and_a_wrong_one_is_said(string given, bool isRight)
    {
        using var scratch = new Scratch();
        var locked = await LockedAsync(scratch, "CANARY%\u00e9 right");
        var gpg = new Gpg(scratch["h"]) { IsAttended = false, Passphrase = Passphrase.Take(Encoding.UTF8.GetBytes(given + "\n")) };
        var rpm = scratch["x.rpm"];
        File.Copy((await RpmFactory.BuildAsync(new("locked"))).Binary, rpm);
        var before = await File.ReadAllBytesAsync(rpm, Ct);
        try
        {
            await using var signer = await RpmSigner.OpenAsync(gpg, locked, Ct);
            if (isRight)
            {
                Assert.AreEqual(locked, (await signer.SignAsync([rpm], Ct))[0].Rpm.Signature.SigningFingerprint);
                return;
            }

            var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => signer.SignAsync([rpm], Ct));
            Assert.AreEqual(Fault.SigningFailed, thrown.Fault);
            Assert.DoesNotContain("CANARY", thrown.ToString(), StringComparison.Ordinal);
            CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(rpm, Ct));
        }
        finally
        {
            await Exec.RunAsync(new Command("gpgconf", "--homedir", scratch["h"], "--kill", "all"), CancellationToken.None);
        }
    }

    private async Task<string> LockedAsync(Scratch scratch, string passphrase)
    {
        var gpg = new Gpg(Directory.CreateDirectory(scratch["h"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName);
        await Exec.ReadAsync(gpg.Command("--pinentry-mode", "loopback", "--passphrase", passphrase, "--quick-generate-key", "Locked", "ed25519", "sign", "never"), Ct);
        await Exec.ReadAsync(new Command("gpgconf", "--homedir", scratch["h"], "--kill", "all"), Ct);
        return (await gpg.ListSecretAsync("", Ct))[0].Fingerprint;
    }

    private async Task<string> ExportAsync(Scratch scratch, TestKey key)
    {
        var exported = await Exec.ReadAsync(key.Gpg.Command("--pinentry-mode", "loopback", "--passphrase", "", "--armor", "--export-secret-keys", key.Fingerprint), Ct);
        return Private(scratch[$"{key.Fingerprint}.asc"], exported.OutputBytes.ToArray());
    }

    private static string Private(string file, byte[] content)
    {
        File.WriteAllBytes(file, content);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    private async Task<string> AgentsAsync(string home)
    {
        string said;
        var patience = 100;
        do
        {
            said = (await Exec.RunAsync(new Command("pgrep", "-f", $"gpg-agent.*{home}"), Ct)).Output;
            await Task.Delay(50, Ct);
        }
        while (said.Length > 0 && patience-- > 0);

        return said;
    }
}
