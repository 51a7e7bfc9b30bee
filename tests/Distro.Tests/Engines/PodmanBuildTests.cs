using DotnetRelease.Distro.Tests.Building;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>The main job with podman.</summary>
[TestClass]
public sealed class PodmanBuildTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    public async Task Podman_builds_the_packages_that_the_embedded_engine_builds_byte_for_byte()
    {
        using var podman = new PodmanHome();
        using var project = await BuildProject.ReadyAsync(Ct);
        await project.BuildAsync(Ct);

        var tool = podman.Variables.Aggregate(project.Tool("rpm", "--engine", "podman", "--output", "other"), (command, variable) => command.With(variable.Key, variable.Value));
        var outcome = await Exec.RunAsync(tool, Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.Contains("local: built with podman", outcome.Error, StringComparison.Ordinal);
        var packages = Directory.GetFiles(project.Results, "*.rpm");
        Assert.AreNotEqual(0, packages.Length);
        foreach (var embedded in packages)
        {
            var other = Path.Combine(project["other/local"], Path.GetFileName(embedded));
            Assert.AreEqual((await RpmFile.ReadAsync(embedded, Ct)).HeaderSha256, (await RpmFile.ReadAsync(other, Ct)).HeaderSha256, embedded);
            Assert.AreEqual(await Digest.OfFileAsync(embedded, Ct), await Digest.OfFileAsync(other, Ct), embedded);
        }

        Assert.Contains("no network: 'lo' is the only interface", LogOf(project), StringComparison.Ordinal);
        Assert.AreEqual("", await podman.LeftAsync());
    }

    private static string LogOf(BuildProject project) => string.Concat(Directory.GetFiles(project[".release/logs"], "*-build.log", SearchOption.AllDirectories).Select(File.ReadAllText));
}
