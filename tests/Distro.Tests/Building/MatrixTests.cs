using System.Globalization;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>One RPM for several targets.</summary>
[TestClass]
public sealed class MatrixTests(TestContext test)
{
    private const int Patience = 300_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_target_that_fails_stops_no_other_and_the_next_run_builds_what_is_missing()
    {
        using var project = await ThreeTargetsAsync();

        var outcome = await project.RunAsync(Ct, "rpm", "probe", "--json", "--jobs", "3");

        Assert.AreEqual((int)ExitCode.Partial, outcome.ExitCode, outcome.Error + outcome.Output);
        Assert.AreEqual("first built, second failed, third built", States(outcome.OutputBytes));
        Assert.Contains("error REL3101 : probe on second: the step 'prepare' exited with 1", outcome.Error, StringComparison.Ordinal);

        // The two that are alike have one root, which one of them made while the other waited.
        Assert.AreEqual(1, ((string[])["first", "third"]).Count(target => File.Exists(project[$".release/logs/probe-{target}-x86_64/01-prepare.log"])));

        project.Replace("release.toml", "false", "true");
        var second = await project.RunAsync(Ct, "rpm", "probe", "--json");

        Assert.AreEqual(0, second.ExitCode, second.Error);
        Assert.AreEqual("first up-to-date, second built, third up-to-date", States(second.OutputBytes));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task One_cell_is_built_alone_and_an_unknown_one_is_refused_with_the_names_of_all()
    {
        using var project = await ThreeTargetsAsync();

        var only = await project.BuildAsync(Ct, "--only", "probe@third/x86_64");
        var unknown = await project.RunAsync(Ct, "rpm", "--only", "probe@fourth");

        Assert.AreEqual("third built", string.Join(", ", only.Select(each => $"{each.GetProperty("target")} {each.GetProperty("state")}")));
        Assert.AreEqual((int)ExitCode.Usage, unknown.ExitCode, unknown.Error);
        Assert.Contains("probe@first/x86_64", unknown.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_disk_without_room_ends_the_run_before_anything_is_downloaded()
    {
        using var project = await ThreeTargetsAsync();
        using var data = new Scratch();
        var tool = project.Tool("rpm", "probe");

        // A disk of our own is what any user may mount in a namespace of his own.
        var outcome = await Exec.RunAsync(
            (tool with { Program = "unshare", Arguments = ["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=64m none \"$DOTNET_RELEASE_DATA\" && exec \"$0\" \"$@\"", tool.Program, .. tool.Arguments] }).With("DOTNET_RELEASE_DATA", data.Root),
            Ct);

        Assert.AreEqual((int)ExitCode.Environment, outcome.ExitCode, outcome.Error + outcome.Output);
        Assert.Contains($"error REL3010 : The disk at '{data.Root}' has 6", outcome.Error, StringComparison.Ordinal);
        Assert.Contains($"MiB for build roots in '{data.Root}'", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>The second target cannot be prepared. The prepared root of the others is nobody else's.</summary>
    private static async Task<BuildProject> ThreeTargetsAsync()
    {
        var project = await BuildProject.OfSpecAsync("%files\n");
        var own = string.Create(CultureInfo.InvariantCulture, $"true {Guid.NewGuid():N}");
        var targets = ((string, string)[])[("first", own), ("second", "false"), ("third", own)];
        project.Write(
            "release.toml",
            project.Read("release.toml").Split("[target.local]")[0]
            + string.Concat(targets.Select(target => $"[target.{target.Item1}]\nimage = \"rootfs:distro.tar\"\nprepare = [\"{target.Item2}\"]\n")));
        return project;
    }

    private static string States(ReadOnlyMemory<byte> json) =>
        string.Join(", ", BuildProject.Json(json).GetProperty("results").EnumerateArray().Select(each => $"{each.GetProperty("target")} {each.GetProperty("state")}"));
}
