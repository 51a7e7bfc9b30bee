using System.Diagnostics;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>podman, as whoever runs the tests.</summary>
[TestClass]
public sealed class PodmanEngineTests(TestContext test) : EngineTests(test)
{
    private static readonly PodmanHome Home = new();
    private static readonly Lazy<EngineWorld> Lazy = new(() => new(new CommandLineEngine(Home.Program)));

    private protected override EngineWorld World => Lazy.Value;

    [ClassCleanup]
    public static async Task EndAsync()
    {
        await Lazy.Value.DisposeAsync();
        var left = await Home.LeftAsync();
        Home.Dispose();
        Assert.AreEqual("", left);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_program_that_is_not_there_is_127()
    {
        var container = await World.Shared;

        Assert.AreEqual(127, (await container.ReadAsync(new Sandbox("no-such-program"), Ct)).ExitCode);
        Assert.AreEqual(0, (await LookAsync("true")).ExitCode);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_user_is_the_one_that_the_image_knows()
    {
        var container = await World.Shared;

        Assert.AreEqual("65534\n", (await container.ReadAsync(Look("id -u") with { User = "nobody" }, Ct)).Output);
        Assert.AreEqual("12 34\n", (await container.ReadAsync(Look("echo $(id -u) $(id -g)") with { User = "12:34" }, Ct)).Output);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_user_that_nobody_knows_cannot_start_a_command()
    {
        var outcome = await (await World.Shared).ReadAsync(Look("id") with { User = "stranger" }, Ct);

        Assert.AreEqual(126, outcome.ExitCode);
        Assert.Contains("stranger", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_variable_of_several_lines_is_refused()
    {
        var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(async () => await (await World.Shared).ReadAsync(Look("env").With("LINES", "1\nEVIL=2"), Ct));

        Assert.AreEqual(Fault.EngineLacks, refusal.Fault);
        Assert.DoesNotContain("EVIL", refusal.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Rights_are_few_and_cannot_grow()
    {
        var outcome = await (await World.Shared).ReadAsync(Look("cat /proc/self/status") with { Capabilities = Capabilities.Building }, Ct);

        Assert.Contains("CapBnd:\t000000000000001b\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2\n", outcome.Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task No_value_of_a_variable_is_in_an_image_or_an_argument()
    {
        const string key = "with-secret";
        await using var container = await World.OpenAsync(Ct);
        var listed = "";
        await container.RunAsync(Shell("echo started; cat /dev/null").With("TOKEN", "hush-hush"), _ => listed = Arguments(), Ct);
        await container.SaveRootAsync(key, Ct);

        Assert.DoesNotContain("hush-hush", listed, StringComparison.Ordinal);
        var image = await Home.ReadAsync("image", "inspect", CommandLineEngine.RootName(key));
        Assert.Contains("TOKEN", image, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", image, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_layer_that_is_not_what_its_name_says_never_becomes_an_image()
    {
        using var scratch = new Scratch();
        var image = TestImage.Of(scratch.Root, TestImage.Busybox().File("mark", scratch.Root).Build());
        await using (var blob = File.OpenWrite(image.Layers[0].BlobPath))
        {
            blob.Seek(1000, SeekOrigin.Begin);
            blob.WriteByte(0xff);
        }

        await using var container = World.Engine.Begin();
        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.OpenAsync(image, [], Ct));

        Assert.IsTrue(failure.Fault == Fault.EngineFailed || failure.Fault == Fault.ImageMismatch, failure.Message);
        Assert.IsFalse(await Home.Program.TryAsync(["image", "inspect", new EngineArchive(image).Name], Ct));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_a_killed_run_left_is_removed_by_the_next()
    {
        using var scratch = new Scratch();
        await File.WriteAllBytesAsync(scratch["image.tar"], TestImage.Busybox().Build(), Ct);
        var tool = Home.Variables.Aggregate(
            new Command("dotnet", Path.Combine(AppContext.BaseDirectory, "dotnet-release.dll"), "run", "--engine", "podman", $"rootfs:{scratch["image.tar"]}", "--", "sh", "-c", "echo started; sleep 1000")
                .With("DOTNET_RELEASE_CACHE", scratch["cache"]).With("DOTNET_RELEASE_DATA", scratch["data"]),
            (command, variable) => command.With(variable.Key, variable.Value));
        var start = new ProcessStartInfo("dotnet", tool.Arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in tool.Environment)
        {
            start.Environment[name] = value;
        }

        using var killed = Process.Start(start)!;
        Assert.AreEqual("started", await killed.StandardOutput.ReadLineAsync(Ct));
        killed.Kill();
        await killed.WaitForExitAsync(Ct);
        Assert.Contains($"-{killed.Id}-", await Home.ReadAsync("ps", "--format", "{{.Names}}"), StringComparison.Ordinal);

        await new CommandLineEngine(Home.Program).Begin().ReadyAsync(Ct);

        Assert.DoesNotContain($"-{killed.Id}-", await Home.LeftAsync(), StringComparison.Ordinal);
    }

    /// <summary>The command lines of all processes, as everybody can read them.</summary>
    private static string Arguments() => string.Concat(Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)).Select(folder =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }));
}
