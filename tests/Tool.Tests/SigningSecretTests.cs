using System.Globalization;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>Cases 44 to 48, 81, 82 and 84 to 86: a secret key that is handed over for one run, and runs that are ended in the middle.</summary>
[TestClass]
public sealed class SigningSecretTests(TestContext test)
{
    private const int Patience = 180_000;
    private const string Canary = "CANARY_8f31c2 %";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("file")]
    [DataRow("descriptor")]
    [DataRow("variable")]
    public async Task A_key_and_its_passphrase_are_handed_over_and_no_byte_of_them_is_seen(string way)
    {
        using var scratch = new Scratch();
        var (fingerprint, secret) = await LockedKeyAsync(scratch);
        var rpm = await RpmAsync(scratch, "one.rpm");
        scratch.Write("pass", Canary + "\n");
        scratch.Folder("t");
        var given = way switch { "file" => "--key-file secret.asc", "descriptor" => "--key-fd 4 4<secret.asc", _ => "" };
        var command = Shell(scratch, $"exec dotnet \"$TOOL\" sign one.rpm -v --key {fingerprint} --passphrase-fd 3 {given} 3<pass");
        if (way is "variable")
        {
            command = command.With(KeyVariable.Name, Encoding.ASCII.GetString(secret));
        }

        using var watched = new CancellationTokenSource();
        var watch = ChildrenAsync(watched.Token);
        var outcome = await Exec.RunAsync(command, Ct);
        await watched.CancelAsync();
        var seen = await watch;

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        var (line, said) = (Encoding.ASCII.GetString(secret).Split('\n').First(each => each.Length is 64), outcome.Output + outcome.Error);
        foreach (var canary in (string[])[Canary, line])
        {
            Assert.DoesNotContain(canary, said, StringComparison.Ordinal);
            Assert.DoesNotContain(canary, seen, StringComparison.Ordinal);
            Assert.IsLessThan(0, (await File.ReadAllBytesAsync(rpm, Ct)).AsSpan().IndexOf(Encoding.ASCII.GetBytes(canary)));
        }

        Assert.Contains("gpg", seen, StringComparison.Ordinal, "The watch has to see the children.");
        Assert.IsEmpty(Directory.GetDirectories(scratch["t"]), "The short-lived home is gone.");
        Assert.AreEqual("", await AgentsAsync(scratch));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("sign one.rpm --key FPR --key-file secret.asc --passphrase-fd 3", "wrong", 5, "REL4009")]
    [DataRow("sign one.rpm --key FPR --key-file secret.asc", "", 5, "REL4009")]
    [DataRow("sign one.rpm --key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA --key-file secret.asc --passphrase-fd 3", Canary, 5, "REL4007")]
    [DataRow("sign one.rpm --key FPR --key-file secret.asc --passphrase-fd 9", Canary, 5, "REL4007")]
    [DataRow("sign one.rpm --key FPR --key-file secret.asc --key-fd 3", Canary, 5, "REL4007")]
    [DataRow("sign one.rpm --key FPR --key-file missing.asc", Canary, 2, "REL0007")]
    [DataRow("sign one.rpm --key FPR --key-file one.rpm", Canary, 5, "REL4007")]
    [DataRow("sign one.rpm --key FPR --passphrase-fd 3", Canary, 5, "REL4007")]
    public async Task What_was_handed_over_wrongly_is_refused_and_the_file_keeps_every_byte(string words, string passphrase, int exit, string id)
    {
        using var scratch = new Scratch();
        var (fingerprint, _) = await LockedKeyAsync(scratch);
        var rpm = await RpmAsync(scratch, "one.rpm");
        scratch.Write("pass", passphrase + "\n");
        scratch.Folder("t");
        var before = await File.ReadAllBytesAsync(rpm, Ct);

        var outcome = await Exec.RunAsync(Shell(scratch, $"exec dotnet \"$TOOL\" {words.Replace("FPR", fingerprint, StringComparison.Ordinal)} 3<pass"), Ct);

        Assert.AreEqual(exit, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error {id} : ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, outcome.Error, StringComparison.Ordinal);
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(rpm, Ct));
        Assert.IsEmpty(Directory.GetDirectories(scratch["t"]));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("key.home")]
    [DataRow("key.imported")]
    [DataRow("sign.copy")]
    [DataRow("sign.half")]
    [DataRow("sign.commit")]
    public async Task Killed_anywhere_no_file_is_half_and_the_next_run_removes_what_is_left_and_says_so(string step)
    {
        using var scratch = new Scratch();
        var (fingerprint, _) = await LockedKeyAsync(scratch);
        var rpm = await RpmAsync(scratch, "one.rpm");
        scratch.Write("pass", Canary + "\n");
        scratch.Folder("t");
        var before = await File.ReadAllBytesAsync(rpm, Ct);
        var sign = Shell(scratch, $"exec dotnet \"$TOOL\" sign one.rpm --key {fingerprint} --key-file secret.asc --passphrase-fd 3 3<pass");

        var killed = await Exec.RunAsync(sign.With("DOTNET_RELEASE_FAIL_AT", step + ":kill"), Ct);
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(rpm, Ct));
        var left = Directory.GetDirectories(scratch["t"]).Concat(Directory.GetFiles(scratch.Root, ".unfinished-*")).ToList();
        var again = await Exec.RunAsync(sign, Ct);

        Assert.AreEqual(137, killed.ExitCode);
        Assert.IsGreaterThanOrEqualTo(1, left.Count);
        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.IsTrue(left.TrueForAll(path => again.Error.Contains($"Removed '{path}', which a killed run left behind", StringComparison.Ordinal)), again.Error);
        Assert.IsEmpty(Directory.GetDirectories(scratch["t"]));
        Assert.IsEmpty(Directory.GetFiles(scratch.Root, ".unfinished-*"));
        Assert.AreEqual("", await AgentsAsync(scratch));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("sign.copy", "enospc")]
    [DataRow("sign.half", "enospc")]
    [DataRow("sign.half", "eio")]
    [DataRow("sign.commit", "eio")]
    [DataRow("key.imported", "enospc")]
    public async Task When_the_disk_says_no_every_file_keeps_its_bytes_and_nothing_is_left(string step, string kind)
    {
        using var scratch = new Scratch();
        var (fingerprint, _) = await LockedKeyAsync(scratch);
        var rpms = await Task.WhenAll(Enumerable.Range(0, 5).Select(number => RpmAsync(scratch, FormattableString.Invariant($"{number}.rpm"))));
        scratch.Write("pass", Canary + "\n");
        scratch.Folder("t");
        var before = await File.ReadAllBytesAsync(rpms[0], Ct);

        var outcome = await Exec.RunAsync(
            Shell(scratch, $"exec dotnet \"$TOOL\" sign *.rpm --key {fingerprint} --key-file secret.asc --passphrase-fd 3 3<pass").With("DOTNET_RELEASE_FAIL_AT", $"{step}:{kind}"), Ct);

        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
        Assert.Contains("error REL0010 : ", outcome.Error, StringComparison.Ordinal);
        Assert.IsTrue(Array.TrueForAll(rpms, rpm => File.ReadAllBytes(rpm).AsSpan().SequenceEqual(before)));
        Assert.IsEmpty(Directory.GetFiles(scratch.Root, ".unfinished-*"));
        Assert.IsEmpty(Directory.GetDirectories(scratch["t"]));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("mount -t tmpfs -o size=100k none full && cp one.rpm two.rpm full && dd if=/dev/zero of=full/zero bs=1k count=80 2>/dev/null; cd full")]
    [DataRow("cp one.rpm two.rpm full && mount -o bind,ro full full && cd full")]
    public async Task A_full_disk_and_a_read_only_folder_change_nothing(string prepare)
    {
        using var scratch = new Scratch();
        var (fingerprint, _) = await LockedKeyAsync(scratch);
        foreach (var name in (string[])["one.rpm", "two.rpm"])
        {
            await RpmAsync(scratch, name);
        }

        scratch.Write("pass", Canary + "\n");
        scratch.Folder("t");
        scratch.Folder("full");
        var script = $"{prepare} && sha256sum one.rpm two.rpm >../before; dotnet \"$TOOL\" sign one.rpm two.rpm --key {fingerprint} --key-file ../secret.asc --passphrase-fd 3 3<../pass; code=$?; sha256sum --quiet -c ../before && ls -A >../after; exit $code";

        var outcome = await Exec.RunAsync(Shell(scratch, script) is var shell ? shell with { Program = "unshare", Arguments = ["--user", "--map-root-user", "--mount", "sh", .. shell.Arguments] } : shell, Ct);

        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
        Assert.Contains("error REL0010 : ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("unfinished", await File.ReadAllTextAsync(scratch["after"], Ct), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("INT")]
    [DataRow("TERM")]
    public async Task Interrupted_it_ends_its_agents_and_removes_its_keyring(string signal)
    {
        using var scratch = new Scratch();
        var (fingerprint, _) = await LockedKeyAsync(scratch);
        scratch.Write("pass", Canary + "\n");
        scratch.Folder("t");
        var rpms = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => RpmAsync(scratch, FormattableString.Invariant($"{number}.rpm"))));
        var before = await File.ReadAllBytesAsync(rpms[0], Ct);

        var running = Exec.RunAsync(Shell(scratch, $"echo $$ >pid; exec dotnet \"$TOOL\" sign *.rpm --key {fingerprint} --key-file secret.asc --passphrase-fd 3 3<pass"), Ct);
        while (Directory.GetFiles(scratch.Root, ".unfinished-*").Length is 0 && !running.IsCompleted)
        {
            await Task.Delay(1, Ct);
        }

        await Exec.ReadAsync(new Command("kill", "-" + signal, (await File.ReadAllTextAsync(scratch["pid"], Ct)).Trim()), Ct);
        var outcome = await running;

        Assert.AreEqual(130, outcome.ExitCode, outcome.Error);
        Assert.IsTrue(Array.TrueForAll(rpms, rpm => File.ReadAllBytes(rpm).AsSpan().SequenceEqual(before)));
        Assert.IsEmpty(Directory.GetFiles(scratch.Root, ".unfinished-*"));
        Assert.IsEmpty(Directory.GetDirectories(scratch["t"]));
        Assert.AreEqual("", await AgentsAsync(scratch));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_users_own_settings_of_rpm_and_gpg_and_the_language_change_nothing()
    {
        using var scratch = new Scratch();
        var key = await TestKey.Rsa;
        var rpm = await RpmAsync(scratch, "one.rpm");
        scratch.Write(".rpmmacros", "%__gpg /nonexistent/gpg\n%_gpg_name Somebody Else\n%_dbpath /nonexistent\n");
        scratch.Write("gpg.conf", "digest-algo SHA1\ndefault-key 0xDEADBEEF\nno-such-option\n");
        foreach (var file in Directory.EnumerateFiles(key.Home).Concat(Directory.EnumerateFiles(Path.Combine(key.Home, "private-keys-v1.d"))).Where(file => !Path.GetFileName(file).StartsWith("S.", StringComparison.Ordinal)))
        {
            var copy = scratch[Path.GetRelativePath(key.Home, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (!File.Exists(copy))
            {
                File.Copy(file, copy);
            }
        }

        try
        {
            var outcome = await Exec.RunAsync(BuiltTool.Command(scratch.Root, "sign", rpm, "--key", key.Fingerprint).With("LANG", "de_DE.UTF-8").With("LANGUAGE", "de"), Ct);

            Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
            Assert.AreEqual($"signed {rpm} by {key.Fingerprint}\n", outcome.Output);
            CollectionAssert.AreEqual(new[] { "digests signatures OK" }, await RpmJudge.CheckAsync([rpm], key));
        }
        finally
        {
            await Exec.RunAsync(new Command("gpgconf", "--homedir", scratch.Root, "--kill", "all"), CancellationToken.None);
        }
    }

    /// <summary>A key with a passphrase as CI has it: exported, in a file that only its owner reads; the keyring it came from is gone.</summary>
    private async Task<(string Fingerprint, byte[] Secret)> LockedKeyAsync(Scratch scratch)
    {
        var gpg = new Gpg(Directory.CreateDirectory(scratch["k"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName);
        string[] unlocked = ["--pinentry-mode", "loopback", "--passphrase", Canary];
        await Exec.ReadAsync(gpg.Command([.. unlocked, "--quick-generate-key", "CI", "rsa2048", "sign", "never"]), Ct);
        var fingerprint = (await gpg.ListSecretAsync("", Ct))[0].Fingerprint;
        var secret = await Exec.ReadAsync(gpg.Command([.. unlocked, "--armor", "--export-secret-keys", fingerprint]), Ct);
        await Exec.ReadAsync(new Command("gpgconf", "--homedir", scratch["k"], "--kill", "all"), Ct);
        Directory.Delete(scratch["k"], recursive: true);
        await File.WriteAllBytesAsync(scratch["secret.asc"], secret.OutputBytes.ToArray(), Ct);
        File.SetUnixFileMode(scratch["secret.asc"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (fingerprint, secret.OutputBytes.ToArray());
    }

    private static async Task<string> RpmAsync(Scratch scratch, string name)
    {
        File.Copy((await RpmFactory.BuildAsync(new("secretly"))).Binary, scratch[name]);
        return scratch[name];
    }

    private static Command Shell(Scratch scratch, string script)
    {
        var tool = BuiltTool.Command(scratch.Root);
        return (tool with { Program = "sh", Arguments = ["-c", script] }).With("TOOL", tool.Arguments[0]).With("TMPDIR", scratch["t"]).With("GNUPGHOME", scratch["empty"]);
    }

    /// <summary>Arguments and environments of everything that runs, looked at again and again.</summary>
    private static async Task<string> ChildrenAsync(CancellationToken ct)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!ct.IsCancellationRequested)
        {
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                try
                {
                    var arguments = await File.ReadAllTextAsync(Path.Combine(process, "cmdline"), CancellationToken.None);
                    seen.Add(arguments);

                    // The variable itself stands in the environment that the tool was started with, and in no other one.
                    seen.Add(arguments.Contains("dotnet", StringComparison.Ordinal) ? "" : await File.ReadAllTextAsync(Path.Combine(process, "environ"), CancellationToken.None));
                }
                catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
                {
                    // It ended, or it is somebody else's.
                }
            }

            await Task.Delay(25, CancellationToken.None);
        }

        return string.Join('\n', seen);
    }

    private async Task<string> AgentsAsync(Scratch scratch)
    {
        string said;
        var patience = 100;
        do
        {
            said = (await Exec.RunAsync(new Command("pgrep", "-f", $"gpg-agent.*{scratch.Root}"), Ct)).Output;
            await Task.Delay(50, Ct);
        }
        while (said.Length > 0 && patience-- > 0);

        return said;
    }
}
