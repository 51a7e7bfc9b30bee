using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>What a client that is not ours sees of a repository's life: zypper, with both signatures demanded.</summary>
[TestClass]
public sealed class LifeClientTests(TestContext test)
{
    private static readonly LifeChoice Prod = new("prod", ["fedora-43"]);

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task Zypper_follows_promotion_rollback_withdrawal_and_pruning()
    {
        using var bench = new LifeBench(await TestKey.Rsa, Ct);
        await bench.DoAsync(bench.Run.PlanInitAsync(Prod, Ct));
        var repos = Directory.CreateDirectory(Path.Combine(bench.Scratch["zypp"], "etc", "zypp", "repos.d")).FullName;
        File.Copy(Path.Combine(bench.Folder("prod"), "demo-prod.repo"), Path.Combine(repos, "demo-prod.repo"));
        Assert.AreEqual("", await SeesAsync(bench), "an empty repository is one");

        foreach (var version in (string[])["1.0", "1.1", "1.2"])
        {
            await bench.PublishAsync("qa", "fedora-43", new RpmRecipe("life", version));
            await bench.DoAsync(bench.Run.PlanPromotionAsync("qa", Prod, [], Ct));
        }

        Assert.AreEqual("1.0-1 1.1-1 1.2-1", await SeesAsync(bench));
        await bench.DoAsync(bench.Run.PlanRollbackAsync(Prod, null, Ct));
        Assert.AreEqual("1.0-1 1.1-1", await SeesAsync(bench));
        await bench.DoAsync(bench.Run.PlanWithdrawalAsync(Prod, ["life-1.0-1"], Ct));
        Assert.AreEqual("1.1-1", await SeesAsync(bench));
        bench.Clock.Now += TimeSpan.FromHours(49);
        await bench.DoAsync(bench.Run.PlanPruningAsync(Prod, 1, Ct));
        Assert.AreEqual("1.1-1", await SeesAsync(bench));

        var downloaded = await ZypperAsync(bench, "download", "life");
        Assert.AreEqual(0, downloaded.ExitCode, downloaded.Output + downloaded.Error);
        Assert.HasCount(1, Directory.GetFiles(bench.Scratch["zypp"], "life-1.1-1.noarch.rpm", SearchOption.AllDirectories));
    }

    /// <summary>The versions that zypper offers after a refresh.</summary>
    private async Task<string> SeesAsync(LifeBench bench)
    {
        var refreshed = await ZypperAsync(bench, "refresh", "--force");
        Assert.AreEqual(0, refreshed.ExitCode, refreshed.Output + refreshed.Error);
        var found = await ZypperAsync(bench, "--no-refresh", "search", "--details", "life");
        return string.Join(' ', found.Output.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Where(cells => cells is [_, "life", "package", ..]).Select(cells => cells[3]).Order(StringComparer.Ordinal));
    }

    private Task<Outcome> ZypperAsync(LifeBench bench, params string[] words) => Exec.RunAsync(
        new Command("unshare", ["--user", "--map-root-user", "zypper", "--root", bench.Scratch["zypp"], "--non-interactive", "--gpg-auto-import-keys", .. words]), Ct);
}
