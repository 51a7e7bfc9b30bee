using System.Text.Json;

namespace DotnetRelease.Tasks.Tests;

[TestClass]
public sealed class DetectTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(180_000, CooperativeCancellation = true)]
    public async Task A_bump_between_two_files_becomes_an_item_with_its_metadata()
    {
        using var project = PackedTasks.NewProject();
        await PackedTasks.DotnetAsync(project.Root, Ct, "restore", "-v", "quiet");

        var json = await PackedTasks.DotnetAsync(
            project.Root, Ct, "build", "--no-restore", "-t:DotnetReleaseDetect", "-p:DotnetReleaseFrom=poetry.lock", "-p:DotnetReleaseTo=poetry.lock.next", "-getItem:DotnetReleaseBump");

        using var document = JsonDocument.Parse(json);
        var greeter = document.RootElement.GetProperty("Items").GetProperty("DotnetReleaseBump").EnumerateArray().Single(item => item.GetProperty("Identity").GetString() == "greeter");
        Assert.AreEqual("1.0.0", greeter.GetProperty("From").GetString());
        Assert.AreEqual("1.1.0", greeter.GetProperty("To").GetString());
        Assert.AreEqual("upgraded", greeter.GetProperty("Kind").GetString());
        StringAssert.StartsWith(greeter.GetProperty("Lockfile").GetString(), "poetry.lock", StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(180_000, CooperativeCancellation = true)]
    public async Task A_target_of_the_project_can_build_on_the_items()
    {
        using var project = PackedTasks.NewProject();
        await PackedTasks.DotnetAsync(project.Root, Ct, "restore", "-v", "quiet");

        var output = await PackedTasks.DotnetAsync(
            project.Root, Ct, "build", "--no-restore", "-t:ShowBumps", "-p:DotnetReleaseFrom=poetry.lock", "-p:DotnetReleaseTo=poetry.lock.next");

        StringAssert.Contains(output, "bump: greeter 1.0.0 -> 1.1.0", StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(180_000, CooperativeCancellation = true)]
    public async Task A_second_build_reads_no_lock_again_and_warns_again()
    {
        using var project = PackedTasks.NewProject();
        await PackedTasks.DotnetAsync(project.Root, Ct, "restore", "-v", "quiet");
        string[] build = ["build", "--no-restore", "-t:DotnetReleaseDetect", "-p:DotnetReleaseFrom=poetry.lock.next", "-p:DotnetReleaseTo=poetry.lock", "-v:normal"];

        var first = await PackedTasks.DotnetAsync(project.Root, Ct, build);
        var second = await PackedTasks.DotnetAsync(project.Root, Ct, build);
        File.SetLastWriteTimeUtc(project["poetry.lock"], DateTime.UtcNow.AddMinutes(1));
        var third = await PackedTasks.DotnetAsync(project.Root, Ct, build);

        foreach (var output in new[] { first, second, third })
        {
            StringAssert.Matches(output, new(@"poetry\.lock\(\d+,1\): warning REL1107: greeter went from 1\.1\.0 down to 1\.0\.0"));
            StringAssert.Contains(output, "greeter 1.1.0 -> 1.0.0 (downgraded, poetry.lock)", StringComparison.Ordinal);
        }

        const string skipped = "Skipping target \"_DotnetReleaseDetectBumps\"";
        Assert.AreEqual("False True False", string.Join(' ', new[] { first, second, third }.Select(output => output.Contains(skipped, StringComparison.Ordinal))));
    }

    [TestMethod]
    [Timeout(180_000, CooperativeCancellation = true)]
    public async Task A_malformed_lock_is_an_error_with_code_file_and_line()
    {
        using var project = PackedTasks.NewProject();
        project.Write("broken.lock", "[[package]]\nname = \"greeter\"\n<<<<<<< HEAD\n");
        await PackedTasks.DotnetAsync(project.Root, Ct, "restore", "-v", "quiet");

        var outcome = await PackedTasks.RunAsync(
            project.Root, Ct, "build", "--no-restore", "-t:DotnetReleaseDetect", "-p:DotnetReleaseFrom=poetry.lock", "-p:DotnetReleaseTo=broken.lock");

        Assert.AreEqual(1, outcome.ExitCode, outcome.Output);
        StringAssert.Matches(outcome.Output, new(@"broken\.lock\(3,1\): error REL\d{4}: "));
        Assert.IsFalse(outcome.Output.Contains("   at DotnetRelease.", StringComparison.Ordinal), outcome.Output);
    }

    [TestMethod]
    [Timeout(180_000, CooperativeCancellation = true)]
    public async Task An_ordinary_build_does_not_run_the_target()
    {
        using var project = PackedTasks.NewProject();
        File.Delete(project["poetry.lock"]);

        var output = await PackedTasks.DotnetAsync(project.Root, Ct, "build");

        StringAssert.Contains(output, "Build succeeded", StringComparison.Ordinal);
    }
}
