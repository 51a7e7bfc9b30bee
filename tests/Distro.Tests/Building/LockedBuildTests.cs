using DotnetRelease.Containers;

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

        // What a spec is besides its requirements does not change the root.
        project.Replace("specs/probe.spec", "Version: 1.0", "Version: 1.1");
        project.Replace("specs/probe.spec", "- First", "- Second");
        Directory.Delete(project[".release/logs"], recursive: true);
        await distro.StopAsync();
        await project.BuildAsync(Ct, "probe");
        Assert.IsEmpty(Prepares(project));

        project.Replace("specs/probe.spec", "Version: 1.1", "Version: 1.0");
        project.Replace("specs/probe.spec", "- Second", "- First");
        Directory.Delete(project["dist"], recursive: true);
        await new EmbeddedEngine(distro.Places).PruneAsync(_ => true, _ => false, Ct);
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

    private static async Task<BuildProject> ProjectAsync(ServedDistro distro)
    {
        var project = await BuildProject.OfSpecAsync(Sections, "BuildRequires: fixture-checks", distro.Places);
        project.Replace("release.toml", "rootfs:distro.tar", $"oci:{distro.Image}");
        return project;
    }

    private static string[] Prepares(BuildProject project) => Directory.GetFiles(project[".release/logs"], "*-prepare.log", SearchOption.AllDirectories);

    private static string Header(System.Text.Json.JsonElement[] results) => results.Single().GetProperty("files")[0].GetProperty("headerSha256").GetString()!;

    /// <summary>The digest that the lock has for the package.</summary>
    private static string DigestIn(string pins) => pins.Split('\n').Single(line => line.StartsWith($"\"{Package}\"", StringComparison.Ordinal)).Split('"')[3];
}
