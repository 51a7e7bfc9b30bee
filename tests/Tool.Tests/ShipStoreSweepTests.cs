using System.Diagnostics;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>The sweep of <see cref="ShipSweepTests"/> with stores that have no folders, and by Ctrl-C.</summary>
[TestClass]
public sealed class ShipStoreSweepTests(TestContext test)
{
    private const int Patience = 240_000;

    private CancellationToken Ct => test.CancellationToken;

    /// <summary>Case 49 where a store keeps objects and no folders.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("ship.publish")]
    [DataRow("publish.locked")]
    [DataRow("publish.copied")]
    [DataRow("publish.metadata")]
    [DataRow("publish.swapped")]
    [DataRow("publish.recorded")]
    [DataRow("ship.promote publish.copied")]
    [DataRow("ship.promote publish.swapped")]
    [DataRow("ship.promote.done")]
    [DataRow("github.upload")]
    [DataRow("ship.release.done")]
    public async Task Killed_anywhere_with_stores_in_S3_the_next_run_ends_where_a_calm_one_does(string death)
    {
        await using var gitHub = new FakeGitHub();
        await using var s3 = FakeS3.Start();
        using var project = await ShipSweep.ReadyAsync(gitHub, s3);

        await ShipSweep.KillAsync(project, death, Ct);

        await ShipSweep.FinishAsync(project, Ct, s3);
        ShipSweep.Converged(project, gitHub, s3);
    }

    /// <summary>Ctrl-C is not a kill: it ends with 130 and leaves no lock; behaviour 19.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("ship.publish")]
    [DataRow("github.upload")]
    public async Task Interrupted_while_something_hangs_it_ends_and_can_go_on(string point)
    {
        await using var gitHub = new FakeGitHub();
        using var project = await ShipSweep.ReadyAsync(gitHub);
        var command = project.Tool("ship", "--yes-to", "prod").With("DOTNET_RELEASE_FAIL_AT", point + ":hang");
        using var process = await StartAsync(command, point);

        await Exec.ReadAsync(new Command("kill", "-INT", $"{process.Id}"), Ct);
        await process.WaitForExitAsync(Ct);

        Assert.AreNotEqual(0, process.ExitCode);
        await ShipSweep.FinishAsync(project, Ct);
        ShipSweep.Converged(project, gitHub);
    }

    /// <summary>Starts a run and waits until it reaches the point where it hangs.</summary>
    private async Task<Process> StartAsync(Command command, string point)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = command.WorkingDirectory };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var before = point is "ship.publish" ? FactKind.Signed : FactKind.Promoted;
        var ledger = Path.Combine(command.Arguments[2], ".release", "ledger.jsonl");
        while (!File.Exists(ledger) || (await File.ReadAllTextAsync(ledger, Ct)).Split($"\"kind\":\"{before.ToWord()}\"").Length < 3)
        {
            Assert.IsFalse(process.HasExited, "it ended before it could hang");
            await Task.Delay(100, Ct);
        }

        await Task.Delay(1500, Ct);
        return process;
    }
}
