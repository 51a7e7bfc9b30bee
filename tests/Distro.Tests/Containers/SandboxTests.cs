using System.Net;
using System.Net.Sockets;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>What a command in a sandbox sees of the machine: nothing that was not given to it.</summary>
[TestClass]
public sealed class SandboxTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Exit_codes_and_both_streams_come_back()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);

        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", "echo out; echo err >&2; exit 7"), Ct);
        var killed = await container.ReadAsync(new Sandbox("sh", "-c", "kill -9 $$"), Ct);
        var missing = await container.ReadAsync(new Sandbox("no-such-program"), Ct);

        Assert.AreEqual((7, "out\n", "err\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.AreEqual(128 + 9, killed.ExitCode);
        Assert.AreEqual((127, "[container] 'no-such-program' was not found in PATH (/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)\n"), (missing.ExitCode, missing.Error));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Changes_last_as_long_as_the_container_and_not_longer()
    {
        await using var store = new TestStore();
        var image = store.Image(TestImage.Busybox().Build());
        await using (var first = await store.OpenAsync(image, Ct))
        {
            Assert.AreEqual(0, await RunAsync(first, "echo kept > /file; rm /etc/passwd"));
            Assert.AreEqual(0, await RunAsync(first, "test $(cat /file) = kept && ! test -e /etc/passwd"));
        }

        await using var second = await store.OpenAsync(image, Ct);
        Assert.AreEqual(0, await RunAsync(second, "! test -e /file && test -e /etc/passwd"));
    }

    // cases.md 37
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Only_the_listed_environment_goes_in()
    {
        Environment.SetEnvironmentVariable("DOTNET_RELEASE_TEST_SECRET", "secret");
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);

        var outcome = await container.ReadAsync(new Sandbox("env").With("GIVEN", "a b=c"), Ct);
        var everywhere = await container.ReadAsync(new Sandbox("sh", "-c", "cat /proc/*/environ"), Ct);

        CollectionAssert.AreEquivalent(
            new[] { "GIVEN=a b=c", "HOME=/root", "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=oci" },
            outcome.Output.TrimEnd().Split('\n').Where(line => !line.StartsWith("SHLVL", StringComparison.Ordinal)).ToArray());
        Assert.DoesNotContain("secret", everywhere.Output, StringComparison.Ordinal);
    }

    // cases.md 37
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task No_descriptor_but_the_three_streams_is_open()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        using var inherited = new Pipe();

        var outcome = await container.ReadAsync(new Sandbox("ls", "/proc/self/fd"), Ct);

        // The fourth is the folder that ls reads.
        Assert.AreEqual("0\n1\n2\n3\n", outcome.Output);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_sandbox_cannot_mount_make_namespaces_or_gain_privileges()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);

        var outcome = await container.ReadAsync(
            new Sandbox("sh", "-c", "mount -t tmpfs x /root; unshare -U true; hostname other; echo x > /proc/sys/kernel/hostname; cat /proc/keys | wc -c; grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status"), Ct);

        Assert.Contains("mount: permission denied", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("unshare(0x10000000): Operation not permitted", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("Operation not permitted", outcome.Error, StringComparison.Ordinal);
        Assert.AreEqual("0\nCapEff:\t00000000800401fb\nNoNewPrivs:\t1\nSeccomp:\t2\n", outcome.Output);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_proc_says_about_the_machine_is_hidden_and_what_could_change_it_is_read_only()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);

        var outcome = await container.ReadAsync(
            new Sandbox("sh", "-c", """
                for name in acpi asound interrupts kcore keys kmsg latency_stats sched_debug scsi sysrq-trigger timer_list timer_stats; do
                    test -d /proc/$name && test -n "$(ls /proc/$name)" && echo open $name
                    test -f /proc/$name && echo file $name
                done
                for file in sys/kernel/sem sys/kernel/hostname sys/net/ipv4/ip_forward sys/vm/swappiness sysrq-trigger; do
                    (echo 1 > /proc/$file) 2> /dev/null && test $file != sysrq-trigger && echo written $file
                done
                for folder in bus fs irq sys; do
                    test -d /proc/$folder && ! grep -q "^proc /proc/$folder proc ro," /proc/mounts && echo writable $folder
                done
                ls -A /sys 2> /dev/null | grep . && echo /sys
                true
                """), Ct);

        Assert.AreEqual((0, ""), (outcome.ExitCode, outcome.Output), outcome.Error);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_command_may_have_fewer_capabilities_and_nobody_can_get_more()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        const string asking = "grep -E '^Cap' /proc/self/status";

        var installing = await container.ReadAsync(new Sandbox("sh", "-c", asking), Ct);
        var building = await container.ReadAsync(new Sandbox("sh", "-c", asking) { Capabilities = Capabilities.Building }, Ct);
        var nothing = await container.ReadAsync(new Sandbox("sh", "-c", $"{asking}; chown 7 /etc/passwd; touch /root/mine") { Capabilities = [] }, Ct);
        var somebody = await container.ReadAsync(new Sandbox("sh", "-c", asking) { User = "7:7" }, Ct);

        // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4. The bound is what the command has and not what bubblewrap needed, and no program inherits any.
        Assert.AreEqual(Rights("800401fb", "800401fb"), installing.Output);
        Assert.AreEqual(Rights("0000001b", "0000001b"), building.Output);
        Assert.AreEqual(Rights("00000000", "00000000"), nothing.Output);
        Assert.AreEqual(Rights("00000000", "800401fb"), somebody.Output);
        Assert.Contains("Operation not permitted", nothing.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, nothing.ExitCode);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Processes_and_names_of_the_machine_are_not_seen()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);

        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", "hostname; ls -d /proc/[0-9]* | wc -l; stat -c '%a %n' /tmp; ls /tmp | wc -l"), Ct);

        var lines = outcome.Output.Split('\n');
        Assert.AreEqual("container", lines[0]);
        Assert.IsLessThan(6, int.Parse(lines[1], provider: null));
        Assert.AreEqual("1777 /tmp", lines[2]);
        Assert.AreEqual("0", lines[3]);
    }

    // cases.md 34
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Without_network_nothing_is_reached_and_the_proof_is_the_first_line()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var outcome = await container.ReadAsync(
            new Sandbox("sh", "-c", $"cat /proc/net/dev | tail -n +3 | wc -l; nc -w 2 127.0.0.1 {port} < /dev/null && echo reached; nc -w 2 192.0.2.1 80 < /dev/null && echo reached; true") { ProveNoNetwork = true }, Ct);

        Assert.StartsWith("[container] no network: 'lo' is the only interface", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n1\n", outcome.Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task With_the_machines_network_its_loopback_is_reached_and_names_can_be_asked_for()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = listener.AcceptTcpClientAsync(Ct).AsTask().ContinueWith(client => client.Result.Dispose(), TaskScheduler.Default);

        var outcome = await container.ReadAsync(
            new Sandbox("sh", "-c", $"nc 127.0.0.1 {port} < /dev/null && echo reached; cat /etc/resolv.conf; echo x > /etc/resolv.conf || echo refused") { Network = Network.Host }, Ct);

        Assert.AreEqual("reached\n" + await File.ReadAllTextAsync("/etc/resolv.conf", Ct) + "refused\n", outcome.Output);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_proof_is_refused_when_there_is_a_network()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder().Folder("mark"), Ct);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(
            () => container.ReadAsync(new Sandbox("sh", "-c", "echo started; touch /mark/started") { Network = Network.Host, ProveNoNetwork = true }, Ct));

        Assert.AreEqual(Fault.ContainerFailed, failure.Fault);
        Assert.AreEqual(0, (await container.ListAsync("/mark", Ct)).Length);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Volumes_show_private_folders_of_ours_and_survive_the_container()
    {
        await using var store = new TestStore();
        using var ours = new Scratch();
        ours.Write("rw/a", "1");
        ours.Write("ro/b", "2");
        File.SetUnixFileMode(ours["rw"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using (var container = await store.OpenAsync(new TarBuilder().Link("linked", "real").Folder("real"), Ct))
        {
            var sandbox = new Sandbox("sh", "-c", "cat /deep/new/place/a /tmp/ro/b /etc/single; echo 3 > /deep/new/place/c; echo x > /tmp/ro/d; echo x > /etc/single; ls /real/")
            {
                Volumes =
                [
                    new(ours["rw"], "/deep/new/place", ReadOnly: false), new(ours["ro"], "/tmp/ro", ReadOnly: true),
                    new(ours["ro/b"], "/etc/single", ReadOnly: true), new(ours["ro"], "/linked", ReadOnly: true),
                ],
            };

            var outcome = await container.ReadAsync(sandbox, Ct);
            var after = await container.ReadAsync(new Sandbox("sh", "-c", "ls /deep/new/place /real | grep -v ^/"), Ct);

            Assert.AreEqual("122b\n", outcome.Output, outcome.Error);
            Assert.AreEqual("", after.Output.Trim());
        }

        Assert.AreEqual("1 2 3\n", $"{File.ReadAllText(ours["rw/a"])} {File.ReadAllText(ours["ro/b"])} {File.ReadAllText(ours["rw/c"])}");
        Assert.IsFalse(File.Exists(ours["ro/d"]));
    }

    [TestMethod]
    [DataRow("/proc/x")]
    [DataRow("/../x")]
    [DataRow("/link/x")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_volume_goes_nowhere_else(string destination)
    {
        await using var store = new TestStore();
        using var ours = new Scratch();
        await using var container = await store.OpenAsync(new TarBuilder().Link("link", "/proc/self"), Ct);

        var sandbox = new Sandbox("true") { Volumes = [new(ours.Root, destination, ReadOnly: true)] };
        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.ReadAsync(sandbox, Ct));

        Assert.IsTrue(failure.Fault == Fault.Usage || failure.Fault == Fault.ImageUnsafe, failure.Message);
        CollectionAssert.AreEqual(Array.Empty<string>(), Directory.GetFileSystemEntries(ours.Root));
    }

    [TestMethod]
    [DataRow("dev", "/oldroot/dev")]
    [DataRow("proc", "../../..")]
    [DataRow("tmp", "/oldroot/tmp")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_image_whose_mount_points_are_links_is_refused(string name, string target)
    {
        await using var store = new TestStore();
        var layer = TestImage.Busybox();
        var image = store.Image(layer.Build(), new TarBuilder().File($".wh.{name}").Link(name, target).Build());
        await using var container = await store.OpenAsync(image, Ct);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.ReadAsync(new Sandbox("true"), Ct));

        Assert.AreEqual(Fault.ImageUnsafe, failure.Fault);
        Assert.Contains($"'/{name}' of the image is a link", failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_image_whose_etc_is_a_link_out_is_refused_when_names_are_needed()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(store.Image(TestImage.Busybox().Build(), new TarBuilder().File(".wh.etc").Link("etc", "/oldroot/etc").Build()), Ct);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.ReadAsync(new Sandbox("true") { Network = Network.Host }, Ct));

        Assert.AreEqual(Fault.ImageUnsafe, failure.Fault, failure.Message);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_dangling_resolv_conf_gives_way_to_the_machines()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder().Folder("etc").Link("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf"), Ct);

        var outcome = await container.ReadAsync(new Sandbox("cat", "/etc/resolv.conf") { Network = Network.Host }, Ct);

        Assert.AreEqual(await File.ReadAllTextAsync("/etc/resolv.conf", Ct), outcome.Output);
    }

    // cases.md 35
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_a_command_leaves_running_ends_with_it()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";

        // The daemon keeps the pipes open: were it alive, this would not come back before it ends.
        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", $"(trap '' TERM HUP; setsid sleep {mark}) & sleep 0.2; echo started"), Ct);

        Assert.AreEqual("started\n", outcome.Output);
        await AssertGoneAsync(mark);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_cancelled_command_is_gone_and_the_container_goes_on()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        using var cancel = new CancellationTokenSource();

        var running = container.RunAsync(new Sandbox("sh", "-c", $"trap '' TERM INT; echo up; sleep {mark}; sleep {mark}"), _ => cancel.Cancel(), cancel.Token);

        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        await AssertGoneAsync(mark);
        Assert.AreEqual(0, await RunAsync(container, "true"));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_hundred_short_commands_each_give_their_own_exit_code()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        const int rounds = 100;

        for (var i = 0; i < rounds; i++)
        {
            Assert.AreEqual(i, await RunAsync(container, $"exit {i}"));
        }
    }

    private static string Rights(string permitted, string bound) =>
        $"CapInh:\t0000000000000000\nCapPrm:\t00000000{permitted}\nCapEff:\t00000000{permitted}\nCapBnd:\t00000000{bound}\nCapAmb:\t0000000000000000\n";

    private static async Task AssertGoneAsync(string mark)
    {
        var processes = await Exec.RunAsync(new Command("ps", "-eo", "args"), CancellationToken.None);
        Assert.DoesNotContain($"sleep {mark}", processes.Output, StringComparison.Ordinal);
    }

    private Task<int> RunAsync(Container container, string script) => container.RunAsync(new Sandbox("sh", "-c", script), _ => { }, Ct);

    /// <summary>A descriptor above 2 that children inherit.</summary>
    private sealed class Pipe : IDisposable
    {
        private readonly System.IO.Pipes.AnonymousPipeServerStream _pipe = new(System.IO.Pipes.PipeDirection.Out, HandleInheritability.Inheritable);

        public void Dispose() => _pipe.Dispose();
    }
}
