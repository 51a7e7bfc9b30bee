using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>The main job for somebody who is not root, with a range in /etc/subuid.</summary>
[TestClass]
public sealed class OrdinaryUserTests(TestContext test)
{
    private const int Patience = 300_000;

    private static OtherUser s_user = null!;

    private CancellationToken Ct => test.CancellationToken;

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _) => s_user = await OtherUser.MakeAsync();

    [ClassCleanup]
    public static async Task ForgetAsync()
    {
        await using (s_user)
        {
            await s_user.ForgetAsync();
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_bump_becomes_the_same_packages_that_root_gets()
    {
        using var project = await BuildProject.ReadyAsync(Ct);
        await project.BuildAsync(Ct);
        var copy = await s_user.CopyAsync(project, "bump", Ct);
        var command = s_user.Tool(project, copy, [], "rpm", "--json");

        var built = await Exec.RunAsync(command, Ct);
        Assert.AreEqual(0, built.ExitCode, built.Error);
        var again = await Exec.RunAsync(command, Ct);

        Assert.AreEqual("built", BuildProject.Json(built.OutputBytes).GetProperty("results")[0].GetProperty("state").GetString());
        Assert.AreEqual("up-to-date", BuildProject.Json(again.OutputBytes).GetProperty("results")[0].GetProperty("state").GetString());
        foreach (var name in project.ResultNames())
        {
            Assert.AreEqual(await Digest.OfFileAsync(Path.Combine(project.Results, name), Ct), await Digest.OfFileAsync(Path.Combine(copy, "dist/rpm/local", name), Ct), name);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_a_build_must_not_do_ends_by_name_with_nothing_copied_and_nobody_left()
    {
        var bad = new BadBuilds();
        using var project = await bad.ProjectAsync();
        var copy = await s_user.CopyAsync(project, "bad", Ct);

        await bad.AssertRefusedAsync(await Exec.RunAsync(s_user.Tool(project, copy, [], BadBuilds.Arguments), Ct), copy, Ct);
    }

    // cases.md 39
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_that_fills_the_disk_is_ended_while_there_is_room_for_others()
    {
        using var project = await FilledDisk.ProjectAsync();
        var copy = await s_user.CopyAsync(project, "full", Ct);
        var tool = s_user.Tool(project, copy, FilledDisk.Before(isRoot: false), "rpm", "probe");

        FilledDisk.AssertEnded(await Exec.RunAsync(tool.With("DOTNET_RELEASE_DATA", Path.Combine(s_user.Home, "small")), Ct), copy);
    }
}
