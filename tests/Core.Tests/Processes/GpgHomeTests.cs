using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Processes;

[TestClass]
public sealed class GpgHomeTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_home_is_private_and_gone_afterwards_with_its_agent()
    {
        string path;
        int agent;
        await using (var home = await GpgHome.CreateAsync(Ct))
        {
            path = home.Path;
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            await Exec.ReadAsync(home.Gpg.Command("--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", "x", "ed25519", "sign", "never"), Ct);
            agent = int.Parse((await Exec.ReadAsync(new Command("gpg-connect-agent", "--homedir", path, "--no-autostart", "getinfo pid", "/bye"), Ct)).Output.Split('\n')[0].Replace("D ", "", StringComparison.Ordinal));
        }

        Assert.IsFalse(Directory.Exists(path));
        for (var patience = 100; IsAlive(agent) && patience > 0; patience--)
        {
            await Task.Delay(50, Ct);
        }

        Assert.IsFalse(IsAlive(agent), $"gpg-agent {agent} is still there.");
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task What_a_killed_run_left_behind_is_found_and_what_is_in_use_stays()
    {
        await using var inUse = await GpgHome.CreateAsync(Ct);
        var abandoned = Directory.CreateTempSubdirectory("dotnet-release-gpg-").FullName;
        await File.WriteAllTextAsync(Path.Combine(abandoned, ".in-use"), "", Ct);
        Directory.CreateDirectory(Path.Combine(abandoned, "private-keys-v1.d"));
        var justMade = Directory.CreateTempSubdirectory("dotnet-release-gpg-").FullName;

        await using var next = await GpgHome.CreateAsync(Ct);

        // Another test that runs at the same time may have been first.
        Assert.IsFalse(Directory.Exists(abandoned));
        Assert.IsTrue(Directory.Exists(justMade), "It has no lock yet, but it may be just being made.");
        Assert.IsTrue(Directory.Exists(inUse.Path));
        Assert.DoesNotContain(inUse.Path, next.Removed);
        Directory.Delete(justMade);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task The_users_own_settings_change_nothing()
    {
        var key = await TestKey.MakeAsync("ed25519", "never", null);
        await File.WriteAllTextAsync(Path.Combine(key.Home, "gpg.conf"), "armor\ndefault-key DEADBEEF\ncert-notation x@y=z\ndigest-algo SHA1\nbogus-option\n", Ct);

        var signature = await key.Gpg.SignAsync(key.Fingerprint, "data"u8.ToArray(), armor: false, Ct);

        Assert.AreNotEqual((byte)'-', signature.Span[0]);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task An_exported_certificate_is_armored_on_request_and_the_same_every_time()
    {
        var key = await TestKey.Ed25519;

        var text = System.Text.Encoding.ASCII.GetString((await key.Gpg.ExportAsync(key.Fingerprint + "!", armor: true, Ct)).Span);
        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => key.Gpg.ExportAsync(new string('A', 40), armor: true, Ct));

        Assert.StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n", text, StringComparison.Ordinal);
        Assert.AreEqual(text, System.Text.Encoding.ASCII.GetString((await key.PublicAsync(armor: true)).Span));
        Assert.AreEqual(Fault.KeyUnusable, thrown.Fault);
    }

    private static bool IsAlive(int pid) => Directory.Exists($"/proc/{pid}") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
}
