using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>
/// Cases 49, 79 and behaviour 35: <c>ship</c> is killed at every step and at every place inside of one that changes something. However it
/// died, the next run goes on, and in the end the world is what it is after a calm release, each thing once. Here up to what dnf users see.
/// </summary>
[TestClass]
public sealed class ShipSweepTests(TestContext test)
{
    private const int Patience = 240_000;

    private CancellationToken Ct => test.CancellationToken;

    public static IEnumerable<object[]> Deaths => ShipSweep.Packages.Select(death => (object[])[death]);

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DynamicData(nameof(Deaths))]
    public Task Killed_anywhere_the_next_run_ends_where_a_calm_one_does(string death) => ShipSweep.SweepAsync(death, Ct);

    /// <summary>Every place in Core that can end a run of ship is in the list above, or is known not to be passed by it here.</summary>
    [TestMethod]
    public void No_place_is_forgotten()
    {
        // Objects, commit and push are those of a repository in git, whose own sweep is in PublishTests; build roots and their lock have LockedBuildTests; sdists have SdistBuildTests.
        string[] elsewhere = ["packages.keep", "rpm.lock", "lock-update.write", "fetch.lock", "spec.update", "publish.objects", "publish.committed", "publish.pushed", "prune.", "image-prune.", "collect.", "key.", "ship.", "publish.torn", "github.left-over", "github.replace", "github.draft.edit"];
        var swept = ShipSweep.Packages.Concat(ShipSweep.OnGitHub).SelectMany(death => death.Split(' ')).ToHashSet(StringComparer.Ordinal);
        var places =
            from file in Directory.EnumerateFiles(Checkout.At("src", "Core"), "*.cs", SearchOption.AllDirectories)
            where !file.Contains("/obj/", StringComparison.Ordinal)
            from part in File.ReadAllText(file).Split("FailPoint.At(\"").Skip(1)
            select part[..part.IndexOf('"', StringComparison.Ordinal)];

        var forgotten = places.Distinct(StringComparer.Ordinal).Where(place => !swept.Contains(place) && !elsewhere.Any(known => place.StartsWith(known, StringComparison.Ordinal)));

        Assert.AreEqual("", string.Join(' ', forgotten));
    }

    /// <summary>Case 61: a disk that fails in the middle is a failure with a code, and no fact says otherwise.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("ledger.write:enospc")]
    [DataRow("ledger.sync:eio")]
    [DataRow("publish.copy:enospc")]
    [DataRow("publish.metadata:eio")]
    public async Task A_disk_that_fails_ends_the_run_and_the_next_one_goes_on(string failure)
    {
        await using var gitHub = new FakeGitHub();
        using var project = await ShipSweep.ReadyAsync(gitHub);

        var failed = await Exec.RunAsync(project.Tool("ship", "--yes-to", "prod").With("DOTNET_RELEASE_FAIL_AT", failure), Ct);

        Assert.AreEqual(5, failed.ExitCode, failed.Error);
        Assert.IsFalse(project.Facts().Any(fact => fact.Kind is FactKind.Published or FactKind.Released));
        await ShipSweep.FinishAsync(project, Ct);
        ShipSweep.Converged(project, gitHub);
    }
}
