using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

[TestClass]
public sealed class LockedBuildTests(TestContext test)
{
    private const int Patience = 300_000;
    private const string Package = "fixture-checks-1.0-1.deb12.noarch";
    private const string Sections = "%install\nmkdir -p %{buildroot}\n\n%check\nfixture-checks %{buildroot}\n\n%files\n";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_root_is_made_once_and_made_again_from_the_lock_without_any_network()
    {
        await using var distro = await ServedDistro.StartAsync(Ct);
        using var project = await ProjectAsync(distro);

        var first = await project.BuildAsync(Ct, "probe");
        Assert.Contains($"\"{Package}\" = \"sha256:", project.Read("release.lock"), StringComparison.Ordinal);
        CollectionAssert.AreEqual((string[])[Package + ".rpm"], distro.Downloads);

        // What a spec is besides its requirements does not change the root, nor does it matter whose it is.
        project.Replace("specs/probe.spec", "Version: 1.0", "Version: 1.1");
        project.Replace("specs/probe.spec", "- First", "- Second");
        Directory.Delete(project[".release/logs"], recursive: true);
        await distro.StopAsync();
        AddTwin(project);
        Assert.HasCount(2, await project.BuildAsync(Ct, "probe", "twin"));
        Assert.IsEmpty(Prepares(project));
        Assert.Contains("\n[roots.local.x86_64.rpm.probe]\n\n[roots.local.x86_64.rpm.twin]\n", project.Read("release.lock"), StringComparison.Ordinal);

        project.Replace("specs/probe.spec", "Version: 1.1", "Version: 1.0");
        project.Replace("specs/probe.spec", "- Second", "- First");
        Directory.Delete(project["dist"], recursive: true);
        await distro.ForgetRootsAsync(Ct);
        var again = await project.BuildAsync(Ct, "probe", "--locked", "--offline");

        Assert.IsNotEmpty(Prepares(project));
        CollectionAssert.AreEqual((string[])[Package + ".rpm"], distro.Downloads, "The package was there from the first time.");
        Assert.AreEqual(Header(first), Header(again));

        // Another package of the same name and version is not the locked one.
        var pins = project.Read("release.lock");
        project.Write("release.lock", pins.Replace(DigestIn(pins), Digest.Of("another").ToString(), StringComparison.Ordinal));
        Directory.Delete(project["dist"], recursive: true);
        var refused = await project.RunAsync(Ct, "rpm", "probe", "--locked", "--offline");
        Assert.AreEqual(5, refused.ExitCode, refused.Error);
        Assert.Contains("error REL3112", refused.Error, StringComparison.Ordinal);
        Assert.Contains(Package, refused.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_update_of_the_lock_takes_what_the_distro_has_and_nothing_else_does()
    {
        await using var distro = await ServedDistro.StartAsync(Ct);
        using var project = await ProjectAsync(distro);
        await KillAsync(project, "packages.keep", "rpm", "probe");
        await KillAsync(project, "rpm.lock", "rpm", "probe");
        await project.BuildAsync(Ct, "probe");
        var before = project.Read("release.lock");

        await distro.UpgradeAsync(Ct);
        await KillAsync(project, "lock-update.write", "lock", "update");
        Assert.AreEqual(before, project.Read("release.lock"));
        var update = await project.RunAsync(Ct, "lock", "update");
        Assert.AreEqual(0, update.ExitCode, update.Error);
        Assert.AreEqual(
            "probe on local (x86_64): 1 upgraded, of 2 packages\n  fixture-checks.noarch  1.0-1.deb12 -> 1.1-1\nrelease.lock is written. Review it and commit it: git diff release.lock\n",
            update.Output);

        // The new root is there already, and what was built in the old one is built again.
        Directory.Delete(project[".release/logs"], recursive: true);
        var renewed = await project.BuildAsync(Ct, "probe", "--locked");
        Assert.AreEqual("built", renewed.Single().GetProperty("state").GetString());
        Assert.IsEmpty(Prepares(project));

        // The old root can be made as long as its packages are kept; the distro has them no more.
        project.Write("release.lock", before);
        Directory.Delete(Path.Combine(distro.Places.Cache, "packages"), recursive: true);
        await distro.ForgetRootsAsync(Ct);
        var refused = await project.RunAsync(Ct, "rpm", "probe", "--locked");
        Assert.AreEqual(4, refused.ExitCode, refused.Error);
        Assert.Contains("error REL3111", refused.Error, StringComparison.Ordinal);
        Assert.Contains("fixture-checks.noarch: locked 1.0-1.deb12, found 1.1-1", refused.Error, StringComparison.Ordinal);

        var told = await project.RunAsync(Ct, "rpm", "probe");
        Assert.AreEqual(0, told.ExitCode, told.Error);
        Assert.Contains("fixture-checks.noarch: locked 1.0-1.deb12, found 1.1-1", told.Error, StringComparison.Ordinal);
        Assert.AreEqual(before, project.Read("release.lock"));
    }

    /// <summary>Any moment may be the last one; what comes after this has to be as if it had not been.</summary>
    private async Task KillAsync(BuildProject project, string moment, params string[] arguments)
    {
        var killed = await Exec.RunAsync(project.Tool(arguments).With("DOTNET_RELEASE_FAIL_AT", moment), Ct);
        Assert.AreEqual(137, killed.ExitCode, $"{moment} was not reached: {killed.Error}");
    }

    private static async Task<BuildProject> ProjectAsync(ServedDistro distro)
    {
        var project = await BuildProject.OfSpecAsync(Sections, "BuildRequires: fixture-checks", distro.Places);
        project.Replace("release.toml", "rootfs:distro.tar", $"oci:{distro.Image}");
        return project;
    }

    /// <summary>Another RPM with the same requirements.</summary>
    private static void AddTwin(BuildProject project)
    {
        project.Write("specs/twin/twin.spec", project.Read("specs/probe.spec").Replace("Name: probe", "Name: twin", StringComparison.Ordinal));
        project.Replace("release.toml", "[target.local]", "[[rpm]]\nname = \"twin\"\nspec = \"specs/twin/twin.spec\"\n\n[target.local]");
    }

    private static string[] Prepares(BuildProject project) => Directory.GetFiles(project[".release/logs"], "*-prepare.log", SearchOption.AllDirectories);

    private static string Header(System.Text.Json.JsonElement[] results) => results.Single().GetProperty("files")[0].GetProperty("headerSha256").GetString()!;

    /// <summary>The digest that the lock has for the package.</summary>
    private static string DigestIn(string pins) => pins.Split('\n').Single(line => line.StartsWith($"\"{Package}\"", StringComparison.Ordinal)).Split('"')[3];
}
