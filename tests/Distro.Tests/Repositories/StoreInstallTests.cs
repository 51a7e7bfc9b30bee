using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Repositories;

/// <summary>
/// Case 62: dnf itself, in a clean container, with <c>gpgcheck=1</c> and <c>repo_gpgcheck=1</c>, installs from every kind of store through a web server
/// or the store's own address, and refuses when one byte was changed anywhere.
/// </summary>
[TestClass]
public sealed class StoreInstallTests(TestContext test)
{
    private const int Patience = 540_000;
    private const string Package = "fromstore";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("file")]
    [DataRow("ssh")]
    [DataRow("git")]
    [DataRow("s3")]
    public async Task Dnf_installs_what_was_published_and_refuses_one_changed_byte(string store)
    {
        await using var world = await StoreWorld.StartAsync(store, [new RpmRecipe(Package)], Ct);
        world.Offer(0);
        var published = await world.RunAsync("publish");
        Assert.AreEqual(0, published.ExitCode, published.Error);
        await world.CheckOutAsync();

        var installed = await InstallAsync(world);
        Assert.AreEqual(0, installed.ExitCode, installed.Output + installed.Error);
        Assert.Contains("hello", installed.Output, StringComparison.Ordinal);

        var primary = world.Metadata.Single(name => name.EndsWith("-primary.xml.gz", StringComparison.Ordinal));
        foreach (var location in (string[])["repodata/repomd.xml", "repodata/repomd.xml.asc", $"repodata/{primary}", $"{Package}-1.0-1.noarch.rpm", "RPM-GPG-KEY-demo-qa"])
        {
            var before = world[location];
            world[location] = Flipped(before);

            var refused = await InstallAsync(world);

            Assert.AreNotEqual(0, refused.ExitCode, location);
            Assert.DoesNotContain("hello", refused.Output, StringComparison.Ordinal, location);
            world[location] = before;
        }

        world["RPM-GPG-KEY-demo-qa"] = (await (await TestKey.Ed25519).PublicAsync(armor: true)).ToArray();
        Assert.AreNotEqual(0, (await InstallAsync(world)).ExitCode, "a key that signed nothing");
    }

    /// <summary>Case 49 with the real client: makecache and download, again and again, while publications are killed.</summary>
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Dnf_goes_on_reading_while_publications_are_killed()
    {
        string[] steps = ["publish.copied", "publish.staged", "publish.exchanged", "publish.swapped", "publish.recorded"];
        await using var world = await StoreWorld.StartAsync("file", [new RpmRecipe(Package), .. steps.Select(step => new RpmRecipe($"killed-{step.Replace('.', '-')}"))], Ct);
        world.Offer(0);
        Assert.AreEqual(0, (await world.RunAsync("publish")).ExitCode);
        var work = world.Scratch.Folder("work");
        await FetchRepoFileAsync(world, work);
        await File.WriteAllTextAsync(Path.Combine(work, "loop.sh"), $$"""
            cp /work/demo-qa.repo /etc/yum.repos.d/
            only() { dnf -q -y --disablerepo='*' --enablerepo=demo-qa "$@"; }
            round() { only makecache --refresh && only --downloadonly --downloaddir=/work/down install {{Package}}; }
            until [ -e /work/stop ]; do
                # Two files are not read in one moment: one more try, as a person makes it.
                round > /work/last 2>&1 || round > /work/last 2>&1 || cat /work/last >> /work/errors
                echo . >> /work/rounds
                rm -rf /work/down
            done

            """, Ct);
        var client = RunAsync(world, work, "sh /work/loop.sh");
        await RoundsAsync(work, 1, client);

        foreach (var (step, at) in steps.Select((step, at) => (step, at + 1)))
        {
            world.Offer(at);
            var killed = await Exec.RunAsync(world.Tool("publish").With("DOTNET_RELEASE_FAIL_AT", step), Ct);
            Assert.AreEqual(137, killed.ExitCode, killed.Error);
            await RoundsAsync(work, 1, client);
            Assert.AreEqual(0, (await world.RunAsync("publish")).ExitCode);
            await RoundsAsync(work, 1, client);
        }

        await File.WriteAllTextAsync(Path.Combine(work, "stop"), "", Ct);
        await client;
        Assert.IsFalse(File.Exists(Path.Combine(work, "errors")), File.Exists(Path.Combine(work, "errors")) ? await File.ReadAllTextAsync(Path.Combine(work, "errors"), Ct) : "");
    }

    /// <summary>Waits until dnf has done so many more rounds.</summary>
    private async Task RoundsAsync(string work, int more, Task<Outcome> client)
    {
        int Done() => File.Exists(Path.Combine(work, "rounds")) ? File.ReadAllLines(Path.Combine(work, "rounds")).Length : 0;
        for (var until = Done() + more + 1; Done() < until;)
        {
            Assert.IsFalse(client.IsCompleted, client.IsCompleted ? (await client).Error : "");
            await Task.Delay(50, Ct);
        }
    }

    private async Task<Outcome> InstallAsync(StoreWorld world)
    {
        var work = world.Scratch.Folder($"work-{Guid.NewGuid():n}");
        await FetchRepoFileAsync(world, work);
        return await RunAsync(
            world, work, $"cp /work/demo-qa.repo /etc/yum.repos.d/ && dnf -q -y --disablerepo='*' --enablerepo=demo-qa install {Package} && cat /usr/share/{Package}/hello.txt");
    }

    private async Task FetchRepoFileAsync(StoreWorld world, string work)
    {
        using var http = new HttpClient();
        var repo = await http.GetStringAsync(new Uri(new Uri(world.ClientUrl), "demo-qa.repo"), Ct);
        Assert.Contains("gpgcheck=1\nrepo_gpgcheck=1", repo, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(work, "demo-qa.repo"), repo, Ct);
    }

    private async Task<Outcome> RunAsync(StoreWorld world, string work, string script)
    {
        var tool = world.Tool("run", $"rootfs:{await SharedMachine.Distro}", "--network", "host", "--volume", $"{work}:/work", "--", "sh", "-c", script);
        return await Exec.RunAsync(tool.With("DOTNET_RELEASE_CACHE", SharedMachine.Places.Cache).With("DOTNET_RELEASE_DATA", SharedMachine.Places.Data), Ct);
    }

    private static byte[] Flipped(byte[] bytes)
    {
        // In a text: a letter of its middle, so that it stays what it is and only says something else.
        var changed = bytes.ToArray();
        var at = changed.Length / 2;
        while (changed[at] is < (byte)'a' or > (byte)'y')
        {
            at++;
        }

        changed[at]++;
        return changed;
    }
}
