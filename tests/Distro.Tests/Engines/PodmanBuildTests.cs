using DotnetRelease.Distro.Tests.Building;
using DotnetRelease.Fixtures;
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
        Command Tool(params string[] arguments) => podman.Variables.Aggregate(project.Tool(arguments), (command, variable) => command.With(variable.Key, variable.Value));

        var here = await Exec.RunAsync(Tool("rpm", "--engine", "podman", "--output", "here"), Ct);

        Assert.AreEqual(0, here.ExitCode, here.Error);
        Assert.Contains("local: built with podman\n", here.Error, StringComparison.Ordinal);
        Assert.Contains("no network: 'lo' is the only interface", LogOf(project), StringComparison.Ordinal);
        await AssertSameAsync(project, "here");
        await AssertInstalledAsync(project, Tool("rpm", "--engine", "podman", "--output", "installed", "--json"));
        await AssertSameSourceAsync(podman);

        // The same behind a socket, as on another machine: what is prepared is there already, spec and sources are not.
        await podman.ServeAsync(Ct);
        project.Replace("release.toml", "[target.local]", $"[target.local]\nengine-host = \"{podman.Url}\"");
        var way = $"local: built with podman at {podman.Url}; image, spec and sources are copied there";
        var plan = await Exec.RunAsync(Tool("rpm", "--dry-run", "--output", "there"), Ct);
        Assert.Contains(way, plan.Error, StringComparison.Ordinal);
        Assert.Contains($"not built yet; by the engine at {podman.Url}", plan.Output, StringComparison.Ordinal);

        var there = await Exec.RunAsync(Tool("rpm", "--output", "there"), Ct);

        Assert.AreEqual(0, there.ExitCode, there.Error);
        Assert.Contains(way, there.Error, StringComparison.Ordinal);
        await AssertSameAsync(project, "there");
        Assert.AreEqual("", await podman.LeftAsync());
    }

    /// <summary>What podman writes into each container is not what a package leaves.</summary>
    private async Task AssertInstalledAsync(BuildProject project, Command tool)
    {
        const string spec = "rpm-specs/python3-greeter/python3-greeter.spec", settings = "release.toml";
        var (oldSpec, oldSettings) = (project.Read(spec), project.Read(settings));
        project.Replace(spec, "%changelog", "%post\ntouch /var/lib/left\n\n%changelog");
        project.Replace(settings, "[[rpm]]", "[[rpm]]\nsmoke = [\"python3 -c 'import greeter'\", \"test $(id -u) = 65534\"]");

        var outcome = await Exec.RunAsync(tool, Ct);

        Assert.AreEqual((int)ExitCode.Refused, outcome.ExitCode, outcome.Error);
        var result = BuildProject.Json(outcome.OutputBytes).GetProperty("results")[0];
        Assert.AreEqual("REL3221 /var/lib/left", string.Join(", ", result.GetProperty("alarms").EnumerateArray().Select(alarm => $"{alarm.GetProperty("id")} {alarm.GetProperty("artifact")}")), outcome.Error);
        var steps = Directory.GetFiles(Path.Combine(result.GetProperty("log").GetString()!, "install")).Select(path => Path.GetFileNameWithoutExtension(path)[3..]).Order(StringComparer.Ordinal);
        Assert.AreEqual("install, remove, requirements, smoke, smoke, update", string.Join(", ", steps));
        project.Write(spec, oldSpec);
        project.Write(settings, oldSettings);
    }

    /// <summary>The digest that one engine's sdist had is that of the other's, too.</summary>
    private async Task AssertSameSourceAsync(PodmanHome podman)
    {
        using var project = await SdistBuildTests.CreateAsync("sdist = [\"python3 setup.py -q sdist\"]\n");
        using var scratch = new Scratch();
        var written = await project.RunAsync(Ct, "fetch", "probe", "--update");
        project.Write("release.toml", $"{project.Read("release.toml")}[build]\nengine = \"podman\"\n");
        var command = podman.Variables.Aggregate(project.Tool("fetch", "probe"), (command, variable) => command.With(variable.Key, variable.Value));

        var fetched = await Exec.RunAsync(command.With("DOTNET_RELEASE_CACHE", scratch["cache"]), Ct);

        Assert.AreEqual((0, 0), (written.ExitCode, fetched.ExitCode), written.Error + fetched.Error);
        Assert.Contains("by 'python3 setup.py -q sdist' on local, and proven", fetched.Error, StringComparison.Ordinal);
    }

    private async Task AssertSameAsync(BuildProject project, string output)
    {
        var packages = Directory.GetFiles(project.Results, "*.rpm");
        Assert.AreNotEqual(0, packages.Length);
        foreach (var embedded in packages)
        {
            var other = Path.Combine(project[output], "local", Path.GetFileName(embedded));
            Assert.AreEqual((await RpmFile.ReadAsync(embedded, Ct)).HeaderSha256, (await RpmFile.ReadAsync(other, Ct)).HeaderSha256, embedded);
            Assert.AreEqual(await Digest.OfFileAsync(embedded, Ct), await Digest.OfFileAsync(other, Ct), embedded);
        }
    }

    private static string LogOf(BuildProject project) => string.Concat(Directory.GetFiles(project[".release/logs"], "*-build.log", SearchOption.AllDirectories).Select(File.ReadAllText));
}
