using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Tool.Tests;

/// <summary><c>publish</c> as a process that can be killed; <c>verify</c> is the client that looks after each death.</summary>
[TestClass]
public sealed class PublishTests(TestContext test)
{
    private const int Patience = 240_000;

    private static readonly string[] Steps =
    [
        "publish.locked", "publish.copy", "publish.copied", "publish.described", "publish.signed", "publish.metadata", "publish.staged", "publish.exchanged", "publish.swapped", "publish.verified", "publish.recorded", "publish.tidied",
    ];

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Sign_publish_and_verify_say_what_they_did()
    {
        using var project = await ProjectAsync("said");

        var published = await project.RunAsync("publish", "--json");
        var again = await project.RunAsync("publish", "--json");
        var verified = await project.RunAsync("verify", project.Repository, "--json");

        Assert.AreEqual(0, published.ExitCode, published.Error);
        var result = BuiltTool.Json(published).GetProperty("results")[0];
        Assert.AreEqual("published", result.GetProperty("state").GetString());
        Assert.AreEqual(2, result.GetProperty("packages").GetArrayLength());
        Assert.AreEqual(project.Key.Fingerprint, result.GetProperty("signer").GetString());
        Assert.AreEqual("up-to-date", BuiltTool.Json(again).GetProperty("results")[0].GetProperty("state").GetString());
        Assert.AreEqual(0, verified.ExitCode, verified.Error);
        Assert.AreEqual(6, BuiltTool.Json(verified).GetProperty("items").GetArrayLength());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task One_unsigned_file_stops_everything_before_anything_is_touched()
    {
        using var project = await ProjectAsync("alsosigned");
        var unsigned = await RpmFactory.BuildAsync(new RpmRecipe("notsigned"));
        File.Copy(unsigned.Binary, Path.Combine(project.Results, "notsigned.rpm"));

        var outcome = await project.RunAsync("publish");

        Assert.AreEqual(4, outcome.ExitCode);
        Assert.Contains("error REL4003 : ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("notsigned.rpm' is not signed (digests are fine)", outcome.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(Path.Combine(project.Folder, "repo")));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_dry_run_needs_no_secret_and_writes_nothing()
    {
        using var project = await ProjectAsync("drytool");
        using var elsewhere = new Scratch();
        var gpg = new Gpg(elsewhere.Root);
        await gpg.ImportAsync(await project.Key.PublicAsync(), Ct);

        var outcome = await BuiltTool.RunAsync(elsewhere.Root, Ct, "-C", project.Folder, "publish", "--dry-run");

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.HasCount(3, outcome.Output.TrimEnd().Split('\n'));
        Assert.Contains($"write {Path.Combine(project.Repository, "repodata")}: revision 1763596800, 2 packages, signed", outcome.Output, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(Path.Combine(project.Folder, "repo")));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(2, "REL5001", "publish", "--to", "nowhere")]
    [DataRow(2, "REL0007", "publish", "missing.rpm")]
    [DataRow(2, "REL4001", "publish", "release.toml")]
    [DataRow(2, "REL0001", "publish", "--tow", "qa")]
    public async Task What_cannot_be_published_is_said_with_its_code(int exit, string id, params string[] arguments)
    {
        using var project = await ProjectAsync("wrong");

        var outcome = await project.RunAsync(arguments);

        Assert.AreEqual(exit, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error {id}", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Killed_anywhere_a_client_sees_the_old_or_the_new_and_a_rerun_ends_with_the_same_bytes()
    {
        using var project = await ProjectAsync("before");
        using var calm = await ProjectAsync("before");
        foreach (var each in new[] { project, calm })
        {
            Assert.AreEqual(0, (await each.RunAsync("publish")).ExitCode);
            await each.AddAsync("after");
        }

        using var before = await project.Scratch.CopyAsync();
        var old = project.Repomd();
        Assert.AreEqual(0, (await calm.RunAsync("publish")).ExitCode);

        foreach (var step in Steps)
        {
            await project.Scratch.BecomeAsync(before);
            var killed = await Exec.RunAsync(project.Command("publish").With("DOTNET_RELEASE_FAIL_AT", step), Ct);
            Assert.AreEqual(137, killed.ExitCode, $"{step}: {killed.Error}");
            var client = await project.RunAsync("verify", project.Repository);
            Assert.AreEqual(0, client.ExitCode, $"{step}: {client.Error}");
            Assert.AreEqual(
                step is "publish.exchanged" or "publish.swapped" or "publish.verified" or "publish.recorded" or "publish.tidied", old != project.Repomd(), $"{step}: whether the new metadata is served");

            var rerun = await project.RunAsync("publish");
            Assert.AreEqual(0, rerun.ExitCode, $"{step}: {rerun.Error}");
            Assert.AreEqual(calm.Files(), project.Files(), step);
            Assert.AreEqual(calm.Repomd(), project.Repomd(), step);
            Assert.AreEqual(0, (await project.RunAsync("verify", project.Repository)).ExitCode, step);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("publish.copied")]
    [DataRow("publish.swapped")]
    [DataRow("publish.recorded")]
    [DataRow("publish.committed")]
    [DataRow("publish.objects")]
    [DataRow("publish.pushed")]
    public async Task Killed_while_it_publishes_to_git_the_branch_is_the_old_or_the_new_and_a_rerun_ends_it(string step)
    {
        using var project = await ProjectAsync("gitkill");
        var remote = Path.Combine(project.Folder, "remote.git");
        await Exec.ReadAsync(new Command("git", "init", "--quiet", "--bare", "--initial-branch=main", remote), Ct);
        project.Use($"git+file://{remote}");
        Assert.AreEqual(0, (await project.RunAsync("publish")).ExitCode);
        await project.AddAsync("gitkilled");
        var old = await TipAsync(remote);

        var killed = await Exec.RunAsync(project.Command("publish").With("DOTNET_RELEASE_FAIL_AT", step), Ct);

        Assert.AreEqual(137, killed.ExitCode, killed.Error);
        Assert.AreEqual(step is "publish.pushed", old != await TipAsync(remote), "whether the branch moved");
        var rerun = await project.RunAsync("publish", "--json");
        Assert.AreEqual(0, rerun.ExitCode, rerun.Error);
        Assert.AreEqual(step is "publish.pushed" ? "up-to-date" : "published", BuiltTool.Json(rerun).GetProperty("results")[0].GetProperty("state").GetString());
        var clone = Path.Combine(project.Folder, "clone");
        await Exec.ReadAsync(
            new Command("git", "-c", "filter.lfs.smudge=git-lfs smudge -- %f", "-c", "filter.lfs.required=true", "clone", "--quiet", remote, clone).With("GIT_CONFIG_GLOBAL", "/dev/null"), Ct);
        var client = await project.RunAsync("verify", Path.Combine(clone, "demo", "local"), "--json");
        Assert.AreEqual(0, client.ExitCode, client.Error);
        Assert.AreEqual(4, BuiltTool.Json(client).GetProperty("items").EnumerateArray().Count(item => item.GetProperty("nevra").ValueKind is System.Text.Json.JsonValueKind.String));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("publish.copy:eio")]
    [DataRow("publish.copy:enospc")]
    [DataRow("publish.metadata:eio")]
    [DataRow("publish.metadata:enospc")]
    public async Task A_disk_that_fails_is_a_failure_and_nothing_new_is_served(string failure)
    {
        using var project = await ProjectAsync("disk");
        Assert.AreEqual(0, (await project.RunAsync("publish")).ExitCode);
        await project.AddAsync("second");
        var old = project.Repomd();

        var failed = await Exec.RunAsync(project.Command("publish").With("DOTNET_RELEASE_FAIL_AT", failure), Ct);

        Assert.AreEqual(5, failed.ExitCode, failed.Error);
        Assert.Contains("error REL0010", failed.Error, StringComparison.Ordinal);
        Assert.AreEqual(old, project.Repomd());
        Assert.AreEqual(0, (await project.RunAsync("verify", project.Repository)).ExitCode);
        Assert.AreEqual(0, (await project.RunAsync("publish")).ExitCode);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Verify_refuses_a_repository_of_which_one_byte_is_missing()
    {
        using var project = await ProjectAsync("onebyte");
        Assert.AreEqual(0, (await project.RunAsync("publish")).ExitCode);
        var signature = Path.Combine(project.Repository, "repodata", "repomd.xml.asc");
        await File.WriteAllBytesAsync(signature, (await File.ReadAllBytesAsync(signature, Ct))[..^1], Ct);

        var words = await project.RunAsync("verify", project.Repository);
        var json = await project.RunAsync("verify", project.Repository, "--json");

        Assert.AreEqual(4, words.ExitCode);
        Assert.Contains("error REL5006", words.Error, StringComparison.Ordinal);
        Assert.AreEqual(4, json.ExitCode);
        Assert.IsFalse(BuiltTool.Json(json).GetProperty("ok").GetBoolean());
        Assert.AreEqual("REL5006", BuiltTool.Json(json).GetProperty("items")[0].GetProperty("problems")[0].GetProperty("id").GetString());
    }

    private async Task<Project> ProjectAsync(string package)
    {
        var project = new Project(await TestKey.Rsa, Ct);
        await project.AddAsync(package);
        return project;
    }

    private async Task<string> TipAsync(string remote) => (await Exec.ReadAsync(new Command("git", "-C", remote, "rev-parse", "main"), Ct)).Output;

    /// <summary>A project with settings and signed results, whose repository is beside them.</summary>
    private sealed class Project : IDisposable
    {
        private readonly CancellationToken _ct;

        internal Project(TestKey key, CancellationToken ct)
        {
            (Key, _ct) = (key, ct);
            Results = Scratch.Folder("dist/rpm/local");
            Scratch.Write("release.toml", $"""
                [project]
                name = "demo"
                lockfiles = []

                [target.local]
                image = "rootfs:distro.tar"

                [signing]
                key = "{key.Fingerprint}"

                [repository.qa]
                url = "file:./repo"
                """);
        }

        internal Scratch Scratch { get; } = new();

        internal TestKey Key { get; }

        internal string Folder => Scratch.Root;

        internal string Results { get; }

        internal string Repository => Scratch["repo/demo/local"];

        public void Dispose() => Scratch.Dispose();

        /// <summary>Another place for the repository.</summary>
        internal void Use(string url) => Scratch.Write(
            "release.toml", File.ReadAllText(Scratch["release.toml"]).Replace("url = \"file:./repo\"", $"url = \"{url}\"\nbase-url = \"file://{Scratch["clone"]}\"", StringComparison.Ordinal));

        internal Command Command(params string[] arguments) => BuiltTool.Command(Key.Home, ["-C", Folder, .. arguments]);

        internal Task<Outcome> RunAsync(params string[] arguments) => Exec.RunAsync(Command(arguments), _ct);

        /// <summary>Signed once for all projects of this process, so that equal projects have equal bytes.</summary>
        internal async Task AddAsync(string package)
        {
            var built = await RpmFactory.BuildAsync(new RpmRecipe(package));
            await using var signer = await RpmSigner.OpenAsync(Key.Gpg, Key.Fingerprint, _ct);
            await signer.SignAsync([built.Binary, built.Source], _ct);
            File.Copy(built.Binary, Path.Combine(Results, Path.GetFileName(built.Binary)));
            File.Copy(built.Source, Path.Combine(Results, Path.GetFileName(built.Source)));
        }

        internal string Repomd() => File.ReadAllText(Path.Combine(Repository, "repodata", "repomd.xml"));

        /// <summary>Everything but what says when or by whom: signatures, the record, the lock, and the paths in the .repo file.</summary>
        internal string Files() => string.Join('\n', Directory.EnumerateFiles(Repository, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetExtension(path) is not (".asc" or ".lock" or ".repo" or ".signed"))
            .Select(path => $"{Path.GetRelativePath(Repository, path)} {Digest.Of(File.ReadAllBytes(path)).Hex}")
            .Order(StringComparer.Ordinal));
    }
}
