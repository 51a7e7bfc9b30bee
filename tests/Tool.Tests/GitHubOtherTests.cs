using System.Text.Json;

namespace DotnetRelease.Tool.Tests;

/// <summary><c>github verify</c>, <c>github notes</c> and <c>upload-asset</c>.</summary>
[TestClass]
public sealed class GitHubOtherTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Verify_as_a_stranger_refuses_one_changed_byte()
    {
        await using var project = await GitHubProject.CreateAsync();
        var upload = await project.RunAsync(Ct, "github", "upload", "--publish");
        Assert.AreEqual(0, upload.ExitCode, upload.Error);
        var key = project.PathOf("project.asc");
        await File.WriteAllBytesAsync(key, (await project.Key.PublicAsync(armor: true)).ToArray(), Ct);

        var good = await project.RunAsStrangerAsync(Ct, "github", "verify", "--tag", "v1.2.0", "--key", key, "--json");
        project.Release.Assets.Single(asset => asset.Name is "hello-1.2.0.rpm").Bytes[0] ^= 1;
        var bad = await project.RunAsStrangerAsync(Ct, "github", "verify", "--tag", "v1.2.0", "--key", key);
        var badJson = await project.RunAsStrangerAsync(Ct, "github", "verify", "--key", key, "--json");

        Assert.AreEqual(0, good.ExitCode, good.Error);
        var json = BuiltTool.Json(good);
        Assert.IsTrue(json.GetProperty("ok").GetBoolean());
        Assert.IsTrue(json.GetProperty("stranger").GetBoolean());
        Assert.AreEqual(5, json.GetProperty("items").GetArrayLength());
        Assert.AreEqual(4, bad.ExitCode);
        Assert.Contains("refused hello-1.2.0.rpm has digest", bad.Output, StringComparison.Ordinal);
        Assert.Contains("REL6016", bad.Error, StringComparison.Ordinal);
        Assert.AreEqual(4, badJson.ExitCode);
        Assert.IsFalse(BuiltTool.Json(badJson).GetProperty("ok").GetBoolean());
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Verify_of_a_draft_needs_a_token_and_says_that_strangers_do_not_see_it()
    {
        await using var project = await GitHubProject.CreateAsync();
        _ = await project.RunAsync(Ct, "github", "upload");

        var stranger = await project.RunAsStrangerAsync(Ct, "github", "verify");
        var known = await project.RunAsync(Ct, "github", "verify", "--json");

        Assert.AreEqual(6, stranger.ExitCode);
        Assert.Contains("A draft or a private repository needs a token", stranger.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, known.ExitCode, known.Error);
        Assert.IsFalse(BuiltTool.Json(known).GetProperty("stranger").GetBoolean());
        Assert.Contains("Strangers cannot see", known.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Verify_notices_a_tag_that_was_moved_afterwards()
    {
        await using var project = await GitHubProject.CreateAsync();
        _ = await project.RunAsync(Ct, "github", "upload", "--publish");
        project.Server.Tags["v1.2.0"] = new string('f', 40);

        var outcome = await project.RunAsStrangerAsync(Ct, "github", "verify");

        Assert.AreEqual(4, outcome.ExitCode, outcome.Error);
        Assert.Contains("tag v1.2.0 leads to ffff", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Notes_come_from_the_changelog_without_network_and_from_pull_requests_without_a_token()
    {
        await using var project = await GitHubProject.CreateAsync();
        project.Server.Add("v1.1.0", isDraft: false).Published = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        project.Server.Pulls.Add(JsonSerializer.SerializeToNode(new
        {
            number = 12,
            title = "Say hello",
            body = "Fixes #7",
            user = new { login = "alice" },
            updated_at = "2026-01-05T00:00:00Z",
            merged_at = "2026-01-05T00:00:00Z",
        }));
        project.Write("notes.md", "# {project} {version}\n\n{changelog}\n\n{pulls}\n");

        var changelog = await project.RunAsStrangerAsync(Ct, "github", "notes");
        Assert.IsEmpty(project.Server.Requests);
        var pulls = await project.RunAsStrangerAsync(Ct, "github", "notes", "--from", "pulls", "--json");
        var template = await project.RunAsStrangerAsync(Ct, "github", "notes", "--from", "notes.md");
        var missing = await project.RunAsStrangerAsync(Ct, "github", "notes", "--tag", "v9.9.9");

        Assert.AreEqual("- It says hello.\n", changelog.Output);
        Assert.Contains("the section of 1.2.0, lines 3 to 6 of CHANGELOG.md", changelog.Error, StringComparison.Ordinal);
        Assert.AreEqual("- Say hello (#12, fixes #7) by @alice", BuiltTool.Json(pulls).GetProperty("notes").GetString());
        Assert.Contains("1 merged since v1.1.0 of 2026-01-01 00:00Z", pulls.Error, StringComparison.Ordinal);
        Assert.AreEqual("# hello 1.2.0\n\n- It says hello.\n\n- Say hello (#12, fixes #7) by @alice\n\n", template.Output);
        Assert.AreEqual(2, missing.ExitCode);
        Assert.Contains("no section for 9.9.9", missing.Error, StringComparison.Ordinal);
        Assert.IsTrue(project.Server.RawRequests.All(request => request["Authorization"] is null));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Upload_asset_finds_the_draft_of_a_tag_and_the_newest_one_without()
    {
        await using var project = await GitHubProject.CreateAsync();
        project.Server.PageSize = 1;
        project.Server.Add("v1.2.0");
        project.Server.Add("v1.3.0");
        project.Server.Add("v1.1.0", isDraft: false);

        // As the script that it replaces: a draft by its tag, the newest draft, a token from a file.
        var tagged = await project.RunAsStrangerAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt", "--tag", "v1.2.0", "--token-file", project.TokenFile());
        var newest = await project.RunAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt", "dist/hello-1.2.0.tar.gz", "--json");
        var published = await project.RunAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt", "--tag", "v1.1.0");
        var unknown = await project.RunAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt", "--tag", "v7");

        Assert.AreEqual((0, 0, 0, 6), (tagged.ExitCode, newest.ExitCode, published.ExitCode, unknown.ExitCode), tagged.Error + newest.Error + published.Error);
        Assert.HasCount(1, project.Server.ReleaseOf("v1.2.0").Assets);
        Assert.HasCount(2, project.Server.ReleaseOf("v1.3.0").Assets);
        Assert.HasCount(1, project.Server.ReleaseOf("v1.1.0").Assets);
        Assert.IsTrue(project.Server.ReleaseOf("v1.2.0").IsDraft);
        Assert.AreEqual("v1.3.0", BuiltTool.Json(newest).GetProperty("release").GetProperty("tag").GetString());
        Assert.IsFalse(File.Exists(project.PathOf("dist/checksums.txt")));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Upload_asset_twice_is_fine_and_other_bytes_are_not()
    {
        await using var project = await GitHubProject.CreateAsync();
        project.Server.Add("v1.2.0");
        _ = await project.RunAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt");

        // The script died with 422 already_exists here.
        var again = await project.RunAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt");
        project.Write("dist/hello-1.2.0.txt", "other text");
        var conflict = await project.RunAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt");
        var replaced = await project.RunAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt", "--replace");

        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.Contains("already there hello-1.2.0.txt", again.Output, StringComparison.Ordinal);
        Assert.AreEqual(8, conflict.ExitCode);
        Assert.Contains("--replace", conflict.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, replaced.ExitCode, replaced.Error);
        Assert.AreEqual("other text", System.Text.Encoding.UTF8.GetString(project.Release.Assets.Single().Bytes));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Upload_asset_never_uploads_the_token_a_folder_or_a_name_that_GitHub_changes()
    {
        await using var project = await GitHubProject.CreateAsync();
        project.Server.Add("v1.2.0");
        var token = project.TokenFile("secret.txt");
        File.CreateSymbolicLink(project.PathOf("link.txt"), token);
        project.Write("copy.txt", $"my notes\ntoken={project.Server.Token}\n");
        project.Write("with space.txt", "x");

        // The script compared the texts of the paths, so './token' passed; and 'find | xargs' handed it the folder itself.
        foreach (var path in (string[])["secret.txt", "./secret.txt", "dist/../secret.txt", "link.txt", "copy.txt"])
        {
            var outcome = await project.RunAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt", path, "--token-file", token);
            Assert.AreEqual(4, outcome.ExitCode, path);
            Assert.Contains("REL6009", outcome.Error, StringComparison.Ordinal, path);
        }

        var folder = await project.RunAsync(Ct, "upload-asset", "dist", "dist/hello-1.2.0.txt");
        var name = await project.RunAsync(Ct, "upload-asset", "dist/hello-1.2.0.txt", "with space.txt");

        Assert.AreEqual((2, 2), (folder.ExitCode, name.ExitCode));
        Assert.Contains("is a folder", folder.Error, StringComparison.Ordinal);
        Assert.Contains("with space.txt", name.Error, StringComparison.Ordinal);
        Assert.IsEmpty(project.Server.Changes, "nothing was sent, not even the good file");
    }
}
