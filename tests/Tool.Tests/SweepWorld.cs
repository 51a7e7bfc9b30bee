using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>What a sweep does with a <see cref="StoreWorld"/>: publications that end, and what is true afterwards.</summary>
internal sealed partial class SweepWorld(StoreWorld world, CancellationToken ct) : IAsyncDisposable
{
    /// <summary>The project and its servers.</summary>
    internal StoreWorld World => world;

    internal static async Task<SweepWorld> StartAsync(string store, int packages, CancellationToken ct) =>
        new(await StoreWorld.StartAsync(store, [.. Enumerable.Range(0, packages).Select(at => new RpmRecipe($"sweep{at:d2}"))], ct), ct);

    /// <summary>Runs <c>publish</c>, which ends at a step, or hangs there until it is killed.</summary>
    internal async Task<Outcome> PublishAsync(string? step = null, string? kind = null)
    {
        var command = world.Tool("publish");
        if (kind is not "hang")
        {
            return await Exec.RunAsync(step is null ? command : command.With("DOTNET_RELEASE_FAIL_AT", $"{step}:{kind}"), ct);
        }

        await (await HangAsync(step!)).DisposeAsync();
        return new Outcome(137, default, "");
    }

    /// <summary>Runs <c>publish</c> until it hangs at a step, and kills it when the result is disposed.</summary>
    internal async Task<IAsyncDisposable> HangAsync(string step)
    {
        var marker = world.Scratch[$"{step}.marker"];
        var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = Exec.RunAsync(world.Tool("publish").With("DOTNET_RELEASE_FAIL_AT", $"{step}:hang:{marker}"), end.Token);
        while (!File.Exists(marker))
        {
            Assert.IsFalse(running.IsCompleted, $"{step} was not reached.");
            await Task.Delay(20, ct);
        }

        return new Hanging(running, end);
    }

    /// <summary>What a maintainer does after a crash: run it again, and when a lock was left, what the message says.</summary>
    internal async Task RecoverAsync()
    {
        var again = await PublishAsync();
        if (again.ExitCode is 8 && Unlock().Match(again.Error) is { Success: true } told)
        {
            var unlocked = await world.RunAsync("repo", "unlock", told.Groups[1].Value);
            Assert.AreEqual(0, unlocked.ExitCode, unlocked.Error);
            again = await PublishAsync();
        }

        Assert.AreEqual(0, again.ExitCode, again.Error);
    }

    /// <summary>What the repository consists of, by digest.</summary>
    internal string Metadata() => Names(world["repodata/repomd.xml"]);

    /// <summary>The same of a repository that got the same packages in one calm run.</summary>
    internal async Task<string> CalmAsync()
    {
        var calm = await world.RunAsync("publish", "--config", "calm.toml");
        Assert.AreEqual(0, calm.ExitCode, calm.Error);
        return Names(await File.ReadAllBytesAsync(world.Scratch["calm/demo/local/repodata/repomd.xml"], ct));
    }

    /// <summary>What the ledger says although it is not so, or does not say although it is.</summary>
    internal async Task<string> LedgerProblemsAsync()
    {
        var said = (await File.ReadAllLinesAsync(world.Scratch[".release/ledger.jsonl"], ct))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(fact => fact.GetProperty("kind").GetString() is "published")
            .Select(fact => fact.GetProperty("sha256").GetString()!).ToList();
        var offered = Directory.GetFiles(world.Results).Select(file => Digest.Of(File.ReadAllBytes(file)).Hex).ToList();
        return string.Join(' ', said.Except(offered).Concat(offered.Except(said)).Concat(said.Count == said.Distinct().Count() ? [] : ["twice"]));
    }

    public ValueTask DisposeAsync() => world.DisposeAsync();

    private static string Names(byte[] repomd)
    {
        XNamespace repo = "http://linux.duke.edu/metadata/repo";
        return string.Join('\n', XDocument.Parse(Encoding.UTF8.GetString(repomd)).Root!.Elements(repo + "data").Select(data => data.Element(repo + "location")!.Attribute("href")!.Value));
    }

    private sealed class Hanging(Task<Outcome> running, CancellationTokenSource end) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await end.CancelAsync();
            await Assert.ThrowsAsync<OperationCanceledException>(() => running);
            end.Dispose();
        }
    }

    [GeneratedRegex("dotnet release repo unlock ([0-9a-f]{32})")]
    private static partial Regex Unlock();
}
