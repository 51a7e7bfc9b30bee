using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Sources;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>Sources that are made from tags: whom they believe, what is written down, and that it holds.</summary>
[TestClass]
public sealed class GitSourceTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_signed_tag_is_made_into_a_source_once_and_its_digest_written_down()
    {
        using var upstream = await TagProject.OfAliceAsync();
        await upstream.TagAsync("v1.0.0", await TestKey.Ed25519);
        using var project = await CreateAsync(upstream.Root, "", await TestKey.Ed25519);

        var early = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.FetchAsync(Ct));
        await project.RecordAsync(Ct);
        var lines = project.Sources;
        var first = await project.FetchAsync(Ct);
        await project.RecordAsync(Ct);
        project.EmptyCache();
        var again = await project.FetchAsync(Ct);

        Assert.AreEqual(Fault.SourceWithoutDigest, early.Fault);
        Assert.AreEqual("Write its digest down: dotnet release fetch --update tool", early.Remedy);
        Assert.StartsWith("SHA512 (tool-1.0.0.tar.gz) = ", lines, StringComparison.Ordinal);
        Assert.AreEqual(lines, project.Sources);
        Assert.AreEqual(VerifiedSource.Cache, first.From);
        Assert.AreEqual(lines.Split(" = ")[1].Trim(), again.Digest.Hex);
        Assert.Contains($"git+file://{upstream.Root}@v1.0.0", Assert.ContainsSingle(project.Reporter.Lines.Where(line => line.Contains("and proven", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    // cases.md 64, 65 and 66 for upstream's tags
    [TestMethod]
    [DataRow("unsigned", "REL7003")]
    [DataRow("only a ref", "REL7003")]
    [DataRow("another key", "REL7008")]
    [DataRow("expired key", "REL7007")]
    [DataRow("renamed", "REL7004")]
    [DataRow("altered", "REL7006")]
    [DataRow("weak hash", "REL7006")]
    [DataRow("in the future", "REL7006")]
    [DataRow("another commit", "REL7005")]
    [DataRow("missing", "REL2002")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_tag_that_nobody_vouches_for_is_no_source(string how, string fault)
    {
        using var upstream = await TagProject.OfAliceAsync();
        var alice = await TestKey.Ed25519;
        var expected = how is "expired key" ? await TestKey.Expired : alice;
        var rest = "";
        switch (how)
        {
            case "unsigned":
                await upstream.GitAsync("tag", "-a", "-m", "x", "v1.0.0");
                break;
            case "only a ref":
                await upstream.GitAsync("tag", "v1.0.0");
                break;
            case "another key":
                await upstream.TagAsync("v1.0.0", await TestKey.Rsa);
                break;
            case "expired key":
                await upstream.TagAsync("v1.0.0", expected, "--faked-system-time", "20200101T120000");
                break;
            case "renamed":
                await upstream.StoreAsync("v1.0.0", upstream.Payload("v0.9.0"), await TagProject.SignAsync(upstream.Payload("v0.9.0"), alice));
                break;
            case "altered":
                await upstream.StoreAsync("v1.0.0", upstream.Payload(), await TagProject.SignAsync(upstream.Payload("v0.9.0"), alice));
                break;
            case "weak hash":
                await upstream.TagAsync("v1.0.0", await TestKey.Rsa, "--digest-algo", "SHA1", "--allow-weak-digest-algos");
                expected = await TestKey.Rsa;
                break;
            case "in the future":
                await upstream.TagAsync("v1.0.0", alice, "--faked-system-time", "20400101T120000");
                break;
            case "another commit":
                await upstream.TagAsync("v1.0.0", alice);
                rest += $"commit = \"{new string('a', 40)}\"\n";
                break;
        }

        using var project = await CreateAsync(upstream.Root, rest, expected);

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.RecordAsync(Ct));

        Assert.AreEqual(fault, error.Fault.Id, error.Message);
        Assert.AreEqual("", project.Sources);
    }

    [TestMethod]
    [DataRow("its key", null)]
    [DataRow("another key", "REL7008")]
    [DataRow("for something else", "REL7006")]
    [DataRow("no key", "REL0003")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_tag_may_be_signed_with_ssh(string how, string? fault)
    {
        using var upstream = await TagProject.OfAliceAsync();
        var key = await SshTestKey.Ed25519;
        var signer = how is "another key" ? await SshTestKey.MakeAsync("ed25519") : key;
        var payload = upstream.Payload();
        await upstream.StoreAsync("v1.0.0", payload, await signer.SignAsync(payload, how is "for something else" ? "file" : "git"));
        using var project = await CreateAsync(upstream.Root, $"signed-by = [\"{(how is "no key" ? "ssh-ed25519 AAAA" : key.Public)}\"]\n");

        if (fault is null)
        {
            await project.RecordAsync(Ct);
            Assert.StartsWith("SHA512 (tool-1.0.0.tar.gz) = ", project.Sources, StringComparison.Ordinal);
            return;
        }

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.RecordAsync(Ct));
        Assert.AreEqual(fault, error.Fault.Id, error.Message);
        Assert.AreEqual("", project.Sources);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_commit_that_is_written_down_needs_no_signature_and_a_moved_tag_is_seen()
    {
        using var upstream = await TagProject.OfAliceAsync();
        await upstream.GitAsync("tag", "v1.0.0");
        using var project = await CreateAsync(upstream.Root, $"commit = \"{upstream.Commit}\"\nfolder = \"tool\"\n");
        await project.RecordAsync(Ct);

        upstream.Write("VERSION", "other\n");
        await upstream.CommitAsync("two");
        await upstream.GitAsync("tag", "-f", "v1.0.0");
        var fromCache = await project.FetchAsync(Ct);
        project.EmptyCache();
        var moved = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.FetchAsync(Ct));

        Assert.AreEqual(VerifiedSource.Cache, fromCache.From);
        Assert.AreEqual(Fault.TagTargetWrong, moved.Fault);
    }

    // cases.md 69 for sources
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_signed_tag_that_was_moved_does_not_change_what_was_written_down()
    {
        using var upstream = await TagProject.OfAliceAsync();
        var alice = await TestKey.Ed25519;
        await upstream.TagAsync("v1.0.0", alice);
        using var project = await CreateAsync(upstream.Root, "", alice);
        await project.RecordAsync(Ct);
        var lines = project.Sources;

        upstream.Write("VERSION", "1.0.0 again\n");
        await upstream.CommitAsync("two");
        await upstream.TagAsync("v1.0.0", alice);
        project.EmptyCache();
        var fetched = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.FetchAsync(Ct));
        var recorded = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.RecordAsync(Ct));

        Assert.AreEqual((Fault.SourceMismatch, Fault.SourceMismatch), (fetched.Fault, recorded.Fault));
        Assert.Contains(upstream.Commit, fetched.Message, StringComparison.Ordinal);
        Assert.AreEqual(lines, project.Sources);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_line_of_the_version_before_is_replaced()
    {
        using var upstream = await TagProject.OfAliceAsync();
        await upstream.GitAsync("tag", "v1.0.0");
        using var project = await CreateAsync(upstream.Root, $"commit = \"{upstream.Commit}\"\n");
        project.WriteSources($"# by hand\nSHA256 (data.bin) = {new string('b', 64)}\nSHA256 (tool-0.9.tar.gz) = {new string('a', 64)}\n");

        await project.RecordAsync(Ct);

        Assert.StartsWith($"# by hand\nSHA256 (data.bin) = {new string('b', 64)}\nSHA256 (tool-1.0.0.tar.gz) = ", project.Sources, StringComparison.Ordinal);
        Assert.HasCount(4, project.Sources.Split('\n'));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_projects_own_tag_is_a_source_and_a_tag_that_is_missing_is_named()
    {
        using var project = await CreateAsync(null, "");

        var missing = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.RecordAsync(Ct));
        await project.TagAsync("v1.0.0");
        await project.RecordAsync(Ct);
        var verified = await project.FetchAsync(Ct);

        Assert.AreEqual(Fault.TagUnknown, missing.Fault);
        Assert.AreEqual("tool-1.0.0.tar.gz", verified.File);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_repository_that_is_not_there_is_a_failure_of_the_remote()
    {
        using var project = await CreateAsync("/nowhere/at/all", $"commit = \"{new string('a', 40)}\"\n");

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.RecordAsync(Ct));

        Assert.AreEqual(Fault.RemoteFailed, error.Fault);
        Assert.Contains("git fetch file:///nowhere/at/all refs/tags/v1.0.0 -> exit 128", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("tool-1.2.tar.gz", "1.2")]
    [DataRow("tool-1.2~rc1.tar.gz", "1.2~rc1")]
    [DataRow("tool-extra-1.2.tar.gz", null)]
    [DataRow("tool-.tar.gz", null)]
    [DataRow("tool-1.2.tar", null)]
    [DataRow("atool-1.2.tar.gz", null)]
    public void A_rule_is_about_files_of_its_form(string file, string? version) =>
        Assert.AreEqual(version, new SourceRule("tool-{version}.tar.gz", default) { Git = new GitSource(null, "v{version}") }.VersionIn(file));

    private static async Task<SourceProject> CreateAsync(string? upstream, string rest, TestKey? key = null) =>
        await SourceProject.CreateAsync("tool-%{version}.tar.gz", $"git = \"{(upstream is null ? "." : $"file://{upstream}")}\"\n{rest}", key);
}
