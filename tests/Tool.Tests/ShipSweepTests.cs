using System.Diagnostics;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>
/// Cases 49, 79 and behaviour 35: <c>ship</c> is killed at every step and at every place inside of one that changes something. However it
/// died, the next run goes on, and in the end the world is what it is after a calm release, each thing once.
/// </summary>
[TestClass]
public sealed class ShipSweepTests(TestContext test)
{
    private const int Patience = 240_000;

    /// <summary>Where the run dies, after it has died at the first place, if there is one.</summary>
    private static readonly string[] Deaths =
    [
        "ledger.write", "ledger.sync",
        "sign.copy", "sign.half", "sign.commit", "ship.sign", "ship.sign.done", "ship.sign.recorded",
        "ship.publish", "publish.locked", "publish.copy", "publish.copied", "publish.described", "publish.signed", "publish.metadata", "publish.staged",
        "publish.exchanged", "publish.swapped", "publish.verified", "publish.recorded", "publish.tidied", "ship.publish.done", "ship.publish.recorded",
        "ship.promote", "ship.promote publish.copied", "ship.promote publish.swapped", "ship.promote publish.recorded", "ship.promote.done", "ship.promote.recorded",
        "ship.publish.done ledger.write", "ship.promote.done ledger.sync",
        "ship.draft", "github.sign", "github.draft", "github.draft.created", "ship.draft.done", "ship.draft.recorded",
        "ship.assets", "github.upload", "ship.assets.done", "ship.assets.done ledger.write", "ship.assets.recorded",
        "ship.release", "github.publish", "github.published", "ship.release.done", "ship.release.recorded",
        "ship.check", "ship.check.done", "ship.check.done ledger.write", "ship.check.recorded",
    ];

    /// <summary>What each test begins with a copy of.</summary>
    private static readonly Lazy<Task<ShipProject>> Ready = new(async () =>
    {
        await using var gitHub = new FakeGitHub();
        return await BuiltAsync(gitHub);
    });

    private CancellationToken Ct => test.CancellationToken;

    [ClassCleanup]
    public static async Task RemoveReadyAsync()
    {
        if (Ready.IsValueCreated)
        {
            (await Ready.Value).Dispose();
        }
    }

    public static IEnumerable<object[]> AllDeaths => Deaths.Select(death => (object[])[death]);

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DynamicData(nameof(AllDeaths))]
    public async Task Killed_anywhere_the_next_run_ends_where_a_calm_one_does(string death)
    {
        await using var gitHub = new FakeGitHub();
        using var project = await ReadyAsync(gitHub);

        foreach (var (at, point) in death.Split(' ').Index())
        {
            string[] resume = at is 0 ? [] : ["--resume"];
            var killed = await Exec.RunAsync(project.Tool(["ship", "--yes-to", "prod", .. resume]).With("DOTNET_RELEASE_FAIL_AT", point), Ct);
            Assert.AreEqual(137, killed.ExitCode, $"{point} was not reached: {killed.Error}");
        }

        var status = await project.RunAsync(Ct, "status");
        Assert.AreEqual(0, status.ExitCode, status.Error);
        await FinishAsync(project);
        Converged(project, gitHub);
    }

    /// <summary>Every place in Core that can end a run of ship is in the list above, or is known not to be passed by it here.</summary>
    [TestMethod]
    public void No_place_is_forgotten()
    {
        // Objects, commit and push are those of a repository in git, whose own sweep is in PublishTests; build roots and their lock have LockedBuildTests; sdists have SdistBuildTests.
        string[] elsewhere = ["packages.keep", "rpm.lock", "lock-update.write", "fetch.lock", "spec.update", "publish.objects", "publish.committed", "publish.pushed", "prune.", "image-prune.", "collect.", "key.", "ship.", "publish.torn", "github.left-over", "github.replace", "github.draft.edit"];
        var swept = Deaths.SelectMany(death => death.Split(' ')).ToHashSet(StringComparer.Ordinal);
        var places =
            from file in Directory.EnumerateFiles(Checkout.At("src", "Core"), "*.cs", SearchOption.AllDirectories)
            where !file.Contains("/obj/", StringComparison.Ordinal)
            from part in File.ReadAllText(file).Split("FailPoint.At(\"").Skip(1)
            select part[..part.IndexOf('"', StringComparison.Ordinal)];

        var forgotten = places.Distinct(StringComparer.Ordinal).Where(place => !swept.Contains(place) && !elsewhere.Any(known => place.StartsWith(known, StringComparison.Ordinal)));

        Assert.AreEqual("", string.Join(' ', forgotten));
    }

    /// <summary>Ctrl-C is not a kill: it ends with 130 and leaves no lock; behaviour 19.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("ship.publish")]
    [DataRow("github.upload")]
    public async Task Interrupted_while_something_hangs_it_ends_and_can_go_on(string point)
    {
        await using var gitHub = new FakeGitHub();
        using var project = await ReadyAsync(gitHub);
        var command = project.Tool("ship", "--yes-to", "prod").With("DOTNET_RELEASE_FAIL_AT", point + ":hang");
        using var process = await StartAsync(command, point);

        await Exec.ReadAsync(new Command("kill", "-INT", $"{process.Id}"), Ct);
        await process.WaitForExitAsync(Ct);

        Assert.AreNotEqual(0, process.ExitCode);
        await FinishAsync(project);
        Converged(project, gitHub);
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
        using var project = await ReadyAsync(gitHub);

        var failed = await Exec.RunAsync(project.Tool("ship", "--yes-to", "prod").With("DOTNET_RELEASE_FAIL_AT", failure), Ct);

        Assert.AreEqual(5, failed.ExitCode, failed.Error);
        Assert.IsFalse(project.Facts().Any(fact => fact.Kind is FactKind.Published or FactKind.Released));
        await FinishAsync(project);
        Converged(project, gitHub);
    }

    /// <summary>Cases 81 and 82: the token is in nothing that the run writes or starts.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_token_is_seen_nowhere()
    {
        await using var gitHub = new FakeGitHub { Token = $"CANARY_{Guid.NewGuid():n}" };
        using var project = await ReadyAsync(gitHub);
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

    /// <summary>Case 98 with GitHub: looking is all that a run does when there is nothing left.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_finished_release_gets_no_request_that_changes_anything()
    {
        await using var gitHub = new FakeGitHub();
        using var project = await ReadyAsync(gitHub);
        await FinishAsync(project);
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
        using var project = await ReadyAsync(gitHub);
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

    /// <summary>The same where a store keeps objects and no folders.</summary>
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
        using var project = await ReadyAsync(gitHub, s3);

        foreach (var (at, point) in death.Split(' ').Index())
        {
            string[] resume = at is 0 ? [] : ["--resume"];
            var killed = await Exec.RunAsync(project.Tool(["ship", "--yes-to", "prod", .. resume]).With("DOTNET_RELEASE_FAIL_AT", point), Ct);
            Assert.AreEqual(137, killed.ExitCode, $"{point} was not reached: {killed.Error}");
        }

        await FinishAsync(project, s3);
        Converged(project, gitHub, s3);
    }

    private static async Task<ShipProject> ReadyAsync(FakeGitHub gitHub)
    {
        var project = await (await Ready.Value).CopyAsync(gitHub);
        gitHub.Tags["v1.0"] = (await project.GitAsync("rev-parse", "HEAD")).Trim();
        return project;
    }

    private static async Task<ShipProject> ReadyAsync(FakeGitHub gitHub, FakeS3 s3)
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
    private async Task FinishAsync(ShipProject project, FakeS3? s3 = null)
    {
        var next = await project.RunAsync(Ct, "ship", "--yes-to", "prod");
        if (next.ExitCode is 8 && next.Error.Contains("error REL9002", StringComparison.Ordinal))
        {
            next = await project.RunAsync(Ct, "ship", "--yes-to", "prod", "--resume");
        }

        if (s3 is not null && next.ExitCode is 8 && next.Error.Contains("error REL0011", StringComparison.Ordinal))
        {
            // An object has no owner that the kernel knows to be dead: a person has to say so, and is told how.
            const string advice = "take its lock away: dotnet release repo unlock ";
            Assert.Contains(advice, next.Error, StringComparison.Ordinal);
            var token = next.Error[(next.Error.IndexOf(advice, StringComparison.Ordinal) + advice.Length)..].Split('\n')[0].Trim();
            var unlocked = await project.RunAsync(Ct, "repo", "unlock", token);
            Assert.AreEqual(0, unlocked.ExitCode, unlocked.Error);
            await FinishAsync(project);
            return;
        }

        Assert.AreEqual(0, next.ExitCode, next.Error);
    }

    private static void Converged(ShipProject project, FakeGitHub gitHub, FakeS3? s3 = null)
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
