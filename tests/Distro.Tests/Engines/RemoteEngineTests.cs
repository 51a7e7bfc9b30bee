using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>
/// Engines that are reached through a socket, and that therefore may see none of our files: podman's service, for podman and, because it
/// speaks docker's language too, for the command line of docker. It is no whole docker; <see cref="DockerEngineTests"/> have that.
/// </summary>
[TestClass]
public sealed class RemoteEngineTests(TestContext test)
{
    private static readonly PodmanHome Home = new();

    private CancellationToken Ct => test.CancellationToken;

    [ClassCleanup]
    public static void End() => Home.Dispose();

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Podman_elsewhere_gets_copies_and_gives_copies()
    {
        await Home.ServeAsync(Ct);
        await using var world = new EngineWorld(new CommandLineEngine(EngineProgram.Podman(Home.Url) with { Environment = Home.Variables }));
        using var scratch = new Scratch();
        scratch.Write("in/folder/file", "ours");
        File.CreateSymbolicLink(scratch["in/link"], "folder/file");
        File.SetUnixFileMode(scratch.Write("in/tool", "#!/bin/sh\necho ran\n"), (UnixFileMode)0b111_000_000);
        var withCopy = new Sandbox("sh", "-c", "cat /in/folder/file /in/link; /in/tool; stat -c '%u %g' /in/folder; echo evil 2>/dev/null > /in/new; echo made > /made")
        {
            Volumes = [new Volume(scratch["in"], "/in", ReadOnly: true)],
        };
        await using (var container = await world.OpenAsync(Ct))
        {
            var outcome = await container.ReadAsync(withCopy, Ct);
            Assert.AreEqual("oursoursran\n0 0\n", outcome.Output, outcome.Error);
            await container.CopyInAsync(scratch["in/tool"], "/data/tool", executable: true, Ct);
            await container.SaveRootAsync("remote", Ct);
        }

        await using (var next = await world.OpenAsync(Ct, "remote"))
        {
            await using var made = await next.OpenReadAsync("/made", 100, Ct);
            Assert.AreEqual("made\n", await new StreamReader(made).ReadToEndAsync(Ct));
            Assert.AreEqual("below, link, tool", string.Join(", ", (await next.ListAsync("/data", Ct)).Select(entry => entry.Name)));
            var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(() => next.ReadAsync(withCopy with { Volumes = [new Volume(scratch["in"], "/in", ReadOnly: false)] }, Ct));
            Assert.AreEqual(Fault.EngineLacks, refusal.Fault);
        }

        CollectionAssert.AreEquivalent(new[] { "folder", "link", "tool" }, Directory.GetFileSystemEntries(scratch["in"]).Select(Path.GetFileName).ToArray());
        Assert.AreEqual("", await Home.LeftAsync());
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_image_for_another_machine_than_the_engines_is_refused_before_it_is_sent()
    {
        await Home.ServeAsync(Ct);
        await using var world = new EngineWorld(new CommandLineEngine(EngineProgram.Podman(Home.Url) with { Environment = Home.Variables }));
        var foreign = world.Image with { Platform = new Platform("linux", "s390x") };
        await using var container = world.Engine.Begin();

        var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.OpenAsync(foreign, [], Ct));

        Assert.AreEqual(Fault.BuildArchForeign, refusal.Fault);
        Assert.Contains("linux/s390x", refusal.Message, StringComparison.Ordinal);
        Assert.IsFalse(await Home.Program.TryAsync(["image", "inspect", new EngineArchive(foreign).Name], Ct));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_service_that_is_not_there_is_said_in_the_words_of_podman()
    {
        var engine = new CommandLineEngine(EngineProgram.Podman(Home.Url + "-nowhere") with { Environment = Home.Variables });
        await using var container = engine.Begin();

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.ReadyAsync(Ct));

        Assert.AreEqual(Fault.EngineFailed, failure.Fault);
        Assert.Contains("-nowhere", failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_command_line_of_docker_takes_what_we_say()
    {
        if (Exec.Find("docker") is null)
        {
            Assert.Inconclusive("docker's command line is not installed.");
        }

        await Home.ServeAsync(Ct);
        await using var world = new EngineWorld(new CommandLineEngine(EngineProgram.Docker(Home.Url)));
        using var scratch = new Scratch();
        scratch.Write("in/file", "ours");
        var container = await world.OpenAsync(Ct);
        var sandbox = new Sandbox("sh", "-c", "cat /in/file; echo $A; pwd; hostname; cat /proc/self/status | { while read -r line; do case $line in CapBnd*|NoNew*) echo $line;; esac; done; }; echo made > /made; exit 5")
        {
            Volumes = [new Volume(scratch["in"], "/in", ReadOnly: true)],
            Capabilities = Capabilities.Building,
            Hostname = "builder",
            ProveNoNetwork = true,
        };

        var outcome = await container.ReadAsync(sandbox.With("A", "a b"), Ct);
        await using var made = await container.OpenReadAsync("/made", 100, Ct);

        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
        Assert.AreEqual("no network: 'lo' is the only interface, and there is no route\noursa b\n/data\nbuilder\nCapBnd: 000000000000001b\nNoNewPrivs: 1\n", outcome.Output);
        Assert.AreEqual("made\n", await new StreamReader(made).ReadToEndAsync(Ct));
        Assert.AreEqual("below, link", string.Join(", ", (await container.ListAsync("/data", Ct)).Select(entry => entry.Name)));
        await container.DisposeAsync();
        Assert.AreEqual("", await Home.LeftAsync());
    }

    /// <summary>Debian's podman-docker is such a link; what docker's own command line refuses is seen by the test above.</summary>
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_calls_of_docker_do_all_that_an_engine_does_with_podman_under_its_name()
    {
        using var scratch = new Scratch();
        File.CreateSymbolicLink(scratch["docker"], Exec.Find("podman")!);
        await using var world = new EngineWorld(new CommandLineEngine(EngineProgram.Docker(null) with { Name = scratch["docker"], Environment = Home.Variables }));
        await using (var container = await world.OpenAsync(Ct))
        {
            Assert.AreEqual(0, (await container.ReadAsync(new Sandbox("sh", "-c", "echo 1 > /keep").With("ONCE", "hush-hush"), Ct)).ExitCode);
            Assert.AreEqual("1\n", (await container.ReadAsync(new Sandbox("cat", "/keep"), Ct)).Output);
            await container.SaveRootAsync("docker", Ct);
        }

        await using (var next = await world.OpenAsync(Ct, "docker"))
        {
            Assert.AreEqual("1\n", (await next.ReadAsync(new Sandbox("cat", "/keep"), Ct)).Output);
        }

        Assert.AreEqual("", await Home.LeftAsync());
    }
}
