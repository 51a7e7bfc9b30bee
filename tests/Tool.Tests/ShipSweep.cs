using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>
/// What a sweep over <c>ship</c> does with a project: the run dies at a place, a person goes on, and in the end the world is what it is after
/// a calm release, each thing once.
/// </summary>
internal static class ShipSweep
{
    /// <summary>
    /// Where the run dies up to what dnf users see; after a blank, where the next one dies. In two lists, so that they run side by side.
    /// </summary>
    internal static readonly string[] Packages =
    [
        "ledger.write", "ledger.sync",
        "sign.copy", "sign.half", "sign.commit", "ship.sign", "ship.sign.done", "ship.sign.recorded",
        "ship.publish", "publish.locked", "publish.copy", "publish.copied", "publish.described", "publish.signed", "publish.metadata", "publish.staged",
        "publish.exchanged", "publish.swapped", "publish.verified", "publish.recorded", "publish.tidied", "ship.publish.done", "ship.publish.recorded",
        "ship.promote", "ship.promote publish.copied", "ship.promote publish.swapped", "ship.promote publish.recorded", "ship.promote.done", "ship.promote.recorded",
        "ship.publish.done ledger.write", "ship.promote.done ledger.sync",
    ];

    /// <summary>The same from there to what GitHub shows.</summary>
    internal static readonly string[] OnGitHub =
    [
        "ship.draft", "github.sign", "github.draft", "github.draft.created", "ship.draft.done", "ship.draft.recorded",
        "ship.assets", "github.upload", "ship.assets.done", "ship.assets.done ledger.write", "ship.assets.recorded",
        "ship.release", "github.publish", "github.published", "ship.release.done", "ship.release.recorded",
        "ship.check", "ship.check.done", "ship.check.done ledger.write", "ship.check.recorded",
    ];

    /// <summary>What each sweep begins with a copy of.</summary>
    private static readonly Lazy<Task<ShipProject>> Ready = new(async () =>
    {
        await using var gitHub = new FakeGitHub();
        var project = await BuiltAsync(gitHub);
        Leftovers.BeforeRemoval(() =>
        {
            project.Dispose();
            return Task.CompletedTask;
        });
        return project;
    });

    /// <summary>Kills a run at each of the places, one after the other.</summary>
    internal static async Task KillAsync(ShipProject project, string death, CancellationToken ct)
    {
        foreach (var (at, point) in death.Split(' ').Index())
        {
            string[] resume = at is 0 ? [] : ["--resume"];
            var killed = await Exec.RunAsync(project.Tool(["ship", "--yes-to", "prod", .. resume]).With("DOTNET_RELEASE_FAIL_AT", point), ct);
            Assert.AreEqual(137, killed.ExitCode, $"{point} was not reached: {killed.Error}");
        }
    }

    /// <summary>Case 49: killed, looked at, gone on with.</summary>
    internal static async Task SweepAsync(string death, CancellationToken ct)
    {
        await using var gitHub = new FakeGitHub();
        using var project = await ReadyAsync(gitHub);

        await KillAsync(project, death, ct);

        var status = await project.RunAsync(ct, "status");
        Assert.AreEqual(0, status.ExitCode, status.Error);
        await FinishAsync(project, ct);
        Converged(project, gitHub);
    }

    internal static async Task<ShipProject> ReadyAsync(FakeGitHub gitHub)
    {
        var project = await (await Ready.Value).CopyAsync(gitHub);
        gitHub.Tags["v1.0"] = (await project.GitAsync("rev-parse", "HEAD")).Trim();
        return project;
    }

    internal static async Task<ShipProject> ReadyAsync(FakeGitHub gitHub, FakeS3 s3)
    {
        var project = await BuiltAsync(gitHub, $"""
            [repository.qa]
            url = "s3://{FakeS3.Bucket}/qa?endpoint={s3.Endpoint}"
            base-url = "{s3.Endpoint}{FakeS3.Bucket}/qa"

            [repository.prod]
            url = "s3://{FakeS3.Bucket}/prod?endpoint={s3.Endpoint}"
            base-url = "{s3.Endpoint}{FakeS3.Bucket}/prod"
            promote-from = "qa"
            """);
        project.Environment["AWS_ACCESS_KEY_ID"] = "TESTKEY";
        project.Environment["AWS_SECRET_ACCESS_KEY"] = "CANARY_aws_secret";
        gitHub.Tags["v1.0"] = (await project.GitAsync("rev-parse", "HEAD")).Trim();
        return project;
    }

    /// <summary>Committed, tagged and built, but not signed.</summary>
    private static async Task<ShipProject> BuiltAsync(FakeGitHub gitHub, string? repositories = null)
    {
        var project = await ShipProject.CreateAsync(await TestKey.Rsa, repositories, gitHub);
        await project.TagAsync("v1.0");
        await project.BuildAsync(CancellationToken.None);
        return project;
    }

    /// <summary>What a person types: ship, and when that says so, ship --resume.</summary>
    internal static async Task FinishAsync(ShipProject project, CancellationToken ct, FakeS3? s3 = null)
    {
        var next = await project.RunAsync(ct, "ship", "--yes-to", "prod");
        if (next.ExitCode is 8 && next.Error.Contains("error REL9002", StringComparison.Ordinal))
        {
            next = await project.RunAsync(ct, "ship", "--yes-to", "prod", "--resume");
        }

        if (s3 is not null && next.ExitCode is 8 && next.Error.Contains("error REL0011", StringComparison.Ordinal))
        {
            // An object has no owner that the kernel knows to be dead: a person has to say so, and is told how.
            const string advice = "take its lock away: dotnet release repo unlock ";
            Assert.Contains(advice, next.Error, StringComparison.Ordinal);
            var token = next.Error[(next.Error.IndexOf(advice, StringComparison.Ordinal) + advice.Length)..].Split('\n')[0].Trim();
            var unlocked = await project.RunAsync(ct, "repo", "unlock", token);
            Assert.AreEqual(0, unlocked.ExitCode, unlocked.Error);
            await FinishAsync(project, ct);
            return;
        }

        Assert.AreEqual(0, next.ExitCode, next.Error);
    }

    internal static void Converged(ShipProject project, FakeGitHub gitHub, FakeS3? s3 = null)
    {
        var release = gitHub.Releases.Single();
        Assert.IsFalse(release.IsDraft);
        Assert.AreEqual(
            "checksums.txt checksums.txt.asc hello-1.0-1.noarch.rpm hello-1.0-1.src.rpm",
            string.Join(' ', release.Assets.Select(asset => asset.Name).Order(StringComparer.Ordinal)));
        foreach (var repository in (string[])["qa", "prod"])
        {
            foreach (var name in (string[])["hello-1.0-1.noarch.rpm", "hello-1.0-1.src.rpm"])
            {
                var here = Digest.Of(File.ReadAllBytes(Path.Combine(project.Results, name)));
                var path = $"{repository}/hello/local/{name}";
                Assert.AreEqual(here, Digest.Of(s3 is null ? File.ReadAllBytes(project[$"srv/{path}"]) : s3[path]), path);
            }
        }

        var facts = project.Facts();
        Assert.AreEqual("", string.Join(' ', facts.Where(fact => fact.Kind is FactKind.Published or FactKind.Promoted or FactKind.Uploaded or FactKind.Released)
            .GroupBy(fact => (fact.Kind, fact.Nevra, fact.Digest)).Where(same => same.Count() > 1).Select(same => same.Key)), "facts that were written twice");
        Assert.AreEqual(2, facts.Count(fact => fact.Kind is FactKind.Promoted));
        Assert.AreEqual(FactKind.Released, facts[^1].Kind);
    }
}
