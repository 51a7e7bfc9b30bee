using DotnetRelease.Distro.Tests.Containers;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary><c>rpm --shell-on-failure</c>.</summary>
[TestClass]
public sealed class ShellOnFailureTests(TestContext test)
{
    private const int Patience = 300_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_failed_build_can_be_looked_at_and_tried_again_and_has_failed_all_the_same()
    {
        using var project = await BuildProject.OfSpecAsync("%build\necho made > made-by-the-build\nfalse\n\n%files\n");
        using var dialog = Dialog.StartOnTerminal(project.Tool("rpm", "probe", "--shell-on-failure"));

        await dialog.HearAsync("This is a shell where probe on local failed", Ct);
        await dialog.HearAsync("eval \"$BUILD\"", Ct);
        await dialog.HearAsync("# ", Ct);
        await dialog.TypeAsync("pwd; cat made-by-the-build; echo epoch $SOURCE_DATE_EPOCH; tail -n +3 /proc/net/dev | wc -l; ls -1 /build/SPECS\n");
        await dialog.HearAsync("/build/BUILD\r\nmade\r\nepoch 1768384800\r\n1\r\nprobe.spec\r\nwheel_install.py\r\n", Ct);
        await dialog.TypeAsync("eval \"$BUILD\"; echo ended with $?\n");
        await dialog.HearAsync("Executing(%build)", Ct);
        await dialog.HearAsync("ended with 1\r\n", Ct);
        await dialog.TypeAsync("exit 9\n");

        Assert.AreEqual(7, await dialog.EndAsync(Ct), dialog.Heard);
        Assert.Contains("error REL3102", dialog.Heard, StringComparison.Ordinal);
        var lines = dialog.Heard.TrimEnd().Split("\r\n");
        Assert.AreEqual(lines[1], lines[^1], "The terminal's settings before and after.");
        Assert.IsEmpty(project.ResultNames());
    }

    [TestMethod]
    [DataRow("--quiet")]
    [DataRow("--json")]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Without_a_terminal_nothing_is_begun(string option)
    {
        using var project = await BuildProject.OfSpecAsync("%files\n");

        var outcome = await project.RunAsync(Ct, "rpm", "probe", "--shell-on-failure", option);

        Assert.AreEqual(2, outcome.ExitCode);
        Assert.Contains("Leave out", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("--shell-on-failure", outcome.Error, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project[".release"]));
        Assert.IsFalse(File.Exists(project["release.lock"]));
    }
}
