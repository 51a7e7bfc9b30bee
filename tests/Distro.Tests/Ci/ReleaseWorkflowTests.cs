using System.Text.Json;
using DotnetRelease.Distro.Tests.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Fixtures.Ci;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Ci;

/// <summary>
/// The release workflow that users copy, job after job, each in a workspace of its own as on GitHub's machines: from a signed tag to a
/// repository. Its shell and its commands are the ones of the file.
/// </summary>
[TestClass]
public sealed class ReleaseWorkflowTests(TestContext test)
{
    private const int Patience = 480_000;
    private const string Tag = "v0.1.0";
    private const string Binary = "python3-greeter-1.1.0-1.deb12.noarch.rpm";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_signed_tag_becomes_a_published_package_and_each_job_sees_its_own_secrets_only()
    {
        using var release = await StartAsync();

        Assert.AreEqual(0, await release.RunAsync("verify", Ct), release.Log);
        using var plan = JsonDocument.Parse(release.Plan!);
        Assert.AreEqual(1, plan.RootElement.GetProperty("count").GetInt32());
        foreach (var cell in plan.RootElement.GetProperty("matrix").GetProperty("include").EnumerateArray())
        {
            Assert.AreEqual(0, await release.RunAsync("build", Ct, cell), release.Log);
        }

        Assert.AreEqual(0, await release.RunAsync("collect", Ct), release.Log);
        Assert.AreEqual(0, await release.RunAsync("sign", Ct), release.Log);
        CollectionAssert.AreEqual((string[])["digests signatures OK"], await RpmJudge.CheckAsync([Path.Combine(release.Artifacts, "signed", "rpm", "local", Binary)], release.Key));
        Assert.AreEqual(0, await release.RunAsync("publish", Ct), release.Log);
        Assert.IsTrue(File.Exists(Path.Combine(release.Repository, "quickstart", "local", "repodata", "repomd.xml.asc")));
        Assert.Contains("| python3-greeter-1.1.0-1.deb12.noarch |", release.Summary, StringComparison.Ordinal);
        Assert.AreEqual(0, await release.RunAsync("github", Ct), release.Log);
        CollectionAssert.AreEquivalent(
            (string[])
            [
                "checksums.txt", "checksums.txt.asc",
                Binary, "python3-greeter-1.1.0-1.deb12.noarch.provenance.json", "python3-greeter-1.1.0-1.deb12.noarch.spdx.json",
                "python3-greeter-1.1.0-1.deb12.src.rpm", "python3-greeter-1.1.0-1.deb12.src.provenance.json", "python3-greeter-1.1.0-1.deb12.src.spdx.json",
            ],
            release.GitHub.ReleaseOf(Tag).Assets.Select(asset => asset.Name).ToArray());
        Assert.DoesNotContain("PRIVATE KEY", release.Log, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_tag_that_nobody_signed_ends_the_release_before_anything_is_built()
    {
        using var release = await StartAsync(signed: false);

        Assert.AreEqual(4, await release.RunAsync("verify", Ct), release.Log);
        Assert.IsNull(release.Plan);
        StringAssert.Matches(release.Log, new("::error .*title=REL70"));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_that_was_altered_on_the_way_is_not_signed()
    {
        using var release = await StartAsync();
        Assert.AreEqual(0, await release.RunAsync("verify", Ct), release.Log);
        using var plan = JsonDocument.Parse(release.Plan!);
        Assert.AreEqual(0, await release.RunAsync("build", Ct, plan.RootElement.GetProperty("matrix").GetProperty("include")[0]), release.Log);
        var built = Path.Combine(release.Artifacts, "rpm-python3-greeter-local-x86_64", "local", Binary);
        var bytes = await File.ReadAllBytesAsync(built, Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(built, bytes, Ct);

        Assert.AreEqual(4, await release.RunAsync("collect", Ct), release.Log);
        Assert.IsFalse(Directory.Exists(Path.Combine(release.Artifacts, "unsigned")));
    }

    private async Task<Release> StartAsync(bool signed = true)
    {
        var key = await TestKey.Ed25519;
        var project = await BuildProject.ReadyAsync(Ct, key: key);
        var release = new Release(project, key, await Workflow.ReadAsync("samples/workflows/release.yml", Ct));
        project.Write("pyproject.toml", await File.ReadAllTextAsync(Checkout.At("samples", "quickstart", "pyproject.toml"), Ct));
        project.Replace("release.toml", "# [signing]\n# key = \"0123456789ABCDEF0123456789ABCDEF01234567\"", $"[signing]\nkey = \"{key.Fingerprint}\"");
        project.Replace("release.toml", "url = \"file:./repo\"", $"url = \"file://{release.Repository}\"");
        project.Replace("release.toml", "name = \"quickstart\"", $"name = \"quickstart\"\ngithub = \"{FakeGitHub.Repository}\"");
        project.Write("release.toml", project.Read("release.toml") + "\n[github]\nassets = [\"dist/rpm/**/*.rpm\", \"dist/rpm/**/*.provenance.json\", \"dist/rpm/**/*.spdx.json\"]\n");
        project.Write("CHANGELOG.md", "# Changelog\n\n## 0.1.0\n\n- It says hello.\n");
        project.Write("keys/alice.asc", System.Text.Encoding.UTF8.GetString((await key.PublicAsync(armor: true)).Span));
        project.Write("maintainers.toml", $"""
            [[maintainer]]
            name = "alice"
            fingerprint = "{key.Fingerprint}"
            key = "keys/alice.asc"
            packages = ["quickstart", "python3-*"]
            channels = ["stable"]
            """);
        await release.GitAsync(Ct, "add", "-A");
        await release.GitAsync(Ct, "commit", "-qm", "Ready to release");
        await release.GitAsync(Ct, "-c", $"user.signingkey={key.Fingerprint}", "tag", signed ? "-s" : "-a", "-m", "quickstart 0.1.0", Tag);
        return release;
    }

    /// <summary>One run of the workflow: the project as the origin, artefacts between the jobs, and the repository at the end.</summary>
    private sealed class Release(BuildProject project, TestKey key, JsonElement workflow) : IDisposable
    {
        private readonly Scratch _scratch = new();

        public TestKey Key => key;

        public FakeGitHub GitHub { get; } = new();

        public string Artifacts => _scratch.Folder("artifacts");

        public string Repository => _scratch["repository"];

        public string Log { get; private set; } = "";

        public string Summary { get; private set; } = "";

        /// <summary>What the job <c>verify</c> gives the others.</summary>
        public string? Plan { get; private set; }

        public async Task<int> RunAsync(string name, CancellationToken ct, JsonElement? cell = null)
        {
            var job = workflow.GetProperty("jobs").GetProperty(name);
            var head = (await GitAsync(ct, "rev-parse", "HEAD")).Trim();
            Dictionary<string, string> values = new(StringComparer.Ordinal)
            {
                ["github.ref_name"] = Tag,
                ["github.sha"] = head,
                ["github.event.repository.default_branch"] = "main",
                ["needs.verify.outputs.plan"] = Plan ?? "",
                ["github.token"] = GitHub.Token,
            };
            foreach (var (variable, value) in Workflow.Members(workflow, "env"))
            {
                values[$"env.{variable}"] = value;
            }

            foreach (var member in cell?.EnumerateObject().ToArray() ?? [])
            {
                values[$"matrix.{member.Name}"] = Workflow.Text(member.Value);
            }

            // Only an environment has secrets, and each has its own.
            if (Workflow.Text(job, "environment") is "signing" or "publishing")
            {
                values[name is "sign" ? "secrets.SIGNING_KEY" : "secrets.METADATA_KEY"] =
                    (await Exec.ReadAsync(key.Gpg.Command("--pinentry-mode", "loopback", "--passphrase", "", "--armor", "--export-secret-keys", key.Fingerprint), ct)).Output;
            }

            Assert.IsTrue(new Expressions(values).Holds(Workflow.Text(job, "if")));
            using var run = new JobRun(ToolUnderTest.Assembly, values)
            {
                Artifacts = Artifacts,
                CheckoutInto = workspace => CheckOutAsync(workspace, head, ct),
            };
            foreach (var (variable, value) in ((string, string)[])
            [
                ("HOME", _scratch.Folder("home")), ("GNUPGHOME", Leftovers.NewFolder()), ("DOTNET_RELEASE_CACHE", project.Places.Cache), ("DOTNET_RELEASE_DATA", project.Places.Data),
                ("GITHUB_EVENT_NAME", "push"), ("GITHUB_API_URL", GitHub.Url), ("GITHUB_SHA", head),
            ])
            {
                run.Environment[variable] = value;
            }

            var code = await run.RunAsync(job, ct);
            (Log, Summary) = (run.Log, run.Summary);
            if (code is 0 && name is "verify")
            {
                Plan = new Expressions(new Dictionary<string, string>(StringComparer.Ordinal) { ["steps.plan.outputs.result"] = run.Output("plan", "result") })
                    .Fill(Workflow.Text(job.GetProperty("outputs"), "plan")!);
            }

            return code;
        }

        public async Task<string> GitAsync(CancellationToken ct, params string[] arguments) => (await Exec.ReadAsync(Git(project.Root, arguments), ct)).Output;

        public void Dispose()
        {
            GitHub.DisposeAsync().AsTask().GetAwaiter().GetResult();
            project.Dispose();
            _scratch.Dispose();
        }

        /// <summary>As actions/checkout leaves it: no branch, and the tag's name means the commit (actions/checkout#290).</summary>
        private async Task CheckOutAsync(string workspace, string commit, CancellationToken ct)
        {
            await Exec.ReadAsync(Git(workspace, "clone", "-q", "--no-checkout", $"file://{project.Root}", "."), ct);
            await Exec.ReadAsync(Git(workspace, "checkout", "-q", "--detach", commit), ct);
            await Exec.ReadAsync(Git(workspace, "update-ref", $"refs/tags/{Tag}", commit), ct);
            File.CreateSymbolicLink(Path.Combine(workspace, "distro.tar"), await SharedMachine.Distro);
        }

        private Command Git(string folder, params string[] arguments) =>
            new Command("git", ["-C", folder, "-c", "user.name=T", "-c", "user.email=t@example.org", .. arguments])
                .With("GIT_CONFIG_NOSYSTEM", "1").With("GIT_CONFIG_GLOBAL", "/dev/null").With("GNUPGHOME", key.Home);
    }
}
