using System.Runtime.InteropServices;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary><c>run</c> as a program in front of a person or in a script: terminal, signals, standard input.</summary>
[TestClass]
public sealed partial class ForegroundTests(TestContext test)
{
    private const int Patience = 120_000;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow(false, DisplayName = "whoever runs the tests")]
    [DataRow(true, DisplayName = "an ordinary user")]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_shell_has_a_terminal_of_its_own_with_size_job_control_and_CtrlC_and_ours_is_as_before(bool ordinary)
    {
        await using var person = ordinary ? await Person.OrdinaryAsync(Ct) : Person.Us();
        var image = person.Write("image.tar", TestImage.Busybox().Link("bin/stty", "busybox").Link("bin/tty", "busybox").Build());
        using var dialog = Dialog.StartOnTerminal(person.Tool("run", "-it", $"rootfs:{image}", "--", "sh").With("TERM", "xterm-test"));

        await dialog.HearAsync("/ # ", Ct);
        await dialog.TypeAsync("stty size; tty; echo $TERM; ls -l /proc/[0-9]*/fd 2> /dev/null | grep -c /dev/pts/[^0]\n");
        await dialog.HearAsync("33 77\r\n/dev/pts/0\r\nxterm-test\r\n0\r\n", Ct);

        var ours = dialog.Heard.Split("\r\n")[0];
        await Exec.ReadAsync(new Command("stty", "-F", ours, "rows", "50", "cols", "100"), Ct);
        await dialog.TypeAsync("stty size\n");
        await dialog.HearAsync("50 100\r\n", Ct);

        // What cat says shows that it has the terminal.
        await dialog.TypeAsync("sh -c 'echo st''arted; exec cat'\n");
        await dialog.HearAsync("started\r\n", Ct);
        await dialog.TypeAsync("one\n");
        await dialog.HearAsync("one\r\none\r\n", Ct);
        await dialog.TypeAsync("\u001a");
        await dialog.HearAsync("Stopped", Ct);
        await dialog.HearAsync("/ # ", Ct);
        await dialog.TypeAsync("fg\n");
        await dialog.HearAsync("exec cat", Ct);
        await dialog.TypeAsync("two\n");
        await dialog.HearAsync("two\r\ntwo\r\n", Ct);
        await dialog.TypeAsync("\u0003");
        await dialog.HearAsync("/ # ", Ct);
        await dialog.TypeAsync("exit 5\n");

        Assert.AreEqual(5, await dialog.EndAsync(Ct), dialog.Heard);
        var lines = dialog.Heard.TrimEnd().Split("\r\n");
        Assert.AreEqual(lines[1], lines[^1], "The terminal's settings before and after.");
        Assert.HasCount(0, person.Sessions());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Signals_end_a_shell_on_a_terminal_and_ours_is_as_before_and_without_t_nothing_inside_is_a_terminal()
    {
        await using var person = Person.Us();
        var image = person.Write("image.tar", TestImage.Busybox().Build());
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        using (var dialog = Dialog.StartOnTerminal(person.Tool("run", "-it", $"rootfs:{image}", "--", "sh", "-c", $"echo {mark} started; exec sleep 1000")))
        {
            await dialog.HearAsync($"{mark} started", Ct);
            Send(await ToolAsync(mark), Terminate);

            Assert.AreEqual(128 + Terminate, await dialog.EndAsync(Ct), dialog.Heard);
            var lines = dialog.Heard.TrimEnd().Split("\r\n");
            Assert.AreEqual(lines[1], lines[^1]);
        }

        using var plain = Dialog.StartOnTerminal(person.Tool("run", "-i", $"rootfs:{image}", "--", "sh", "-c", "for i in 0 1 2; do test -t $i && echo terminal $i; done; echo out; echo err >&2; cat"));
        await plain.HearAsync("out\r\nerr\r\n", Ct);
        await plain.TypeAsync("typed\n");
        await plain.HearAsync("typed\r\ntyped\r\n", Ct);
        await plain.TypeAsync("\u0004");
        Assert.AreEqual(0, await plain.EndAsync(Ct), plain.Heard);
        Assert.DoesNotContain("terminal", plain.Heard, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_signal_is_the_commands_and_a_second_one_ends_the_container()
    {
        await using var person = Person.Us();
        var image = person.Write("image.tar", TestImage.Busybox().Build());
        using (var polite = Dialog.Start(person.Tool("run", $"rootfs:{image}", "--", "sh", "-c", "trap 'echo got it; exit 9' TERM; echo up; while true; do sleep 0.05; done")))
        {
            await polite.HearAsync("up", Ct);
            Send(polite.Process.Id, Terminate);
            await polite.HearAsync("got it", Ct);
            Assert.AreEqual(9, await polite.EndAsync(Ct));
        }

        using var stubborn = Dialog.Start(person.Tool("run", $"rootfs:{image}", "--", "sh", "-c", "trap 'echo no' INT; echo up; while true; do sleep 0.05; done"));
        await stubborn.HearAsync("up", Ct);
        Send(stubborn.Process.Id, Interrupt);
        await stubborn.HearAsync("no", Ct);
        Send(stubborn.Process.Id, Interrupt);
        Assert.AreEqual(130, await stubborn.EndAsync(Ct));
        Assert.HasCount(0, person.Sessions());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Standard_input_is_streamed_with_i_and_empty_without_and_no_terminal_can_be_made_of_a_pipe()
    {
        await using var person = Person.Us();
        var image = person.Write("image.tar", TestImage.Busybox().Build());
        using (var cat = Dialog.Start(person.Tool("run", "-i", $"rootfs:{image}", "--", "cat")))
        {
            await cat.TypeAsync("one\n");
            await cat.HearAsync("one\n", Ct);
            await cat.TypeAsync("two\n");
            await cat.HearAsync("two\n", Ct);
            cat.Process.StandardInput.Close();
            Assert.AreEqual(0, await cat.EndAsync(Ct));
        }

        using (var empty = Dialog.Start(person.Tool("run", $"rootfs:{image}", "--", "sh", "-c", "cat; echo end")))
        {
            await empty.TypeAsync("one\n");
            Assert.AreEqual((0, "end\n"), (await empty.EndAsync(Ct), empty.Heard));
        }

        using var pipe = Dialog.Start(person.Tool("run", "-it", $"rootfs:{image}", "--", "sh"));
        Assert.AreEqual(2, await pipe.EndAsync(Ct));
    }

    /// <summary>The process of the tool whose command line has this mark, and not those of the terminal around it.</summary>
    private async Task<int> ToolAsync(string mark)
    {
        var processes = (await Exec.ReadAsync(new Command("ps", "-eo", "pid,args"), Ct)).Output.Split('\n');
        return int.Parse(processes.Single(line => line.Contains("dotnet-release.dll run", StringComparison.Ordinal) && line.Contains(mark, StringComparison.Ordinal)).Trim().Split(' ')[0], provider: null);
    }

    private static void Send(int process, int signal) => Assert.AreEqual(0, kill(process, signal));

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
