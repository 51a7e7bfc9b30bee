using System.Net;
using System.Net.Sockets;
using System.Text;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>The built tool, as root and as an ordinary user, with its data in a private home.</summary>
[TestClass]
public sealed class RunCommandTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow(false, DisplayName = "whoever runs the tests")]
    [DataRow(true, DisplayName = "an ordinary user")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_command_runs_in_the_image_and_its_exit_code_is_ours(bool ordinary)
    {
        await using var person = ordinary ? await Person.OrdinaryAsync(Ct) : Person.Us();
        var image = person.Write("image.tar", TestImage.Busybox().File("owned", owner: 1234).Build());

        var outcome = await Exec.RunAsync(
            person.Tool("run", $"rootfs:{image}", "--env", "GIVEN=x y", "--workdir", "/etc", "--", "sh", "-c", "id -u; stat -c %u /owned; pwd; echo $GIVEN; echo err >&2; touch /new; exit 7"), Ct);
        var again = await Exec.RunAsync(person.Tool("run", $"rootfs:{image}", "--", "ls", "/new"), Ct);

        Assert.AreEqual((7, "0\n1234\n/etc\nx y\n", "err\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.AreNotEqual(0, again.ExitCode);
        Assert.HasCount(1, person.Layers());
        Assert.HasCount(0, person.Sessions());
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task An_ordinary_users_private_folder_is_a_volume_that_container_root_may_write()
    {
        await using var person = await Person.OrdinaryAsync(Ct);
        var image = person.Write("image.tar", TestImage.Busybox().Build());

        var outcome = await Exec.RunAsync(person.Tool("run", $"rootfs:{image}", "--volume", ".:/home", "--workdir", "/home", "--", "sh", "-c", "echo hello > made; chown 7:7 made; stat -c %u made"), Ct);

        Assert.AreEqual("7\n", outcome.Output, outcome.Error);
        Assert.AreEqual("hello\n", await ReadAsync(Path.Combine(person.Home, "made")));
    }

    // cases.md 39
    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_disk_that_fills_up_while_a_layer_is_unpacked_ends_by_name_and_with_room_the_same_command_works()
    {
        if (!Person.AreWeRoot)
        {
            Assert.Inconclusive("Only root can give the tool a small disk.");
        }

        await using var person = Person.Us();
        var image = person.Write("image.tar", TestImage.Busybox().File("large", new string('x', 8 << 20)).Build());
        var run = person.Tool("run", $"rootfs:{image}", "--", "stat", "-c", "%s", "/large");
        var data = Path.Combine(person.Home, ".local/share/dotnet-release");
        Directory.CreateDirectory(data);

        var small = await Exec.RunAsync(OnSmallDisk(run, data), Ct);
        var enough = await Exec.RunAsync(run, Ct);

        Assert.AreEqual(5, small.ExitCode, small.Error);
        Assert.Contains("REL0010", small.Error, StringComparison.Ordinal);
        Assert.Contains("no space left while unpacking", small.Error, StringComparison.Ordinal);
        Assert.AreEqual($"{8 << 20}\n", enough.Output, enough.Error);

        static Command OnSmallDisk(Command command, string folder) =>
            command with { Program = "unshare", Arguments = ["--mount", "sh", "-c", "mount -t tmpfs -o size=6m small \"$0\" && exec \"$@\"", folder, command.Program, .. command.Arguments] };
    }

    // cases.md 36
    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Killing_the_tool_ends_the_command_and_leaves_nothing()
    {
        await using var person = await Person.OrdinaryAsync(Ct);
        var image = person.Write("image.tar", TestImage.Busybox().Build());
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";

        var running = Exec.RunAsync(person.Tool("run", $"rootfs:{image}", "--", "sh", "-c", $"trap '' TERM INT HUP; sleep {mark}; sleep {mark}"), CancellationToken.None);
        await UntilAsync(async () => (await ProcessesAsync()).Contains($"sleep {mark}", StringComparison.Ordinal));
        await KillAsync(line => line.Contains("dotnet-release.dll run", StringComparison.Ordinal) && line.Contains(mark, StringComparison.Ordinal));
        await running;

        await UntilAsync(async () => !(await ProcessesAsync()).Contains(mark, StringComparison.Ordinal));
        await UntilAsync(() => Task.FromResult(person.Sessions() is []));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Killing_everything_while_a_layer_is_unpacked_leaves_no_layer_and_the_next_run_sweeps_up()
    {
        await using var person = await Person.OrdinaryAsync(Ct);
        var image = person.Write("image.tar", Large());

        var running = Exec.RunAsync(person.Tool("run", $"rootfs:{image}", "--", "true"), CancellationToken.None);
        await UntilAsync(() => Task.FromResult(person.Sessions().Any(session => Directory.EnumerateDirectories(session, "layer-*").Any())));
        await KillAsync(line => line.Contains($"rootfs:{image}", StringComparison.Ordinal));
        await running;
        Assert.HasCount(0, person.Layers());

        var again = await Exec.RunAsync(person.Tool("run", $"rootfs:{image}", "--", "true"), Ct);
        Assert.AreEqual(0, again.ExitCode, again.Error);
        Assert.HasCount(1, person.Layers());
        await UntilAsync(() => Task.FromResult(person.Sessions() is []));
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Without_bubblewrap_nothing_is_downloaded_and_the_line_that_helps_is_named()
    {
        await using var person = Person.Us();
        using var registry = new TcpListener(IPAddress.Loopback, 0);
        registry.Start();
        var nowhere = Directory.CreateDirectory(Path.Combine(person.Home, "empty")).FullName;

        var outcome = await Exec.RunAsync(person.Tool("run", $"{registry.LocalEndpoint}/image:1", "--", "true").With("PATH", nowhere), Ct);

        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
        Assert.StartsWith("dotnet-release : error REL3002 : ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(Distribution.OfThisMachine().InstallLine(ProgramPackage.Bubblewrap), outcome.Error, StringComparison.Ordinal);
        Assert.IsFalse(registry.Pending());
    }

    // cases.md 32
    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Without_a_range_of_ids_nothing_is_downloaded_and_the_line_that_helps_is_named()
    {
        if (!Person.AreWeRoot)
        {
            Assert.Inconclusive("Only root can run the tool as a user who has no range of ids.");
        }

        await using var person = await Person.NobodyAsync(Ct);
        using var registry = new TcpListener(IPAddress.Loopback, 0);
        registry.Start();

        var outcome = await Exec.RunAsync(person.Tool("run", $"{registry.LocalEndpoint}/image:1", "--", "true"), Ct);

        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
        Assert.StartsWith("dotnet-release : error REL3003 : ", outcome.Error, StringComparison.Ordinal);
        Assert.MatchesRegex("sudo usermod --add-subuids ([0-9]+-[0-9]+) --add-subgids \\1 nobody", outcome.Error);
        Assert.IsFalse(registry.Pending());
    }

    // cases.md 33
    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task With_namespaces_blocked_nothing_is_downloaded_and_the_switch_is_named()
    {
        await using var person = Person.Us();
        using var registry = new TcpListener(IPAddress.Loopback, 0);
        registry.Start();
        var tool = person.Tool("run", $"{registry.LocalEndpoint}/image:1", "--", "true");

        // In a namespace of its own the switch can be set without touching the machine.
        var blocked = tool with
        {
            Program = "unshare",
            Arguments = ["--user", "--map-root-user", "sh", "-c", "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"", "sh", tool.Program, .. tool.Arguments],
        };
        var outcome = await Exec.RunAsync(blocked, Ct);

        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
        Assert.StartsWith("dotnet-release : error REL3001 : ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("sysctl user.max_user_namespaces=", outcome.Error, StringComparison.Ordinal);
        Assert.IsFalse(registry.Pending());
    }

    [TestMethod]
    [DataRow("--volume", "nonsense")]
    [DataRow("--volume", "/no/such/folder:/x")]
    [DataRow("--env", "=novalue")]
    [DataRow("--entrypoint", "[1]")]
    [DataRow("--hostname", "a b")]
    [DataRow("--workdir", "relative")]
    [DataRow("--network", "bridge")]
    [DataRow("--engine", "lxc")]
    [DataRow("--memory", "much")]
    [DataRow("--memory", "1K")]
    [DataRow("--pids-limit", "0")]
    [DataRow("--cpus", "-1")]
    [DataRow("--timeout", "soon")]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task A_wrong_option_is_a_usage_error(string option, string value)
    {
        await using var person = Person.Us();

        var outcome = await Exec.RunAsync(person.Tool("run", "rootfs:/no/such.tar", option, value, "--", "true"), Ct);

        Assert.AreEqual(2, outcome.ExitCode, outcome.Error);
        Assert.Contains("error REL0001", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("DotnetRelease", outcome.Error, StringComparison.Ordinal);
        Assert.HasCount(1, outcome.Error.TrimEnd().Split('\n'), outcome.Error);
    }

    /// <summary>Large enough that a run is seen while it unpacks.</summary>
    private static byte[] Large()
    {
        var tar = TestImage.Busybox();
        for (var i = 0; i < 10_000; i++)
        {
            tar.File($"files/{i}", "x");
        }

        return tar.Build();
    }

    /// <summary>kill -9 of our own processes, found by what only their command lines say.</summary>
    private static async Task KillAsync(Func<string, bool> ours)
    {
        foreach (var line in (await ProcessesAsync()).Split('\n').Where(ours))
        {
            await Exec.RunAsync(new Command("kill", "-9", line.Trim().Split(' ')[0]), CancellationToken.None);
        }
    }

    private static async Task<string> ProcessesAsync() => (await Exec.RunAsync(new Command("ps", "-eo", "pid,args"), CancellationToken.None)).Output;

    private async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(20, Ct);
        }
    }

    private async Task<string> ReadAsync(string path) => Encoding.UTF8.GetString((await Exec.ReadAsync(new Command("cat", path), Ct)).OutputBytes.Span);
}
