using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>The sweep of <see cref="ShipSweepTests"/> over the steps on GitHub, and what else a release there has to stand.</summary>
[TestClass]
public sealed class ShipGitHubSweepTests(TestContext test)
{
    private const int Patience = 240_000;

    private CancellationToken Ct => test.CancellationToken;

    public static IEnumerable<object[]> Deaths => ShipSweep.OnGitHub.Select(death => (object[])[death]);

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DynamicData(nameof(Deaths))]
    public Task Killed_anywhere_the_next_run_ends_where_a_calm_one_does(string death) => ShipSweep.SweepAsync(death, Ct);

    /// <summary>Case 98 with GitHub: looking is all that a run does when there is nothing left.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_finished_release_gets_no_request_that_changes_anything()
    {
        await using var gitHub = new FakeGitHub();
        using var project = await ShipSweep.ReadyAsync(gitHub);
        await ShipSweep.FinishAsync(project, Ct);
        var (changes, before) = (gitHub.Changes.Count, project.Snapshot());

        var again = await project.RunAsync(Ct, "ship");

        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.Contains("already released", again.Output, StringComparison.Ordinal);
        Assert.HasCount(changes, gitHub.Changes);
        Assert.AreEqual(before, project.Snapshot());
    }

    /// <summary>Case 69: the tag on GitHub is not the one that is released.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(null, "error REL9007")]
    [DataRow("0123456789abcdef0123456789abcdef01234567", "error REL9004")]
    public async Task A_tag_that_is_not_on_GitHub_or_is_another_one_there_stops_before_anything_is_done(string? commit, string id)
    {
        await using var gitHub = new FakeGitHub();
        using var project = await ShipSweep.ReadyAsync(gitHub);
        gitHub.Tags.Clear();
        if (commit is not null)
        {
            gitHub.Tags["v1.0"] = commit;
        }

        var refused = await project.RunAsync(Ct, "ship", "--yes-to", "prod");

        Assert.AreNotEqual(0, refused.ExitCode);
        Assert.Contains(id, refused.Error, StringComparison.Ordinal);
        Assert.IsEmpty(gitHub.Changes);
        Assert.IsFalse(Directory.Exists(project["srv"]) && Directory.EnumerateFiles(project["srv"], "*.rpm", SearchOption.AllDirectories).Any());
    }

    /// <summary>Cases 81 and 82: the token is in nothing that the run writes or starts.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_token_is_seen_nowhere()
    {
        await using var gitHub = new FakeGitHub { Token = $"CANARY_{Guid.NewGuid():n}" };
        using var project = await ShipSweep.ReadyAsync(gitHub);
        var command = project.Tool("ship", "--yes-to", "prod", "-v");
        using var done = new CancellationTokenSource();
        var watching = Task.Run(() => Revealing(gitHub.Token, done.Token), Ct);

        var shipped = await Exec.RunAsync(command, Ct);
        await done.CancelAsync();

        Assert.AreEqual(0, shipped.ExitCode, shipped.Error);
        Assert.DoesNotContain(gitHub.Token, shipped.Output + shipped.Error, StringComparison.Ordinal);
        Assert.AreEqual("", string.Join(' ', await watching), "in a command line, or in the environment of a child");
        Assert.AreEqual("", string.Join(' ', Directory.EnumerateFiles(project.Root, "*", SearchOption.AllDirectories)
            .Where(path => File.ReadAllText(path).Contains(gitHub.Token, StringComparison.Ordinal))));
    }

    /// <summary>Looks at all processes every 50 ms; the run itself has the token in its environment, because it was handed over there.</summary>
    private static async Task<HashSet<string>> Revealing(string secret, CancellationToken done)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        while (!done.IsCancellationRequested)
        {
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path["/proc/".Length])))
            {
                var command = Read(process, "cmdline");
                if (command.Contains(secret, StringComparison.Ordinal)
                    || (!command.Contains("dotnet-release.dll", StringComparison.Ordinal) && Read(process, "environ").Contains(secret, StringComparison.Ordinal)))
                {
                    found.Add(command.Replace('\0', ' '));
                }
            }

            await Task.Delay(50, CancellationToken.None);
        }

        return found;
    }

    private static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
