using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>docker itself, with a daemon of its own: what an ordinary user's machine has only where an administrator set it up.</summary>
[TestClass]
public sealed class DockerEngineTests(TestContext test) : EngineTests(test)
{
    private static DockerHome? home;
    private static EngineWorld? world;

    private protected override EngineWorld World => world!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        if (DockerHome.WhyNot is null)
        {
            home = await DockerHome.StartAsync(context.CancellationToken);
            world = new EngineWorld(new CommandLineEngine(home.Program));
        }
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        if (home is not null)
        {
            await world!.DisposeAsync();
            var left = await home.LeftAsync();
            await home.DisposeAsync();
            Assert.AreEqual("", left);
        }
    }

    [TestInitialize]
    public void RequireDocker()
    {
        if (DockerHome.WhyNot is { } why)
        {
            Assert.Inconclusive(why);
        }
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_cannot_be_started_is_the_commands_failure_and_a_user_that_nobody_knows_the_engines()
    {
        var container = await World.Shared;

        Assert.AreEqual(127, (await container.ReadAsync(new Sandbox("no-such-program") { ReadOnlyRoot = true }, Ct)).ExitCode);
        Assert.AreEqual(126, (await container.ReadAsync(new Sandbox("/etc/passwd") { ReadOnlyRoot = true }, Ct)).ExitCode);
        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.ReadAsync(Look("id") with { User = "stranger" }, Ct));
        Assert.AreEqual(Fault.EngineFailed, failure.Fault);
        Assert.Contains("stranger", failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(LayerCompression.Zstd)]
    [DataRow(LayerCompression.Xz)]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Layers_in_a_packing_that_docker_may_not_know_arrive_all_the_same(LayerCompression compression)
    {
        using var scratch = new Scratch();
        var image = TestImage.Of(scratch.Root, compression, TestImage.Busybox().File("mark", $"{compression}").Build());
        await using var container = World.Engine.Begin();
        await container.OpenAsync(image, [], Ct);

        Assert.AreEqual($"{compression}", (await container.ReadAsync(Look("cat /mark"), Ct)).Output);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task No_value_of_a_variable_is_one_of_a_prepared_root()
    {
        const string key = "with-secret";
        await using var container = await World.OpenAsync(Ct);
        await container.ReadAsync(Shell("echo $TOKEN > /dev/null").With("TOKEN", "hush-hush"), Ct);
        await container.SaveRootAsync(key, Ct);

        // Docker before 25 keeps them in another place, which starts nothing; docs/engines.md says so.
        var variables = await home!.ReadAsync("image", "inspect", "--format", "{{json .Config.Env}}", CommandLineEngine.RootName(key));
        Assert.Contains("TOKEN=", variables, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", variables, StringComparison.Ordinal);
    }
}
