using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;
using DotnetRelease.Tags;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>Packages of third parties stay in a place of their own, and bring neither a patched glibc nor a script there.</summary>
[TestClass]
public sealed class ConfinementTests
{
    private const int Patience = 120_000;

    private const string Rules = """

        [confined.apps]
        repositories = ["apps", "apps-qa"]
        packages = ["app-*"]

        [confined.drivers]
        repositories = ["drivers"]
        packages = ["kmod-*"]
        scriptlets = true
        """;

    [TestMethod]
    [DataRow("apps", "app-weather", "app-weather", "", null)]
    [DataRow("apps-qa", "app-weather", "app-weather", "", null)]
    [DataRow("prod", "dangerzone", "dangerzone", "%post", null)]
    [DataRow("drivers", "kmod-x", "kmod-x", "%post", null)]
    [DataRow("apps", "glibc", "glibc", "", "glibc-1.rpm may not go to 'apps': 'apps' takes only app-*")]
    [DataRow("apps", "glibc", "app-weather", "", "may not go to 'apps'")]
    [DataRow("apps", "app-weather", "weather", "", "was built from 'weather' and may not go to 'apps'")]
    [DataRow("apps", "app-weather", "app-weather", "%pre %trigger", "runs code on the machine that installs it (%pre, %trigger)")]
    [DataRow("prod", "app-weather", "app-weather", "", "is confined to 'apps', 'apps-qa', and was to go to 'prod'")]
    [DataRow("prod", "glibc", "app-weather", "", "is confined to 'apps', 'apps-qa', and was to go to 'prod'")]
    [DataRow("drivers", "app-weather", "app-weather", "", "'drivers' takes only kmod-*")]
    [DataRow("apps", "kmod-x", "kmod-x", "", "'apps' takes only app-*")]
    public void A_package_goes_where_it_belongs_and_nowhere_else(string repository, string name, string source, string scriptlets, string? refusal)
    {
        var package = new ConfinedPackage($"{name}-1.rpm", name, source) { Scriptlets = [.. scriptlets.Split(' ', StringSplitOptions.RemoveEmptyEntries)], Claims = [name] };

        Check(() => new ConfinementRule(List(), repository).Demand(package), refusal);
    }

    [TestMethod]
    [DataRow("glibc", "would stand in for, replace or remove 'glibc'")]
    [DataRow("app-other", null)]
    public void A_package_cannot_take_the_place_of_one_that_is_not_its_own(string claim, string? refusal) =>
        Check(() => new ConfinementRule(List(), "apps").Demand(new("app-x-1.rpm", "app-x", "app-x") { Claims = ["app-x", claim] }), refusal);

    [TestMethod]
    [DataRow("apps", "apps", null)]
    [DataRow("prod", "apps", "What this signer releases is confined to 'apps', 'apps-qa', and was to go to 'prod'")]
    [DataRow("prod", "gone", "is confined to gone")]
    [DataRow("prod", null, null)]
    public void What_a_confined_maintainer_releases_goes_there_whatever_it_is_named(string repository, string? confinedTo, string? refusal) =>
        Check(() => new ConfinementRule(List(), repository).DemandSigner(confinedTo), refusal);

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_real_package_is_judged_by_its_header()
    {
        var good = await FactsAsync(new("app-weather"));
        var scripted = await FactsAsync(new("app-weather") { Rest = "%post -p /sbin/ldconfig\n" });
        var obsoleting = await FactsAsync(new("app-weather") { Preamble = "Obsoletes: glibc < 9\nProvides: libfoo(x86-64) = 1" });

        Assert.AreEqual(("app-weather", "app-weather"), (good.Name, good.Source));
        Check(() => new ConfinementRule(List(), "apps").Demand(good), null);
        Check(() => new ConfinementRule(List(), "apps").Demand(scripted), "(%post)");
        Check(() => new ConfinementRule(List(), "apps").Demand(obsoleting), "'glibc'");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_rules_of_the_protected_branch_count_and_not_those_of_the_commit_at_hand()
    {
        using var project = await TagProject.CreateAsync(Rules);
        var safe = project.Commit;
        await project.GitAsync("update-ref", "refs/remotes/origin/main", safe);
        await project.GitAsync("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
        project.Write("maintainers.toml", "");
        await project.CommitAsync("free at last");
        var signed = await SignedAsync("app-weather");

        foreach (var choice in (AdmissionChoice[])[new(null, null), new(safe, null), new("origin/main", "apps")])
        {
            var admission = await Admission.ReadAsync(project.Root, choice, CancellationToken.None);
            await admission.DemandAsync("apps", [signed], CancellationToken.None);
            var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(() => admission.DemandAsync("prod", [signed], CancellationToken.None));
            Assert.AreEqual(Fault.PackageConfined, refusal.Fault);
            Assert.Contains(safe, refusal.Message, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Where_nobody_says_which_rules_count_nothing_is_published_by_those_at_hand()
    {
        using var project = await TagProject.CreateAsync(Rules);
        await project.GitAsync("checkout", "-q", "--detach");

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Admission.ReadAsync(project.Root, new(null, null), CancellationToken.None));
        var missing = await Assert.ThrowsExactlyAsync<ReleaseException>(async () =>
        {
            await project.GitAsync("rm", "-q", "maintainers.toml");
            await project.CommitAsync("gone");
            await Admission.ReadAsync(project.Root, new("HEAD", null), CancellationToken.None);
        });

        Assert.AreEqual(Fault.ProtectedBranchUnknown, failure.Fault);
        Assert.AreEqual(Fault.MaintainersMissing, missing.Fault);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Without_git_or_without_a_list_everything_may_go_everywhere()
    {
        using var scratch = new Scratch();
        using var project = await TagProject.CreateAsync(null);
        var signed = await SignedAsync("app-weather");

        foreach (var folder in (string[])[scratch.Root, project.Root])
        {
            await (await Admission.ReadAsync(folder, new(null, null), CancellationToken.None)).DemandAsync("prod", [signed], CancellationToken.None);
        }
    }

    private static MaintainerList List() => MaintainerList.Parse(System.Text.Encoding.UTF8.GetBytes(Rules), new('c', 40));

    private static void Check(Action demand, string? refusal)
    {
        if (refusal is null)
        {
            demand();
            return;
        }

        var thrown = Assert.ThrowsExactly<ReleaseException>(demand);
        Assert.AreEqual((Fault.PackageConfined, ExitCode.Refused), (thrown.Fault, thrown.Fault.Exit));
        Assert.Contains(refusal, thrown.Message, StringComparison.Ordinal);
        Assert.Contains(new string('c', 40), thrown.Message, StringComparison.Ordinal);
    }

    private static async Task<ConfinedPackage> FactsAsync(RpmRecipe recipe) =>
        ConfinedPackage.Of(await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(recipe)).Binary, CancellationToken.None));

    private static async Task<SignedRpm> SignedAsync(string name)
    {
        var file = await RpmFile.ReadAsync((await RpmFactory.BuildAsync(new(name))).Binary, CancellationToken.None);
        return new SignedRpm(file, new RpmSignature("", "", DateTimeOffset.UnixEpoch));
    }
}
