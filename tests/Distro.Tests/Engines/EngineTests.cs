using System.Net;
using System.Net.Sockets;
using System.Text;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>What every engine does, whoever it is. The tests of one class share a container, so each has files of its own.</summary>
public abstract class EngineTests(TestContext test)
{
    private const int Patience = 60_000;

    private protected CancellationToken Ct => test.CancellationToken;

    private protected abstract EngineWorld World { get; }

    /// <summary>Whether folders of this machine can be written to from inside.</summary>
    private protected virtual bool SeesOurFiles => true;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Both_streams_and_the_exit_code_come_back()
    {
        var outcome = await LookAsync("echo out; echo error >&2; exit 7");

        Assert.AreEqual((7, "out\n", "error\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Output_can_be_heard_while_it_is_made()
    {
        var heard = new MemoryStream();

        var code = await (await World.Shared).RunAsync(Look("echo one; echo two >&2; exit 3"), part => heard.Write(part.Span), Ct);

        var text = Encoding.UTF8.GetString(heard.ToArray());
        Assert.AreEqual(3, code);
        Assert.IsTrue(text is "one\ntwo\n" or "two\none\n", text);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Variables_arrive_exactly_and_only_with_their_command()
    {
        const string value = "a b'c\"d$e#f=g\\ ";
        var before = await (await World.Shared).ReadAsync(Look("env").With("ONCE", value).With("PATH", "/bin"), Ct);
        var after = await LookAsync("env");

        Assert.Contains($"\nONCE={value}\n", "\n" + before.Output, StringComparison.Ordinal);
        Assert.Contains("\nPATH=/bin\n", "\n" + before.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ONCE", after.Output, StringComparison.Ordinal);
        var ours = after.Output.Split('\n').Where(line => !line.StartsWith("HOSTNAME=", StringComparison.Ordinal) && !line.StartsWith("SHLVL=", StringComparison.Ordinal) && !line.StartsWith("PWD=", StringComparison.Ordinal));
        Assert.AreEqual("HOME=/root LANG=C.UTF-8 OF_IMAGE=1 PATH=/bin:/usr/bin container=oci", string.Join(' ', ours.Order(StringComparer.Ordinal)).Trim());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_volume_is_seen_and_not_changed()
    {
        using var scratch = new Scratch();
        File.SetUnixFileMode(scratch.Root, (UnixFileMode)0b111_101_101);
        scratch.Write("a, b/file", "ours");

        var outcome = await (await World.Shared).ReadAsync(
            Shell("cat /in/file && ! echo evil 2>/dev/null > /in/file") with { Volumes = [new Volume(scratch["a, b"], "/in", ReadOnly: true)] }, Ct);

        Assert.AreEqual((0, "ours"), (outcome.ExitCode, outcome.Output), outcome.Error);
        Assert.AreEqual("ours", scratch.Read("a, b/file"));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_volume_that_may_be_written_to_is_or_that_is_refused()
    {
        using var scratch = new Scratch();
        File.SetUnixFileMode(scratch.Folder("out"), (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(scratch.Root, (UnixFileMode)0b111_101_101);
        var write = Shell("echo inside > /out/file") with { Volumes = [new Volume(scratch["out"], "/out", ReadOnly: false)] };
        if (!SeesOurFiles)
        {
            var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(async () => await (await World.Shared).ReadAsync(write, Ct));
            Assert.AreEqual(Fault.EngineLacks, refusal.Fault);
            return;
        }

        var outcome = await (await World.Shared).ReadAsync(write, Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.AreEqual("inside\n", scratch.Read("out/file"));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task It_starts_where_the_image_or_the_command_says_under_its_own_name()
    {
        var container = await World.Shared;

        var outcome = await container.ReadAsync(Look("pwd; hostname") with { WorkingDirectory = "/tmp", Hostname = "builder" }, Ct);

        Assert.AreEqual("/tmp\nbuilder\n", outcome.Output, outcome.Error);
        Assert.AreEqual("/data\ncontainer\n", (await LookAsync("pwd; hostname")).Output);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_images_own_folder_is_made_when_it_is_missing_and_stays_its_own()
    {
        var image = World.Image with { Config = World.Image.Config with { WorkingDirectory = "/srv/missing folder" } };
        await using var container = World.Engine.Begin();
        await container.OpenAsync(image, [], Ct);

        await container.ReadAsync(Shell("echo 1 > here") with { WorkingDirectory = "/tmp" }, Ct);
        var outcome = await container.ReadAsync(Shell("pwd; ls"), Ct);

        Assert.AreEqual("/srv/missing folder\n", outcome.Output, outcome.Error);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_network_is_none_or_the_machines()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepting = listener.AcceptTcpClientAsync(Ct).AsTask();
        var connect = Look($"nc 127.0.0.1 {((IPEndPoint)listener.LocalEndpoint).Port} < /dev/null");

        var none = await (await World.Shared).ReadAsync(connect with { ProveNoNetwork = true }, Ct);

        Assert.AreNotEqual(0, none.ExitCode);
        Assert.Contains("no network: 'lo' is the only interface", none.Output, StringComparison.Ordinal);
        Assert.IsFalse(accepting.IsCompleted);
        var running = (await World.Shared).ReadAsync(connect with { Network = Network.Host }, Ct);
        (await accepting).Dispose();
        Assert.AreEqual(0, (await running).ExitCode);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Where_there_is_a_network_the_proof_that_there_is_none_fails()
    {
        var prove = Look("echo started") with { Network = Network.Host, ProveNoNetwork = true };
        var started = false;
        try
        {
            var outcome = await (await World.Shared).ReadAsync(prove, Ct);
            started = outcome.Output.Contains("started", StringComparison.Ordinal) || outcome.ExitCode is 0;
        }
        catch (ReleaseException ex)
        {
            Assert.AreEqual(Fault.ContainerFailed, ex.Fault);
        }

        Assert.IsFalse(started);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Files_stay_from_one_command_to_the_next_whatever_else_it_has()
    {
        using var scratch = new Scratch();
        File.SetUnixFileMode(scratch.Root, (UnixFileMode)0b111_101_101);
        scratch.Write("in/x", "x");
        var container = await World.Shared;

        await container.ReadAsync(Shell("echo first > /keep; echo gone > /tmp/keep") with { Network = Network.Host }, Ct);
        await container.ReadAsync(Shell("echo second >> /keep") with { Volumes = [new Volume(scratch["in"], "/in2", ReadOnly: true)] }, Ct);
        var outcome = await LookAsync("cat /keep; ls /tmp");

        Assert.AreEqual("first\nsecond\n", outcome.Output, outcome.Error);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_root_that_is_read_only_stays_as_it_is()
    {
        var outcome = await (await World.Shared).ReadAsync(Shell("echo x > /tmp/x && cat /tmp/x && echo evil > /evil") with { ReadOnlyRoot = true }, Ct);

        Assert.AreEqual("x\n", outcome.Output);
        Assert.AreNotEqual(0, outcome.ExitCode);
        Assert.AreEqual("", (await LookAsync("ls / | grep evil || true")).Output);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_prepared_root_is_there_for_the_next_container_with_its_files_only()
    {
        const string key = "prepared-here";
        Assert.IsFalse(await World.Engine.HasRootAsync(key, Ct));
        await using (var container = await World.OpenAsync(Ct))
        {
            await container.ReadAsync(Shell("echo 1 > /prepared").With("SECRET", "hush-hush"), Ct);
            await container.SaveRootAsync(key, Ct);
            await container.ReadAsync(Shell("echo 2 > /later"), Ct);
        }

        Assert.IsTrue(await World.Engine.HasRootAsync(key, Ct));
        await using var next = await World.OpenAsync(Ct, key);
        var outcome = await next.ReadAsync(Look("cat /prepared; ls /later; env"), Ct);
        Assert.StartsWith("1\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("/later", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", outcome.Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Rights_are_few_and_cannot_grow()
    {
        var outcome = await (await World.Shared).ReadAsync(Look("cat /proc/self/status") with { Capabilities = Capabilities.Building }, Ct);

        Assert.Contains("CapBnd:\t000000000000001b\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2\n", outcome.Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_file_goes_in_and_comes_out()
    {
        using var scratch = new Scratch();
        var container = await World.Shared;
        await container.CopyInAsync(scratch.Write("tool", "#!/bin/sh\necho ran\n"), "/data/tool", executable: true, Ct);

        var outcome = await LookAsync("/data/tool; stat -c '%a %u' /data/tool");

        // Those who take out several files do so at once.
        var texts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(ReadAsync, Ct)));

        Assert.AreEqual("ran\n755 0\n", outcome.Output, outcome.Error);
        Assert.IsTrue(Array.TrueForAll(texts, text => text is "#!/bin/sh\necho ran\n"), string.Join('|', texts));

        async Task<string> ReadAsync()
        {
            await using var file = await container.OpenReadAsync("/data/tool", 100, Ct);
            return await new StreamReader(file).ReadToEndAsync(Ct);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Only_a_regular_file_of_the_right_size_comes_out()
    {
        var container = await World.Shared;
        await container.ReadAsync(Shell("dd if=/dev/zero of=/large bs=1000 count=2"), Ct);

        foreach (var path in (string[])["/data/link", "/data", "/data/nothing", "/large"])
        {
            var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.OpenReadAsync(path, 1999, Ct));
            Assert.AreEqual(Fault.BuildResultWrong, refusal.Fault, refusal.Message);
            Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_folder_is_listed_by_name_and_kind()
    {
        var container = await World.Shared;
        await container.ReadAsync(Shell("mkdir -p /list/b/c; echo > /list/c; ln -s /nowhere /list/a"), Ct);

        var entries = await container.ListAsync("/list", Ct);

        Assert.AreEqual("a Link, b Folder, c File", string.Join(", ", entries.Select(entry => $"{entry.Name} {entry.Kind}")));
        foreach (var path in (string[])["/linked", "/data/below", "/nothing"])
        {
            Assert.AreEqual(Fault.BuildResultWrong, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.ListAsync(path, Ct))).Fault, path);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_command_that_is_cancelled_ends_and_the_container_goes_on()
    {
        await using var container = await World.OpenAsync(Ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var running = container.RunAsync(Shell("echo started; sleep 1000"), _ => stop.Cancel(), stop.Token);

        await Assert.ThrowsAsync<OperationCanceledException>(() => running);

        Assert.AreEqual("on\n", (await container.ReadAsync(Shell("echo on"), Ct)).Output);
    }

    private protected static Sandbox Shell(string script) => new("sh", "-c", script);

    /// <summary>A look at the tree: what changes nothing is cheaper for some engines.</summary>
    private protected static Sandbox Look(string script) => Shell(script) with { ReadOnlyRoot = true };

    private protected async Task<Processes.Outcome> LookAsync(string script) => await (await World.Shared).ReadAsync(Look(script), Ct);
}
