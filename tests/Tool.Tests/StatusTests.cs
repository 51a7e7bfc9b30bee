using System.Text.Json;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Tool.Tests;

/// <summary><c>status</c>: the world is asked, and what the ledger remembers is held against it.</summary>
[TestClass]
public sealed class StatusTests(TestContext test)
{
    private const int Patience = 240_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_goes_from_planned_to_live()
    {
        using var project = await ShipProject.CreateAsync(await TestKey.Rsa);

        Assert.AreEqual("planned", (await StateAsync(project)).GetProperty("state").GetString());

        await project.BuildAsync(Ct);
        Assert.AreEqual("built", (await StateAsync(project)).GetProperty("state").GetString());

        Assert.AreEqual(0, (await project.RunAsync(Ct, "sign", Path.Combine(project.Results, "hello-1.0-1.noarch.rpm"))).ExitCode);
        Assert.AreEqual("built", (await StateAsync(project)).GetProperty("state").GetString(), "the source package is not signed yet");

        Assert.AreEqual(0, (await project.RunAsync(Ct, "sign", Path.Combine(project.Results, "hello-1.0-1.src.rpm"))).ExitCode);
        var signed = await StateAsync(project);
        Assert.AreEqual("signed", signed.GetProperty("state").GetString());
        Assert.AreEqual("hello 1.0 local", $"{signed.GetProperty("name")} {signed.GetProperty("version")} {signed.GetProperty("target")}");

        await PublishAsync(project, "qa");
        var published = await StateAsync(project);
        Assert.AreEqual("published", published.GetProperty("state").GetString());
        Assert.EndsWith("/srv/qa/hello/local/", published.GetProperty("where").GetString(), StringComparison.Ordinal);
        Assert.AreEqual(signed.GetProperty("sha256").GetString(), published.GetProperty("sha256").GetString());

        await PublishAsync(project, "prod");
        Assert.AreEqual("live", (await StateAsync(project)).GetProperty("state").GetString());
        Assert.AreEqual(0, (await StateAsync(project)).GetProperty("drift").GetArrayLength());
    }

    /// <summary>Case 92: a package replaced behind our back, with and without a look at the bytes.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task One_changed_byte_of_a_served_package_is_found_by_check()
    {
        using var project = await PublishedAsync();
        var path = project["srv/qa/hello/local/hello-1.0-1.noarch.rpm"];
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Ct);

        var believed = await project.RunAsync(Ct, "status");
        var proven = await project.RunAsync(Ct, "status", "--check");
        var json = await project.JsonAsync(8, Ct, "status", "--check");

        Assert.AreEqual(0, believed.ExitCode, believed.Error);
        Assert.AreEqual(8, proven.ExitCode);
        Assert.Contains("error REL9010", proven.Error, StringComparison.Ordinal);
        Assert.Contains("hello-1.0-1.noarch.rpm' has sha256", proven.Error, StringComparison.Ordinal);
        var drift = json.GetProperty("packages")[0].GetProperty("drift")[0];
        Assert.AreEqual("different qa local", $"{drift.GetProperty("kind")} {drift.GetProperty("where")}");
    }

    /// <summary>Case 92: a package that was published and is gone.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_repository_that_was_emptied_is_missing_what_the_ledger_knows()
    {
        using var project = await PublishedAsync();
        Assert.AreEqual(0, (await project.RunAsync(Ct, "status", "--rebuild")).ExitCode);
        Directory.Delete(project["srv/qa/hello/local"], recursive: true);

        var json = await project.JsonAsync(8, Ct, "status");

        var package = json.GetProperty("packages")[0];
        Assert.AreEqual("signed", package.GetProperty("state").GetString());
        Assert.AreEqual("missing missing", string.Join(' ', package.GetProperty("drift").EnumerateArray().Select(each => each.GetProperty("kind").GetString())));
    }

    /// <summary>Cases 55 and 92: everything in old metadata is right, only that it is old.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_repository_that_serves_an_older_revision_was_rolled_back()
    {
        using var project = await PublishedAsync();
        var (folder, old) = (project["srv/qa/hello/local"], project["srv/old"]);
        await CopyAsync(folder, old);
        project.WriteSpec("1.1");
        await project.CommitAsync("1.1");
        await project.BuildAsync(Ct);
        Assert.AreEqual(0, (await project.RunAsync(Ct, ["sign", .. Directory.GetFiles(project.Results, "hello-1.1-1.*.rpm")])).ExitCode);
        await PublishAsync(project, "qa");
        Assert.AreEqual(0, (await project.RunAsync(Ct, "status", "--rebuild")).ExitCode);
        Directory.Delete(folder, recursive: true);
        await CopyAsync(old, folder);

        var json = await project.JsonAsync(8, Ct, "status", "--check");

        var kinds = json.GetProperty("packages").EnumerateArray().SelectMany(package => package.GetProperty("drift").EnumerateArray()).Select(each => each.GetProperty("kind").GetString()).ToList();
        CollectionAssert.Contains(kinds, "rolled-back");
        CollectionAssert.Contains(kinds, "missing");
    }

    /// <summary>Case 55 without a ledger: the record that the maintainers signed lies beside the metadata.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Old_metadata_beside_the_newest_record_is_a_rollback_though_the_ledger_is_lost()
    {
        using var project = await PublishedAsync();
        var repodata = project["srv/qa/hello/local/repodata"];
        var old = new[] { "repomd.xml", "repomd.xml.asc" }.ToDictionary(name => Path.Combine(repodata, name), name => File.ReadAllBytes(Path.Combine(repodata, name)));
        project.WriteSpec("1.1");
        await project.CommitAsync("1.1");
        await project.BuildAsync(Ct);
        Assert.AreEqual(0, (await project.RunAsync(Ct, ["sign", .. Directory.GetFiles(project.Results, "hello-1.1-1.*.rpm")])).ExitCode);
        await PublishAsync(project, "qa");
        File.Delete(project[".release/ledger.jsonl"]);
        foreach (var (path, bytes) in old)
        {
            await File.WriteAllBytesAsync(path, bytes, Ct);
        }

        var json = await project.JsonAsync(8, Ct, "status", "--check");

        var drift = json.GetProperty("packages").EnumerateArray().SelectMany(package => package.GetProperty("drift").EnumerateArray()).ToList();
        Assert.IsTrue(drift.Exists(each => each.GetProperty("kind").GetString() is "rolled-back"), json.ToString());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_that_nobody_here_published_is_extra()
    {
        using var project = await PublishedAsync();
        Assert.AreEqual(0, (await project.RunAsync(Ct, "status", "--rebuild")).ExitCode);
        var stranger = await RpmFactory.BuildAsync(new RpmRecipe("stranger"));
        var copy = project["dist/stranger.rpm"];
        File.Copy(stranger.Binary, copy);
        Assert.AreEqual(0, (await project.RunAsync(Ct, "sign", copy)).ExitCode);
        var ledger = await File.ReadAllBytesAsync(project[".release/ledger.jsonl"], Ct);
        Assert.AreEqual(0, (await project.RunAsync(Ct, "publish", "--to", "qa", copy)).ExitCode);
        await File.WriteAllBytesAsync(project[".release/ledger.jsonl"], ledger, Ct);

        var believed = await project.RunAsync(Ct, "status");
        var json = await project.JsonAsync(8, Ct, "status", "--check");

        Assert.AreEqual(0, believed.ExitCode, believed.Error);
        var extra = json.GetProperty("packages").EnumerateArray().Single(package => package.GetProperty("name").GetString() == "stranger");
        Assert.AreEqual("extra", extra.GetProperty("drift")[0].GetProperty("kind").GetString());
    }

    /// <summary>Case 92 on GitHub: an asset deleted, one replaced, one added, and the whole release gone.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_changed_on_GitHub_behind_our_back_is_named()
    {
        await using var gitHub = new FakeGitHub();
        using var project = await ShipProject.CreateAsync(await TestKey.Rsa, gitHub: gitHub);
        await project.TagAsync("v1.0");
        await project.BuildAsync(Ct);
        gitHub.Tags["v1.0"] = (await project.GitAsync("rev-parse", "HEAD")).Trim();
        Assert.AreEqual(0, (await project.RunAsync(Ct, "ship", "--yes-to", "prod")).ExitCode);
        Assert.AreEqual(0, (await project.RunAsync(Ct, "status", "--check")).ExitCode);

        var assets = gitHub.ReleaseOf("v1.0").Assets;
        assets.RemoveAll(asset => asset.Name == "hello-1.0-1.src.rpm");
        var json = await project.JsonAsync(8, Ct, "status", "--check");
        gitHub.Releases.Clear();
        var gone = await project.JsonAsync(8, Ct, "status", "--check");

        Assert.AreEqual("missing GitHub v1.0 The release v1.0 on GitHub has no asset hello-1.0-1.src.rpm any more.", Drift(json));
        Assert.AreEqual("missing GitHub v1.0 GitHub has no published release of v1.0 any more.", Drift(gone));
    }

    private static string Drift(JsonElement status) => string.Join('\n', status.GetProperty("drift").EnumerateArray()
        .Select(each => $"{each.GetProperty("kind")} {each.GetProperty("where")} {each.GetProperty("text")}"));

    /// <summary>Case 90.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_deleted_ledger_is_rebuilt_from_the_world_and_says_that_it_only_observed()
    {
        using var project = await PublishedAsync();
        if (Directory.Exists(project[".release"]))
        {
            Directory.Delete(project[".release"], recursive: true);
        }

        var before = Tree(project["srv"]);

        var outcome = await project.RunAsync(Ct, "status", "--check");
        var again = await project.RunAsync(Ct, "status", "--check");

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.AreEqual(before, Tree(project["srv"]));
        var facts = project.Facts();
        Assert.IsTrue(facts.All(fact => fact.IsObserved));
        Assert.AreEqual("published published signed signed", string.Join(' ', facts.Select(fact => fact.Kind.ToWord()).Order(StringComparer.Ordinal)));
        Assert.AreEqual("qa", facts.Last(fact => fact.Kind is FactKind.Published).Details[FactDetail.Repository]);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_broken_ledger_is_refused_until_it_is_rebuilt_and_then_kept_beside()
    {
        using var project = await PublishedAsync();
        Assert.AreEqual(0, (await project.RunAsync(Ct, "status", "--rebuild")).ExitCode);
        var path = project[".release/ledger.jsonl"];
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Ct)).Replace("\"qa\"", "\"qq\"", StringComparison.Ordinal), Ct);

        var refused = await project.RunAsync(Ct, "status");
        var rebuilt = await project.RunAsync(Ct, "status", "--rebuild");

        Assert.AreEqual(4, refused.ExitCode);
        Assert.Contains("error REL9001", refused.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, rebuilt.ExitCode, rebuilt.Error);
        Assert.HasCount(1, Directory.GetFiles(project[".release"], "ledger.jsonl.broken-*"));
        Assert.IsTrue(project.Facts().All(fact => fact.IsObserved));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_refused_tag_is_shown_with_its_reason_until_it_is_accepted()
    {
        using var project = await ShipProject.CreateAsync(await TestKey.Rsa);
        var ledger = Ledger.Open(Ledger.PathIn(project.Root), new ListReporter());
        var refusal = new Fact(FactKind.TagRefused) { Who = "mallory" }.With(FactDetail.Tag, "v1.0").With(FactDetail.Why, "signed by nobody we know");
        await ledger.AppendAsync(refusal, Ct);

        var shown = await project.RunAsync(Ct, "status");
        await ledger.AppendAsync(refusal with { Kind = FactKind.TagAccepted }, Ct);
        var later = await project.RunAsync(Ct, "status");

        Assert.Contains("tag v1.0 was refused", shown.Output, StringComparison.Ordinal);
        Assert.Contains("signed by nobody we know", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", later.Output, StringComparison.Ordinal);
    }

    private async Task<ShipProject> PublishedAsync()
    {
        var project = await ShipProject.CreateAsync(await TestKey.Rsa);
        await project.BuildAsync(Ct);
        Assert.AreEqual(0, (await project.RunAsync(Ct, ["sign", .. Directory.GetFiles(project.Results, "*.rpm")])).ExitCode);
        await PublishAsync(project, "qa");
        return project;
    }

    private async Task PublishAsync(ShipProject project, string repository)
    {
        var outcome = await project.RunAsync(Ct, "publish", "--to", repository);
        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
    }

    private async Task<JsonElement> StateAsync(ShipProject project) => (await project.JsonAsync(0, Ct, "status")).GetProperty("packages")[0];

    private static async Task CopyAsync(string from, string to) =>
        await Processes.Exec.ReadAsync(new Processes.Command("cp", "-a", from, to), CancellationToken.None);

    private static string Tree(string folder) => string.Join('\n', Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(path => $"{Path.GetRelativePath(folder, path)} {Digest.Of(File.ReadAllBytes(path)).Hex}"));
}
