using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>Limits of a command, held by whatever this machine has.</summary>
[TestClass]
public sealed class LimitTests(TestContext test)
{
    private const int Patience = 60_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Memory_processes_and_processors_end_where_they_should_and_the_next_command_has_its_own()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        var limits = new Limits { Memory = 64 << 20, Processes = 20, Processors = 1 };

        var large = await container.ReadAsync(new Sandbox("dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1") { Limits = limits }, Ct);
        var small = await container.ReadAsync(new Sandbox("dd", "if=/dev/zero", "of=/dev/null", "bs=20M", "count=1") { Limits = limits }, Ct);
        var many = await container.ReadAsync(Starting(100) with { Limits = limits }, Ct);
        var manyOfSomebody = await container.ReadAsync(Starting(24) with { Limits = limits, User = "7" }, Ct);
        var few = await container.ReadAsync(Starting(10) with { Limits = limits }, Ct);
        var passing = await container.ReadAsync(new Sandbox("sh", "-c", "dd if=/dev/zero of=/tmp/a bs=1M count=40 && echo half && dd if=/dev/zero of=/dev/shm/b bs=1M count=40 && echo all") { Limits = limits }, Ct);
        var empty = await container.ReadAsync(new Sandbox("sh", "-c", "ls -A /tmp /dev/shm") { Limits = limits }, Ct);
        var processors = await container.ReadAsync(new Sandbox("grep", "Cpus_allowed_list", "/proc/self/status") { Limits = limits }, Ct);
        var free = await container.ReadAsync(Starting(100), Ct);

        Assert.AreNotEqual(0, large.ExitCode);
        Assert.AreEqual(0, small.ExitCode, small.Error);
        Assert.Contains("can't fork", many.Error, StringComparison.Ordinal);
        Assert.Contains("can't fork", manyOfSomebody.Error, StringComparison.Ordinal);
        Assert.AreEqual("started\n", few.Output, few.Error);
        Assert.AreEqual("half\n", passing.Output, passing.Error);
        Assert.AreEqual("/dev/shm:\n\n/tmp:\n", empty.Output, empty.Error);
        Assert.IsTrue(processors.Output.AsSpan().IndexOfAny(',', '-') < 0 || ControlGroup.FindSelf() is not null, processors.Output);
        Assert.AreEqual("started\n", free.Output, free.Error);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Who_gets_the_output_is_told_first_what_holds_the_limits()
    {
        await using var store = new TestStore();
        await using var container = await store.OpenAsync(new TarBuilder(), Ct);
        var output = new List<byte>();

        await container.RunAsync(new Sandbox("echo", "hello") { Limits = new Limits { Processes = 100 } }, part => output.AddRange(part.Span), Ct);

        Assert.MatchesRegex(@"^\[container\] limits: 100 processes (in all \(cgroup\)|of each user inside \(rlimit\))\nhello\n$", System.Text.Encoding.UTF8.GetString([.. output]));
    }

    [TestMethod]
    [Timeout(Patience * 2, CooperativeCancellation = true)]
    public async Task An_ordinary_users_run_has_limits_and_ends_at_its_time()
    {
        await using var person = await Person.OrdinaryAsync(Ct);
        var image = person.Write("image.tar", TestImage.Busybox().Build());
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";

        var outcome = await Exec.RunAsync(
            person.Tool("run", $"rootfs:{image}", "--pids-limit", "20", "--memory", "64M", "--cpus", "1.5", "--timeout", "3", "--", "sh", "-c", $"({Starting(100).Command[2]}); trap '' TERM INT; sleep {mark}"), Ct);

        Assert.Contains("can't fork", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("REL3107", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("was ended at its time limit of 3 seconds", outcome.Error, StringComparison.Ordinal);
        Assert.AreNotEqual(0, outcome.ExitCode);
        Assert.DoesNotContain(mark, (await Exec.RunAsync(new Command("ps", "-eo", "args"), Ct)).Output, StringComparison.Ordinal);
    }

    /// <summary>Starts so many processes at once.</summary>
    private static Sandbox Starting(int number) => new("sh", "-c", $"i=0; while [ $i -lt {number} ]; do sleep 20 & i=$((i+1)); done; echo started");
}
