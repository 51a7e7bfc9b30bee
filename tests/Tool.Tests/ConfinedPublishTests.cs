using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>Packages of third parties, on every way into a repository: <c>publish</c> and <c>repo promote</c>.</summary>
[TestClass]
public sealed class ConfinedPublishTests(TestContext test)
{
    private const int Patience = 240_000;

    private const string Rules = "[confined.apps]\nrepositories = [\"apps\"]\npackages = [\"app-*\"]\n";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_goes_where_it_belongs_and_is_refused_elsewhere_with_nothing_touched()
    {
        using var project = await ProjectAsync("app-weather", "");

        var elsewhere = await RunAsync(project, "publish", "--to", "qa");
        var there = await RunAsync(project, "publish", "--to", "apps");
        var plan = BuiltTool.Json(await RunAsync(project, "repo", "promote", "apps", "prod", "--dry-run", "--json")).GetProperty("plan").GetString()!;
        var onward = await RunAsync(project, "repo", "promote", "apps", "prod", "--plan", plan);

        Assert.AreEqual(4, elsewhere.ExitCode, elsewhere.Error);
        Assert.Contains("error REL7030 : app-weather-1.0-1.noarch.rpm is confined to 'apps', and was to go to 'qa'.", elsewhere.Error, StringComparison.Ordinal);
        Assert.Contains(project.Commit, elsewhere.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, there.ExitCode, there.Error);
        Assert.AreEqual(4, onward.ExitCode, onward.Error);
        Assert.Contains("error REL7030 : ", onward.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(Path.Combine(project.Root, "qa")));
        Assert.IsFalse(Directory.Exists(Path.Combine(project.Root, "prod")));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("glibc", "", "glibc-1.0-1.noarch.rpm may not go to 'apps': 'apps' takes only app-*")]
    [DataRow("app-scripted", "%post\ntrue\n", "runs code on the machine that installs it (%post)")]
    [DataRow("app-triggered", "%transfiletriggerin -- /usr/lib\ntrue\n", "(%transfiletrigger)")]
    public async Task Neither_a_patched_glibc_nor_a_script_gets_into_the_place_of_third_parties(string name, string scripts, string words)
    {
        using var project = await ProjectAsync(name, scripts);

        var outcome = await RunAsync(project, "publish", "--to", "apps");
        var dry = await RunAsync(project, "publish", "--to", "apps", "--dry-run");

        Assert.AreEqual((4, 4), (outcome.ExitCode, dry.ExitCode), outcome.Error);
        Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(Path.Combine(project.Root, "apps")));
    }

    private async Task<Outcome> RunAsync(TagProject project, params string[] words) =>
        await Exec.RunAsync(BuiltTool.Command(project.Root, words).With("GNUPGHOME", (await TestKey.Ed25519).Home), Ct);

    private async Task<TagProject> ProjectAsync(string name, string scripts)
    {
        var key = await TestKey.Ed25519;
        var project = await TagProject.CreateAsync(Rules);
        project.Write("release.toml", $"""
            [project]
            name = "demo"

            [target.local]
            image = "rootfs:distro.tar"

            [signing]
            key = "{key.Fingerprint}"

            [repository.apps]
            url = "file:./apps"

            [repository.qa]
            url = "file:./qa"

            [repository.prod]
            url = "file:./prod"
            promote-from = "apps"
            """);
        await project.CommitAsync("settings");
        var recipe = new RpmRecipe(name) { Rest = $"{scripts}\n%changelog\n* Thu Nov 20 2025 A Tester <a@example.org> - 1.0-1\n- First.\n" };
        var file = Path.Combine(project.Root, "dist", "rpm", "local", $"{name}-1.0-1.noarch.rpm");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Copy((await RpmFactory.BuildAsync(recipe)).Binary, file);
        var signed = await RunAsync(project, "sign", file);
        Assert.AreEqual(0, signed.ExitCode, signed.Error);
        return project;
    }
}
