using System.Diagnostics;
using DotnetRelease.Containers;
using DotnetRelease.Distro.Tests.Containers;
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
    public async Task A_user_that_nobody_knows_is_the_engines_failure_in_its_words()
    {
        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(async () => await (await World.Shared).ReadAsync(Look("id") with { User = "stranger" }, Ct));

        Assert.AreEqual(Fault.EngineFailed, failure.Fault);
        Assert.Contains("stranger", failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_file_that_is_no_program_is_126() => Assert.AreEqual(126, (await (await World.Shared).ReadAsync(new Sandbox("/etc/passwd") { ReadOnlyRoot = true }, Ct)).ExitCode);

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
        using var killed = await StartedToolAsync(scratch);
        killed.Kill();
        await killed.WaitForExitAsync(Ct);
        var left = await Home.ReadAsync("ps", "--format", "{{.Names}}");
        Assert.Contains($"-{killed.Id}-", left, StringComparison.Ordinal);

        // A build would have left these too.
        var name = left.Split('\n').Single(name => name.Contains($"-{killed.Id}-", StringComparison.Ordinal));
        await Home.ReadAsync("volume", "create", "--label", $"{CommandLineEngine.Label}=run", name + "-v7");
        await Home.ReadAsync("tag", (await Home.ReadAsync("images", "--quiet")).Split('\n')[0], $"{CommandLineEngine.StepRepository}:{name}-step8");

        await new CommandLineEngine(Home.Program).Begin().ReadyAsync(Ct);

        Assert.DoesNotContain($"-{killed.Id}-", await Home.LeftAsync(), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_run_that_is_asked_to_end_takes_its_container_along()
    {
        using var scratch = new Scratch();
        using var interrupted = await StartedToolAsync(scratch);

        await Exec.ReadAsync(new Command("kill", "-TERM", $"{interrupted.Id}"), Ct);
        await interrupted.WaitForExitAsync(Ct);

        Assert.AreEqual(130, interrupted.ExitCode);
        Assert.DoesNotContain($"-{interrupted.Id}-", await Home.LeftAsync(), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_ordinary_user_needs_nobody_else_for_it()
    {
        await using var person = await Person.OrdinaryAsync(Ct);
        var image = person.Write("image.tar", TestImage.Busybox().Build());
        var variables = PodmanHome.Write(person.Home, isRoot: false);
        Command With(Command command) => variables.Aggregate(command, (said, variable) => said.With(variable.Key, variable.Value)).With("XDG_RUNTIME_DIR", Path.Combine(person.Home, "r"));

        // Without such a folder of the user's own podman makes others below /tmp, and leaves them there.
        await Exec.ReadAsync(person.Run("mkdir", "-m", "700", Path.Combine(person.Home, "r")), Ct);
        try
        {
            var outcome = await Exec.RunAsync(With(person.Tool("run", "--engine", "podman", "--env", "A=1 2", "--user", "12", $"rootfs:{image}", "--", "sh", "-c", "echo $A; id -u; exit 6")), Ct);

            Assert.AreEqual((6, "1 2\n12\n"), (outcome.ExitCode, outcome.Output), outcome.Error);
            Assert.AreEqual("", (await Exec.ReadAsync(With(person.Run("podman", "ps", "--all", "--quiet")), Ct)).Output);
        }
        finally
        {
            // It also ends the process that keeps the user's namespaces.
            await Exec.RunAsync(With(person.Run("podman", "system", "reset", "--force")), CancellationToken.None);
        }
    }

    /// <summary>As root with version 1 of the control groups podman cannot do it; that is how it looks without our configuration, and it is no failure of the command.</summary>
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_engine_that_cannot_start_anything_says_why()
    {
        using var scratch = new Scratch();
        var broken = scratch.Write("containers.conf", (await File.ReadAllTextAsync(Home.Variables["CONTAINERS_CONF"]!, Ct)).Replace("nofile=1024:1024", "nofile=2147483647:2147483647", StringComparison.Ordinal));
        var engine = new CommandLineEngine(Home.Program with { Environment = Home.Variables.SetItem("CONTAINERS_CONF", broken) });
        await using var container = engine.Begin();
        await container.OpenAsync(World.Image, [], Ct);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.ReadAsync(Look("true"), Ct));

        Assert.AreEqual(Fault.EngineFailed, failure.Fault);
        Assert.Contains("rlimit", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>The tool as a process of its own, with a command that runs.</summary>
    private async Task<Process> StartedToolAsync(Scratch scratch)
    {
        await File.WriteAllBytesAsync(scratch["image.tar"], TestImage.Busybox().Build(), Ct);
        string[] words = [Path.Combine(AppContext.BaseDirectory, "dotnet-release.dll"), "run", "--engine", "podman", $"rootfs:{scratch["image.tar"]}", "--", "sh", "-c", "echo started; sleep 1000"];
        var start = new ProcessStartInfo("dotnet", words) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in Home.Variables.Add("DOTNET_RELEASE_CACHE", scratch["cache"]).Add("DOTNET_RELEASE_DATA", scratch["data"]))
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        Assert.AreEqual("started", await process.StandardOutput.ReadLineAsync(Ct));
        return process;
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
