using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class TagVerifyTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_good_tag_ends_with_0_in_words_and_in_json()
    {
        using var project = await TagProject.OfAliceAsync();
        var (alice, id) = (await TestKey.Ed25519, await project.TagAsync("v1.0.0", await TestKey.Ed25519));

        var words = await RunAsync(project, "v1.0.0");
        var json = await RunAsync(project, "v1.0.0", "--json");

        Assert.AreEqual(0, words.ExitCode, words.Error);
        Assert.StartsWith($"v1.0.0 may release server 1.0.0 to stable\n  signed by   {alice.Fingerprint} (alice) on ", words.Output, StringComparison.Ordinal);
        Assert.AreEqual(0, json.ExitCode, json.Error);
        var document = BuiltTool.Json(json);
        Assert.AreEqual((1, true), (document.GetProperty("schema").GetInt32(), document.GetProperty("ok").GetBoolean()));
        Assert.AreEqual((id, project.Commit), (document.GetProperty("tag").GetProperty("object").GetString(), document.GetProperty("tag").GetProperty("commit").GetString()));
        Assert.AreEqual(("alice", alice.Fingerprint), (document.GetProperty("signer").GetProperty("name").GetString(), document.GetProperty("signer").GetProperty("fingerprint").GetString()));
        Assert.AreEqual(project.Commit, document.GetProperty("maintainers").GetProperty("commit").GetString());
        Assert.AreEqual("source binary", string.Join(' ', document.GetProperty("kinds").EnumerateArray().Select(kind => kind.GetString())));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_64_and_65_refusals_end_with_4_and_the_words_of_the_contract()
    {
        using var project = await TagProject.OfAliceAsync();
        var (alice, id) = (await TestKey.Ed25519, await project.TagAsync("v1.0.0", await TestKey.Ed25519));
        await project.GitAsync("update-ref", "refs/tags/v2.0.0", id);

        var renamed = await RunAsync(project, "v2.0.0");
        var package = await RunAsync(project, "v1.0.0", "--for", "docs");
        var channel = await RunAsync(project, "v1.0.0", "--channel", "nightly", "--json");

        Assert.AreEqual((4, 4, 4), (renamed.ExitCode, package.ExitCode, channel.ExitCode));
        Assert.Contains($"error REL7004 : refs/tags/v2.0.0 points to a tag object named \"v1.0.0\" ({id}). Renamed tags are refused", renamed.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"error REL7009 : refs/tags/v1.0.0 is signed by {alice.Fingerprint} (alice), who may release: server to stable; not \"docs\" to stable. Allow-list commit {project.Commit}.",
            package.Error,
            StringComparison.Ordinal);
        Assert.AreEqual("REL7009", BuiltTool.Json(channel).GetProperty("error").GetProperty("id").GetString());
        Assert.AreEqual(3, project.Ledger.Split("tag-refused").Length - 1);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_list_on_another_revision_and_a_commit_can_be_named()
    {
        using var project = await TagProject.OfAliceAsync();
        var safe = project.Commit;
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        project.Write("maintainers.toml", "");
        await project.CommitAsync("nobody");

        var nobody = await RunAsync(project, "v1.0.0");
        var somebody = await RunAsync(project, "v1.0.0", "--maintainers", safe, "--commit", safe, "--kind", "source", "--json");
        var another = await RunAsync(project, "v1.0.0", "--maintainers", safe, "--commit", "HEAD");

        Assert.AreEqual((4, 0, 4), (nobody.ExitCode, somebody.ExitCode, another.ExitCode), somebody.Error);
        Assert.Contains("REL7020", nobody.Error, StringComparison.Ordinal);
        Assert.Contains("REL7005", another.Error, StringComparison.Ordinal);
        Assert.AreEqual(safe, BuiltTool.Json(somebody).GetProperty("maintainers").GetProperty("commit").GetString());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_dry_run_decides_and_writes_nothing()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Rsa);

        var outcome = await RunAsync(project, "v1.0.0", "--dry-run");

        Assert.AreEqual(4, outcome.ExitCode);
        Assert.AreEqual("", project.Ledger);
        Assert.IsFalse(Directory.Exists(Path.Combine(project.Root, ".release")));
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("REL0001", "-x")]
    [DataRow("REL0001", "a..b")]
    [DataRow("REL0001")]
    [DataRow("REL0001", "v1.0.0", "--kind", "everything")]
    [DataRow("REL7001", "v9")]
    [DataRow("REL1003", "v1.0.0", "--maintainers", "origin/main")]
    [DataRow("REL1003", "v1.0.0", "--commit", "nowhere")]
    public async Task A_mistake_is_no_refusal_and_ends_with_2(string id, params string[] words)
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);

        var outcome = await RunAsync(project, words);

        Assert.AreEqual(2, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error {id} : ", outcome.Error, StringComparison.Ordinal);
        Assert.AreEqual("", project.Ledger);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task No_file_stays_behind_in_the_folder_for_temporary_files()
    {
        using var project = await TagProject.OfAliceAsync();
        using var scratch = new Scratch();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);

        var outcome = await Exec.RunAsync(BuiltTool.Command(scratch.Folder("home"), "-C", project.Root, "tag", "verify", "v1.0.0").With("TMPDIR", scratch.Folder("tmp")), Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.AreEqual("", string.Join(' ', Directory.EnumerateFileSystemEntries(scratch["tmp"])));
        Assert.IsFalse(Directory.Exists(Path.Combine(scratch["home"], ".gnupg")), "The user's own keyring was touched.");
    }

    private Task<Outcome> RunAsync(TagProject project, params string[] words) => BuiltTool.RunAsync(project.Root, Ct, ["tag", "verify", .. words]);
}
