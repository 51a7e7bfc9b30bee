using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class GitHubUploadTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_draft_is_filled_then_published_and_verified_and_a_third_run_changes_nothing()
    {
        await using var project = await GitHubProject.CreateAsync();

        var draft = await project.RunAsync(Ct, "github", "upload");
        Assert.AreEqual(0, draft.ExitCode, draft.Error);
        Assert.IsTrue(project.Release.IsDraft);
        CollectionAssert.AreEqual(GitHubProject.AssetNames, project.Remote());
        Assert.StartsWith("- It says hello.\n\n<!-- dotnet-release tag=v1.2.0 commit=", project.Release.Body, StringComparison.Ordinal);
        Assert.Contains("next: dotnet release github upload --tag v1.2.0 --publish", draft.Output, StringComparison.Ordinal);

        var published = BuiltTool.Json(await project.RunAsync(Ct, "github", "upload", "--tag", "v1.2.0", "--publish", "--json"));
        Assert.IsFalse(project.Release.IsDraft);
        Assert.AreEqual("published", published.GetProperty("release").GetProperty("state").GetString());
        Assert.AreEqual(project.Commit, published.GetProperty("release").GetProperty("commit").GetString());
        Assert.IsTrue(published.GetProperty("verified").GetBoolean());
        Assert.AreEqual(project.Key.Fingerprint, published.GetProperty("signer").GetString());
        Assert.IsTrue(published.GetProperty("assets").EnumerateArray().All(asset => asset.GetProperty("state").GetString() is "present"));

        var changes = project.Server.Changes.Count;
        var again = await project.RunAsync(Ct, "github", "upload", "--publish");
        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.Contains("already published", again.Output, StringComparison.Ordinal);
        Assert.HasCount(changes, project.Server.Changes, "case 98");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_dry_run_needs_no_token_and_no_network_and_writes_nothing()
    {
        await using var project = await GitHubProject.CreateAsync();

        var outcome = await Exec.RunAsync(project.Stranger("github", "upload", "--publish", "--dry-run").With("GNUPGHOME", project.Home), Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.Contains($"upload hello-1.2.0.rpm 7 bytes {Digest.Of("the rpm")}", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"a draft for v1.2.0 of commit {project.Commit}", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("PATCH the draft: publish", outcome.Output, StringComparison.Ordinal);
        Assert.IsEmpty(project.Server.Requests, "case 95");
        Assert.IsFalse(File.Exists(project.PathOf("dist/checksums.txt")));
    }

    [TestMethod]
    [DataRow("github.sign")]
    [DataRow("github.draft")]
    [DataRow("github.draft.created")]
    [DataRow("github.upload")]
    [DataRow("github.uploaded.1")]
    [DataRow("github.uploaded.3")]
    [DataRow("github.publish")]
    [DataRow("github.published")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_run_that_was_killed_is_finished_by_the_next(string point)
    {
        await using var project = await GitHubProject.CreateAsync();

        var killed = await Exec.RunAsync(project.Command("github", "upload", "--publish").With("DOTNET_RELEASE_FAIL_AT", point), Ct);
        Assert.AreEqual(137, killed.ExitCode, killed.Error);
        Assert.AreEqual(point is "github.published", project.Server.Releases is [{ IsDraft: false }], "case 79: a draft until all is verified");
        var complete = project.Server.Releases.SelectMany(release => release.Assets).Select(asset => asset.Id).ToList();
        var next = await project.RunAsync(Ct, "github", "upload", "--publish");

        Assert.AreEqual(0, next.ExitCode, next.Error);
        Assert.AreEqual(GitHubProject.Tag, project.Server.Releases.Single().Tag);
        Assert.IsFalse(project.Release.IsDraft);
        CollectionAssert.AreEqual(GitHubProject.AssetNames, project.Remote(), "case 79: no duplicate");
        CollectionAssert.IsSubsetOf(complete, project.Release.Assets.Select(asset => asset.Id).ToList(), "behaviour 35: what was complete is not sent again");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Another_machine_goes_on_with_the_signature_that_is_there()
    {
        await using var project = await GitHubProject.CreateAsync();
        var first = await project.RunAsync(Ct, "github", "upload");
        Assert.AreEqual(0, first.ExitCode, first.Error);
        var signature = project.Release.Assets.Single(asset => asset.Name is "checksums.txt.asc");
        File.Delete(project.PathOf("dist/checksums.txt"));
        File.Delete(project.PathOf("dist/checksums.txt.asc"));

        // A signature carries its second; within the same one it could come out equal.
        await Task.Delay(TimeSpan.FromSeconds(1.1), Ct);
        var second = await project.RunAsync(Ct, "github", "upload", "--publish");

        Assert.AreEqual(0, second.ExitCode, second.Error);
        Assert.AreEqual(signature.Id, project.Release.Assets.Single(asset => asset.Name is "checksums.txt.asc").Id);
        CollectionAssert.AreEqual(signature.Bytes, await File.ReadAllBytesAsync(project.PathOf("dist/checksums.txt.asc"), Ct));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_draft_of_another_commit_and_other_bytes_are_conflicts()
    {
        await using var project = await GitHubProject.CreateAsync();
        _ = await project.RunAsync(Ct, "github", "upload");
        project.Write("dist/hello-1.2.0.txt", "other text");
        var bytes = await project.RunAsync(Ct, "github", "upload");
        var draft = project.Server.Releases.Single();
        draft.Body = draft.Body.Replace(project.Commit, new string('f', 40), StringComparison.Ordinal);
        var commit = await project.RunAsync(Ct, "github", "upload");

        Assert.AreEqual(8, bytes.ExitCode);
        Assert.Contains("REL6010", bytes.Error, StringComparison.Ordinal);
        Assert.Contains("hello-1.2.0.txt", bytes.Error, StringComparison.Ordinal);
        Assert.AreEqual(8, commit.ExitCode);
        Assert.Contains("REL6011", commit.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_pattern_that_finds_nothing_and_two_files_of_one_name_end_the_run_before_GitHub_is_asked()
    {
        await using var project = await GitHubProject.CreateAsync();
        project.Write("dist/rpm/other/hello-1.2.0.rpm", "another rpm");
        var twice = await project.RunAsync(Ct, "github", "upload");
        project.Write("dist/rpm/other/hello-1.2.0.rpm", "the rpm");
        File.Delete(project.PathOf("dist/hello-1.2.0.tar.gz"));
        Directory.CreateDirectory(project.PathOf("dist/folder.tar.gz"));
        var nothing = await project.RunAsync(Ct, "github", "upload", "--json");

        Assert.AreEqual(2, twice.ExitCode);
        Assert.Contains("dist/rpm/other/hello-1.2.0.rpm' would both be the asset", twice.Error, StringComparison.Ordinal);
        Assert.AreEqual(2, nothing.ExitCode, "behaviour 36");
        Assert.Contains("'dist/*.tar.gz' of github.assets finds no file", BuiltTool.Json(nothing).GetProperty("error").GetProperty("text").GetString()!, StringComparison.Ordinal);
        Assert.IsEmpty(project.Server.Requests);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_token_that_may_only_read_is_refused_before_anything_is_sent()
    {
        await using var project = await GitHubProject.CreateAsync();
        project.Server.Misbehave = async (request, answer) =>
        {
            if (request.Target is not "/repos/octo/hello")
            {
                return false;
            }

            await answer.OkAsync("""{"full_name":"octo/hello","private":false,"permissions":{"push":false}}"""u8.ToArray());
            return true;
        };

        var outcome = await project.RunAsync(Ct, "github", "upload");

        Assert.AreEqual(6, outcome.ExitCode, "case 80");
        Assert.Contains("contents=write", outcome.Error, StringComparison.Ordinal);
        Assert.IsEmpty(project.Server.Changes);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_key_that_has_expired_or_is_not_here_ends_the_run_before_GitHub_is_asked()
    {
        await using var project = await GitHubProject.CreateAsync();
        var expired = await TestKey.Expired;

        var missing = await Exec.RunAsync(project.Command("github", "upload").With("GNUPGHOME", expired.Home), Ct);
        project.Write("release.toml", (await File.ReadAllTextAsync(project.PathOf("release.toml"), Ct)).Replace(project.Key.Fingerprint, expired.Fingerprint, StringComparison.Ordinal));
        var old = await Exec.RunAsync(project.Command("github", "upload").With("GNUPGHOME", expired.Home), Ct);

        Assert.AreEqual((5, 4), (missing.ExitCode, old.ExitCode), missing.Error + old.Error);
        Assert.IsEmpty(project.Server.Requests);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Without_a_key_the_checksums_are_not_signed_and_that_is_said()
    {
        await using var project = await GitHubProject.CreateAsync();
        project.Write("release.toml", "[project]\nname = \"hello\"\ngithub = \"octo/hello\"\n");

        var outcome = await project.RunAsync(Ct, "github", "upload", "dist/hello-1.2.0.txt");

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.Contains("is not signed", outcome.Error, StringComparison.Ordinal);
        CollectionAssert.AreEqual((string[])["checksums.txt", "hello-1.2.0.txt"], project.Remote());
    }
}
