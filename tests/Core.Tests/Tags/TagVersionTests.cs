using System.Text;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Tags;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>The version in a tag's name: the files of the tagged commit have it, too, and it is above all that were released.</summary>
[TestClass]
public sealed class TagVersionTests
{
    private const int Patience = 60_000;

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_70_a_file_with_another_version_is_named_with_its_line()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.1", await TestKey.Ed25519);

        var refusal = await TagJudge.RefuseAsync(project, Fault.TagVersionDiffers, "refs/tags/v1.0.1 is for version 1.0.1, and this file of the tagged commit has 1.0.0", new("v1.0.1"));

        Assert.AreEqual($"{project.Commit[..12]}:VERSION(1,1)", $"{refusal.Position}");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_tagged_commit_is_compared_and_not_the_work_tree()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        project.Write("VERSION", "7.7.7\n");

        Assert.AreEqual("1.0.0", (await TagJudge.AcceptAsync(project)).Version);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_70_spec_and_lock_of_a_package_have_to_agree()
    {
        var alice = await TestKey.Ed25519;
        using var project = await TagProject.CreateAsync(TagProject.Entry("alice", alice.Fingerprint, "packages = [\"*\"]\nchannels = [\"stable\"]"), ("keys/alice.asc", alice));
        project.Write("release.toml", "[project]\nname = \"server\"\nlockfiles = [\"poetry.lock\"]\n[[rpm]]\nname = \"python3-greeter\"\nfollows = [\"greeter\"]\nspec = \"greeter.spec\"\n");
        project.Write("greeter.spec", Specs.SpecTexts.Small("1.1"));
        project.Write("poetry.lock", Lock("1.1"));
        await project.CommitAsync("1.1");
        await project.TagAsync("v1.1", alice);
        await project.TagAsync("v1.2", alice);
        var agreed = await TagJudge.AcceptAsync(project, new("v1.1") { Package = "python3-greeter" });
        await TagJudge.RefuseAsync(project, Fault.TagVersionDiffers, "has 1.1", new("v1.2") { Package = "python3-greeter" });

        project.Write("poetry.lock", Lock("1.0"));
        await project.CommitAsync("the lock lags");
        await project.TagAsync("v1.1", alice);
        var lagging = await TagJudge.RefuseAsync(project, Fault.TagVersionDiffers, "has 1.0", new("v1.1") { Package = "python3-greeter" });

        CollectionAssert.AreEqual(new[] { "greeter.spec", "poetry.lock" }, agreed.Claims.Select(claim => claim.Position.File.Split(':')[1]).ToList());
        Assert.EndsWith(":poetry.lock", lagging.Position!.Value.File, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_version_file_that_the_commit_does_not_have_is_a_refusal()
    {
        using var project = await TagProject.OfAliceAsync();
        project.Write("VERSION", null);
        await project.CommitAsync("no version");
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);

        await TagJudge.RefuseAsync(project, Fault.TagVersionDiffers, "has no file 'VERSION'");
    }

    [TestMethod]
    [DataRow("pyproject.toml", "[project]\nname = \"x\"\nversion = \"1.2.3\"\n", 3)]
    [DataRow("pyproject.toml", "[tool.poetry]\nversion = \"1.2.3\"\n", 2)]
    [DataRow("Cargo.toml", "[package]\nname = \"x\"\nversion = \"1.2.3\"\n", 3)]
    [DataRow("share/version.txt", "1.2.3\n", 1)]
    [DataRow("VERSION", "v1.2.3", 1)]
    [DataRow("app.csproj", "<Project Sdk=\"x\">\n  <PropertyGroup>\n    <!-- <Version>9</Version> -->\n    <Version>1.2.3</Version>\n  </PropertyGroup>\n</Project>", 4)]
    [DataRow("Directory.Build.props", "<Project><PropertyGroup>\n<VersionPrefix>1.2.3</VersionPrefix><VersionSuffix></VersionSuffix></PropertyGroup></Project>", 2)]
    [DataRow("package.json", "{\n  \"dependencies\": {\"version\": \"9.9.9\"},\n  \"version\": \"1.2.3\"\n}", 3)]
    [DataRow("x/__init__.py", "\"\"\"Doc.\"\"\"\n__version__ = '1.2.3'\n", 2)]
    [DataRow("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## [1.2.3] - 2026-01-31\n\n## 1.2.2\n", 5)]
    [DataRow("CHANGELOG.md", "# Changelog\n\n## Dangerzone 1.2.3\n", 3)]
    [DataRow("debian/changelog", "x (1:1.2.3-1) unstable; urgency=low\n\n  * Release\n\nx (1.2.2-1) unstable; urgency=low\n", 1)]
    [DataRow("x.spec", "Name: x\nVersion: 1.2.3\nRelease: 1\n", 2)]
    public void Every_usual_file_is_understood(string path, string text, int line)
    {
        var claim = VersionFile.Read(path, Encoding.UTF8.GetBytes(text), path);

        Assert.IsNotNull(claim);
        Assert.AreEqual(("1.2.3", path, line), (claim.Version, claim.Position.File, claim.Position.Line));
    }

    [TestMethod]
    [DataRow("pyproject.toml", "[project]\nname = \"x\"\ndynamic = [\"version\"]\n")]
    [DataRow("pyproject.toml", "[project")]
    [DataRow("app.csproj", "<Project><PropertyGroup/></Project>")]
    [DataRow("app.csproj", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Project><PropertyGroup><Version>&e;</Version></PropertyGroup></Project>")]
    [DataRow("package.json", "{\"version\": 1}")]
    [DataRow("package.json", "{\"version\"")]
    [DataRow("package.json", "[]")]
    [DataRow("VERSION", "the newest\n")]
    [DataRow("CHANGELOG.md", "# Changelog\n\n## Unreleased\n")]
    [DataRow("debian/changelog", "")]
    public void A_file_without_a_version_is_refused(string path, string text)
    {
        var refusal = Assert.ThrowsExactly<ReleaseException>(() => VersionFile.Read(path, Encoding.UTF8.GetBytes(text), path));

        CollectionAssert.Contains(new[] { Fault.TagVersionDiffers, Fault.TomlSyntax }, refusal.Fault, refusal.Message);
        Assert.AreEqual(path, refusal.Position!.Value.File);
    }

    [TestMethod]
    [DataRow("1.0-rc1", "1.0rc1", 0)]
    [DataRow("1.0-rc1", "1.0~rc1", 0)]
    [DataRow("1.0.0-beta.1", "1.0.0~beta.1", 0)]
    [DataRow("1.0-rc1", "1.0", -1)]
    [DataRow("1.0-rc1", "1.0-rc2", -1)]
    [DataRow("1.0.dev1", "1.0", -1)]
    [DataRow("1.9", "1.10", -1)]
    [DataRow("2.0", "1.99.9", 1)]
    public void Versions_are_ordered_in_all_spellings(string one, string other, int sign)
    {
        Assert.AreEqual((sign, -sign, sign is 0), (Math.Sign(TagVersion.Compare(one, other)), Math.Sign(TagVersion.Compare(other, one)), TagVersion.AreEqual(one, other)));
    }

    [TestMethod]
    [DataRow("v{version}", "v1.2.3", "1.2.3", null)]
    [DataRow("v{version}", "v1.2.3-rc1", "1.2.3-rc1", null)]
    [DataRow("{version}", "1.2", "1.2", null)]
    [DataRow("{name}-{version}", "python3-pyside6-6.8.0", "6.8.0", "python3-pyside6")]
    [DataRow("{name}/v{version}", "cli/v2", "2", "cli")]
    [DataRow("release+{version}", "release+1", "1", null)]
    public void A_tags_name_gives_version_and_package(string pattern, string tag, string version, string? package) =>
        Assert.AreEqual((version, package), TagPattern.Parse(pattern).Read(tag));

    [TestMethod]
    [DataRow("v{version}", "1.2.3")]
    [DataRow("v{version}", "vnext")]
    [DataRow("v{version}", "v1.2.3/x")]
    [DataRow("{name}-{version}", "server")]
    public void A_tag_of_another_form_is_refused(string pattern, string tag)
    {
        var refusal = Assert.ThrowsExactly<ReleaseException>(() => TagGate.ReadName(TagValues.QuestionOf(tag, pattern)));

        Assert.AreEqual(Fault.TagVersionDiffers, refusal.Fault);
        Assert.Contains(pattern, refusal.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_tag_that_names_one_package_does_not_release_another()
    {
        var question = TagValues.QuestionOf("cli-1.0", "{name}-{version}") with { Package = "server" };

        Assert.AreEqual(Fault.TagVersionDiffers, Assert.ThrowsExactly<ReleaseException>(() => TagGate.ReadName(question)).Fault);
        Assert.AreEqual(("1.0", "cli"), TagGate.ReadName(question with { Package = null }));
    }

    [TestMethod]
    public void A_version_below_one_that_was_released_is_refused_with_the_highest()
    {
        var question = TagValues.Question with { Past = [new("0.9", "released", null), new("1.0.1", "published on 2025-05-01", null), new("1.2", "published on 2025-06-01", null)] };

        var refusal = Assert.ThrowsExactly<ReleaseException>(() => TagGate.Judge(TagValues.Tag(), TagValues.Signer, TagValues.ListOf(TagValues.Maintainer), question));

        Assert.AreEqual(Fault.TagVersionOld, refusal.Fault);
        Assert.Contains("older than 1.2 (published on 2025-06-01)", refusal.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void The_same_version_is_released_only_from_the_same_tag_object()
    {
        var (first, moved) = (TagValues.Tag(), TagValues.Tag(id: 'b'));
        var question = TagValues.Question with { Past = [new("1.0.0", "published on 2026-01-01", first.Id)] };
        var list = TagValues.ListOf(TagValues.Maintainer);

        var again = TagGate.Judge(first, TagValues.Signer, list, question);
        var refusal = Assert.ThrowsExactly<ReleaseException>(() => TagGate.Judge(moved, TagValues.Signer, list, question));

        Assert.AreEqual("1.0.0", again.Version);
        Assert.AreEqual(Fault.TagReplaced, refusal.Fault);
        Assert.Contains($"is now the tag object {moved.Id}; version 1.0.0 was released from {first.Id}", refusal.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task What_the_ledger_says_was_published_or_released_counts()
    {
        using var project = await TagProject.OfAliceAsync();
        var id = await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        await TagJudge.AcceptAsync(project);
        var ledger = Ledger.Open(Ledger.PathIn(project.Root), new ListReporter());
        await ledger.AppendAsync(Fact.Of(FactKind.Published, new("server", 1, "1.0.0", "3.fc43", "noarch"), Digest.Of("x")), CancellationToken.None);

        await TagJudge.AcceptAsync(project);
        var payload = project.Payload(made: DateTimeOffset.UtcNow.AddMinutes(-1));
        await project.StoreAsync("v1.0.0", payload, await TagProject.SignAsync(payload, await TestKey.Ed25519));
        await TagJudge.RefuseAsync(project, Fault.TagReplaced, id);

        await ledger.AppendAsync(Fact.Of(FactKind.Published, new("server", 1, "1.0.2", "1.fc43", "noarch"), Digest.Of("y")), CancellationToken.None);
        await ledger.AppendAsync(Fact.Of(FactKind.Published, new("other", 0, "9.9", "1", "noarch"), Digest.Of("z")), CancellationToken.None);
        await TagJudge.RefuseAsync(project, Fault.TagVersionOld, "older than 1.0.2 (published on ");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_69_a_tag_that_moves_after_it_was_accepted_is_a_conflict()
    {
        using var project = await TagProject.OfAliceAsync();
        var before = await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        var run = await TagJudge.RunAsync(project);
        var verdict = await run.VerifyAsync(new("v1.0.0"), CancellationToken.None);
        await run.ConfirmAsync(verdict, CancellationToken.None);
        var after = await project.StoreAsync("v1.0.0", project.Payload(made: DateTimeOffset.UtcNow.AddMinutes(-1)));

        var conflict = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.ConfirmAsync(verdict, CancellationToken.None));

        Assert.AreEqual(ExitCode.Conflict, conflict.Fault.Exit);
        Assert.Contains($"was {before} when the release began, and is {after} now", conflict.Message, StringComparison.Ordinal);
    }

    private static string Lock(string version) =>
        $"[[package]]\nname = \"greeter\"\nversion = \"{version}\"\ndescription = \"\"\noptional = false\npython-versions = \"*\"\nfiles = []\n\n[metadata]\nlock-version = \"2.1\"\npython-versions = \"*\"\ncontent-hash = \"{new string('0', 64)}\"\n";
}
