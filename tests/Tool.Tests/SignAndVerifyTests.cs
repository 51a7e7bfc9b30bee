using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class SignAndVerifyTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_signed_file_verifies_and_signing_it_again_changes_nothing()
    {
        using var scratch = new Scratch();
        var (key, file, certificate) = await PrepareAsync(scratch);

        var signed = await BuiltTool.RunAsync(key.Home, Ct, "sign", "--key", key.Fingerprint, file, "--json");
        var bytes = await File.ReadAllBytesAsync(file, Ct);
        var again = await BuiltTool.RunAsync(key.Home, Ct, "sign", "--key", key.Fingerprint, file, "--json");
        var verified = await BuiltTool.RunAsync(scratch.Root, Ct, "verify", scratch.Root, "--key", certificate, "--json");

        Assert.AreEqual(0, signed.ExitCode, signed.Error);
        var entry = BuiltTool.Json(signed).GetProperty("files")[0];
        Assert.AreEqual("signed", entry.GetProperty("state").GetString());
        Assert.AreEqual((await Digest.OfFileAsync(file, Ct)).Hex, entry.GetProperty("sha256").GetString());
        Assert.AreEqual("unchanged", BuiltTool.Json(again).GetProperty("files")[0].GetProperty("state").GetString());
        CollectionAssert.AreEqual(bytes, await File.ReadAllBytesAsync(file, Ct));
        Assert.AreEqual(0, verified.ExitCode, verified.Error);
        var item = BuiltTool.Json(verified).GetProperty("items")[0];
        Assert.AreEqual((true, key.Fingerprint, 0), (item.GetProperty("ok").GetBoolean(), item.GetProperty("signer").GetString(), item.GetProperty("problems").GetArrayLength()));
        CollectionAssert.AreEqual(new[] { "digests signatures OK" }, await RpmJudge.CheckAsync([file], key));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_good_package_with_something_else_in_place_of_its_statement_is_refused()
    {
        using var scratch = new Scratch();
        var (key, file, certificate) = await PrepareAsync(scratch);
        _ = await BuiltTool.RunAsync(key.Home, Ct, "sign", "--key", key.Fingerprint, file);
        await File.WriteAllTextAsync(file[..^".rpm".Length] + ".provenance.json", "{}", Ct);

        var verified = await BuiltTool.RunAsync(scratch.Root, Ct, "verify", file, "--key", certificate, "--json");

        Assert.AreEqual(4, verified.ExitCode, verified.Error);
        var item = BuiltTool.Json(verified).GetProperty("items")[0];
        Assert.AreEqual("REL4012", item.GetProperty("problems").EnumerateArray().Single().GetProperty("id").GetString());
        Assert.AreEqual(System.Text.Json.JsonValueKind.Null, item.GetProperty("statement").ValueKind);
    }

    /// <summary>The agent's session and the keyring of the judge are made side by side: whichever fails, the other one is not left behind.</summary>
    [TestMethod]
    [Timeout(Patience)]
    [DataRow("no gpgconf", 5, "REL0008")]
    [DataRow("no import", 2, "REL4010")]
    public async Task When_one_of_two_preparations_fails_the_other_is_undone_and_no_file_changes(string way, int exit, string id)
    {
        using var scratch = new Scratch();
        var (key, file, _) = await PrepareAsync(scratch);
        var before = await File.ReadAllBytesAsync(file, Ct);
        foreach (var program in way is "no gpgconf" ? ["gpg"] : (string[])["gpgconf", "gpg-agent"])
        {
            File.CreateSymbolicLink(Path.Combine(scratch.Folder("bin"), program), Exec.Find(program)!);
        }

        if (way is "no import")
        {
            scratch.Write("bin/gpg", $"#!/bin/sh\ncase \" $* \" in *' --import '*) exit 2 ;; esac\nexec {Exec.Find("gpg")} \"$@\"\n");
            File.SetUnixFileMode(scratch["bin/gpg"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var outcome = await Exec.RunAsync(
            BuiltTool.Command(key.Home, "sign", "--key", key.Fingerprint, file).With("PATH", scratch["bin"]).With("TMPDIR", scratch.Folder("t")), Ct);

        Assert.AreEqual(exit, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error {id} : ", outcome.Error, StringComparison.Ordinal);
        Assert.IsEmpty(Directory.GetDirectories(scratch["t"], "dotnet-release-*"));
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(file, Ct));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task An_unsigned_file_is_refused_with_4_in_words_and_in_json()
    {
        using var scratch = new Scratch();
        var (key, file, certificate) = await PrepareAsync(scratch);

        var words = await BuiltTool.RunAsync(scratch.Root, Ct, "verify", file, "--key", certificate);
        var json = await BuiltTool.RunAsync(scratch.Root, Ct, "verify", file, "--key", certificate, "--json");

        Assert.AreEqual(4, words.ExitCode);
        Assert.Contains($"error REL4003 : '{file}' is not signed (digests are fine). Expected a signature by {key.Fingerprint}.", words.Error, StringComparison.Ordinal);
        Assert.AreEqual(4, json.ExitCode);
        var document = BuiltTool.Json(json);
        Assert.IsFalse(document.GetProperty("ok").GetBoolean());
        Assert.AreEqual("REL4003", document.GetProperty("items")[0].GetProperty("problems")[0].GetProperty("id").GetString());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task One_refused_file_among_good_ones_decides()
    {
        using var scratch = new Scratch();
        var (key, file, certificate) = await PrepareAsync(scratch);
        await BuiltTool.RunAsync(key.Home, Ct, "sign", "--key", key.Fingerprint, file);
        var bytes = await File.ReadAllBytesAsync(file, Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(scratch["damaged.rpm"], bytes, Ct);
        scratch.Write("page.rpm", "<html>");

        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "verify", scratch.Root, "--key", certificate, "--json");

        Assert.AreEqual(4, outcome.ExitCode, "Damage weighs more than a file that is no RPM.");
        var items = BuiltTool.Json(outcome).GetProperty("items").EnumerateArray().ToDictionary(item => Path.GetFileName(item.GetProperty("path").GetString()!));
        Assert.IsTrue(items["tooltest-1.0-1.noarch.rpm"].GetProperty("ok").GetBoolean());
        Assert.AreEqual("REL4002", items["damaged.rpm"].GetProperty("problems")[0].GetProperty("id").GetString());
        Assert.AreEqual("REL4001", items["page.rpm"].GetProperty("problems")[0].GetProperty("id").GetString());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_dry_run_says_what_it_would_do_without_the_secret_key_and_writes_nothing()
    {
        using var scratch = new Scratch();
        var (key, file, _) = await PrepareAsync(scratch);
        var before = await File.ReadAllBytesAsync(file, Ct);

        var outcome = await BuiltTool.RunAsync(scratch.Folder("empty-home"), Ct, "sign", "--dry-run", "--key", key.Fingerprint, file);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.AreEqual($"would sign {file} with {key.Fingerprint}\n", outcome.Output);
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(file, Ct));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow(2, "REL4006", "sign", "FILE")]
    [DataRow(2, "REL4006", "sign", "FILE", "--key", "test@example.org")]
    [DataRow(5, "REL4007", "sign", "FILE", "--key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [DataRow(2, "REL0007", "verify", "empty", "--key", "CERT")]
    [DataRow(2, "REL4010", "verify", "FILE", "--key", "FILE")]
    [DataRow(2, "REL0007", "verify", "FILE", "--key", "missing.asc")]
    [DataRow(2, "REL0001", "verify", "FILE")]
    [DataRow(2, "REL0001", "verify")]
    public async Task What_cannot_be_done_ends_with_its_code_and_the_file_as_it_was(int exit, string id, params string[] words)
    {
        using var scratch = new Scratch();
        var (_, file, certificate) = await PrepareAsync(scratch);
        scratch.Folder("empty");
        var before = await File.ReadAllBytesAsync(file, Ct);

        var outcome = await BuiltTool.RunAsync(scratch.Folder("home"), Ct, [.. words.Select(word => word is "FILE" ? file : word is "CERT" ? certificate : word is "empty" ? scratch["empty"] : word)]);

        Assert.AreEqual(exit, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error {id} : ", outcome.Error, StringComparison.Ordinal);
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(file, Ct));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_key_of_the_settings_is_the_default_of_both()
    {
        using var scratch = new Scratch();
        var (key, file, _) = await PrepareAsync(scratch);
        scratch.Write("release.toml", $"[project]\nname = \"x\"\nlockfiles = [\"poetry.lock\"]\n\n[signing]\nkey = \"{key.Fingerprint}\"\n");

        var signed = await BuiltTool.RunAsync(key.Home, Ct, "-C", scratch.Root, "sign", Path.GetFileName(file));
        var verified = await BuiltTool.RunAsync(key.Home, Ct, "-C", scratch.Root, "verify", ".");

        Assert.AreEqual(0, signed.ExitCode, signed.Error);
        Assert.AreEqual($"signed {file} by {key.Fingerprint}\n", signed.Output);
        Assert.AreEqual(0, verified.ExitCode, verified.Error);
    }

    private static async Task<(TestKey Key, string File, string Certificate)> PrepareAsync(Scratch scratch)
    {
        var key = await TestKey.Ed25519;
        var file = scratch["tooltest-1.0-1.noarch.rpm"];
        File.Copy((await RpmFactory.BuildAsync(new("tooltest"))).Binary, file);
        var certificate = scratch["key.asc"];
        await File.WriteAllBytesAsync(certificate, (await key.PublicAsync(armor: true)).ToArray());
        return (key, file, certificate);
    }
}
