using System.IO.Compression;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tasks.Tests;

[TestClass]
public sealed class ReleaseTargetTests(TestContext test)
{
    private const int Patience = 300_000;
    private const string Tag = "v1.0.0";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_signed_tag_is_an_item_and_an_unsigned_one_an_error()
    {
        using var project = await TaggedAsync();

        var accepted = (await project.ItemsAsync("DotnetReleaseVerifyTag", "DotnetReleaseTagAccepted", $"-p:DotnetReleaseTag={Tag}")).Single();
        Assert.AreEqual($"{Tag} hello 1.0.0 alice", string.Join(' ', ((string[])["Identity", "Package", "Version", "Signer"]).Select(name => accepted.Value.GetProperty(name).GetString())));

        await GitAsync(project, "tag", "-f", "-a", "-m", "not signed", Tag);
        var refused = await project.RunAsync("build", "--no-restore", "-t:DotnetReleaseVerifyTag", $"-p:DotnetReleaseTag={Tag}");
        Assert.AreEqual(1, refused.ExitCode);
        StringAssert.Matches(refused.Output, new("error REL70\\d\\d: "));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_release_is_drafted_with_a_token_that_no_log_has()
    {
        await using var server = new FakeGitHub();
        using var project = await TaggedAsync();
        server.Tags[Tag] = (await GitAsync(project, "rev-parse", "HEAD")).Trim();
        project.Environment["GITHUB_API_URL"] = server.Url;
        project.Environment["GITHUB_TOKEN"] = server.Token;

        var assets = await project.ItemsAsync("DotnetReleaseGitHub", "DotnetReleaseAsset", $"-p:DotnetReleaseTag={Tag}", "-bl:all.binlog");

        CollectionAssert.AreEquivalent((string[])["checksums.txt", "checksums.txt.asc", "hello.txt"], assets.Keys.ToArray());
        Assert.AreEqual(Digest.Of("hello\n").Hex, assets["hello.txt"].GetProperty("Sha256").GetString());
        Assert.IsTrue(server.ReleaseOf(Tag).IsDraft);
        using var log = new GZipStream(File.OpenRead(project["all.binlog"]), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        await log.CopyToAsync(bytes, Ct);
        Assert.AreEqual(-1, bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(server.Token)));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("DotnetReleaseGitHub")]
    public async Task A_strangers_event_ends_what_needs_a_token(string target)
    {
        // Case 87.
        await using var server = new FakeGitHub();
        using var project = await TaggedAsync();
        project.Write("event.json", """{"pull_request":{"head":{"repo":{"full_name":"stranger/project"}},"base":{"repo":{"full_name":"owner/project"}}}}""");
        project.Environment["GITHUB_EVENT_NAME"] = "pull_request";
        project.Environment["GITHUB_EVENT_PATH"] = project["event.json"];
        project.Environment["GITHUB_API_URL"] = server.Url;
        project.Environment["GITHUB_TOKEN"] = server.Token;

        var outcome = await project.RunAsync("build", "--no-restore", $"-t:{target}", $"-p:DotnetReleaseTag={Tag}");

        Assert.AreEqual(1, outcome.ExitCode);
        StringAssert.Matches(outcome.Output, new("error REL0014: '" + target + "' does not run in the event 'pull_request'"));
        Assert.IsEmpty(server.Requests);
    }

    private async Task<RpmProject> TaggedAsync()
    {
        var key = await TestKey.Ed25519;
        var project = await RpmProject.CreateAsync(Ct);
        project.GnupgHome = key.Home;
        project.Replace("release.toml", "name = \"hello\"\nlockfiles", $"name = \"hello\"\ngithub = \"{FakeGitHub.Repository}\"\nlockfiles");
        project.Write("release.toml", await File.ReadAllTextAsync(project["release.toml"], Ct) + $"\n[signing]\nkey = \"{key.Fingerprint}\"\n[github]\nassets = [\"hello.txt\"]\n");
        project.Write("CHANGELOG.md", "# Changelog\n\n## 1.0.0\n\n- First.\n");
        project.Write("hello.txt", "hello\n");
        project.Write(".gitignore", "/bin\n/obj\n/packages\n/dist\n/.release\n/distro.tar\n/event.json\n/*.binlog\n");
        project.Write("keys/alice.asc", Encoding.UTF8.GetString((await key.PublicAsync(armor: true)).Span));
        project.Write("maintainers.toml", $"""
            [[maintainer]]
            name = "alice"
            fingerprint = "{key.Fingerprint}"
            key = "keys/alice.asc"
            packages = ["hello"]
            channels = ["stable"]
            """);
        await GitAsync(project, "init", "-q", "-b", "main");
        await GitAsync(project, "add", "-A");
        await GitAsync(project, "commit", "-qm", "Ready");
        await GitAsync(project, "-c", $"user.signingkey={key.Fingerprint}", "tag", "-s", "-m", "hello 1.0.0", Tag);
        return project;
    }

    private async Task<string> GitAsync(RpmProject project, params string[] arguments) => (await Exec.ReadAsync(
        new Command("git", ["-C", project.Root, "-c", "user.name=T", "-c", "user.email=t@example.org", .. arguments])
            .With("GIT_CONFIG_NOSYSTEM", "1").With("GIT_CONFIG_GLOBAL", "/dev/null").With("GNUPGHOME", project.GnupgHome), Ct)).Output;
}
