using System.Runtime.InteropServices;
using DotnetRelease.Building;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>What the kernel itself answers in a sandbox of the distro: one container, one program that asks for everything.</summary>
[TestClass]
public sealed class KernelSurfaceTests(TestContext test)
{
    private const int Patience = 120_000;

    /// <summary>Reads NAME NUMBER ARGUMENTS… and prints NAME and errno; P is a path, S a text, other words are numbers.</summary>
    private const string Asking = """
        while (<STDIN>) {
            my ($name, @words) = split;
            my ($number, @arguments) = map { /^0x/ ? hex : /^-?\d/ ? $_ + 0 : $_ eq "P" ? "/tmp\0" : "x\0" } @words;
            my $result = syscall($number, @arguments);
            printf "%s %d\n", $name, $result < 0 ? $! + 0 : 0;
        }
        """;

    /// <summary>Each family of cases.md section 6 and podman's profile, with what is expected: EPERM 1, ENOSYS 38, EPROTONOSUPPORT 93, EAFNOSUPPORT 97.</summary>
    private static readonly (string Call, int Answer)[] Calls =
    [
        ("mount 165 S P S 0 0", 1), ("umount2 166 P 0", 1), ("pivot_root 155 P P", 1), ("open_tree 428 -100 P 0", 1), ("move_mount 429 -1 S -1 S 0", 1),
        ("fsopen 430 S 0", 1), ("fsconfig 431 -1 0 0 0 0", 1), ("fsmount 432 -1 0 0", 1), ("fspick 433 -100 P 0", 1), ("mount_setattr 442 -100 P 0 0 0", 1),
        ("unshare 272 0x10000000", 1), ("setns 308 -1 0", 1), ("clone-user 56 0x10000011 0 0 0 0", 1), ("clone3 435 0 0", 38), ("sethostname 170 S 1", 1),
        ("add_key 248 S S 0 0 -3", 1), ("request_key 249 S S 0 -3", 1), ("keyctl 250 0 -3 0", 1),
        ("bpf 321 0 0 0", 1), ("perf_event_open 298 0 0 -1 -1 0", 1), ("userfaultfd 323 0", 1), ("io_uring_setup 425 1 0", 38), ("io_uring_enter 426 0 0 0 0 0", 38),
        ("kexec_load 246 0 0 0 0", 1), ("kexec_file_load 320 -1 -1 0 S 0", 1), ("init_module 175 0 0 S", 1), ("finit_module 313 -1 S 0", 1), ("delete_module 176 S 0", 1),
        ("open_by_handle_at 304 -100 0 0", 1), ("quotactl 179 0 0 0 0", 1), ("quotactl_fd 443 -1 0 0 0", 1), ("swapon 167 P 0", 1), ("swapoff 168 P", 1),
        ("reboot 169 0 0 0 0", 1), ("acct 163 P", 1), ("syslog 103 3 0 0", 1), ("settimeofday 164 0 0", 1), ("clock_settime 227 0 0", 1), ("iopl 172 3", 1),
        ("modify_ldt 154 0 0 0", 1), ("personality 135 0x40000", 1), ("tiocsti 16 0 0x5412 S", 1), ("tioclinux 16 0 0x541c S", 1),
        ("vsock 41 40 1 0", 97), ("alg 41 38 5 0", 97), ("packet 41 17 3 0", 97), ("audit 41 16 3 9", 93), ("netfilter 41 16 3 12", 93),
        ("x32-getpid 0x40000027", 38), ("newer 600 0 0 0", 38),
        ("netlink-route 41 16 3 0", 0), ("unix 41 1 1 0", 0), ("inet 41 2 1 0", 0), ("getpid 39", 0), ("ask-personality 135 0xffffffff", 0),
    ];

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Each_family_of_calls_is_refused_as_podman_does_or_harder_and_what_programs_need_is_there()
    {
        if (RuntimeInformation.ProcessArchitecture is not Architecture.X64)
        {
            Assert.Inconclusive("The numbers are those of x86-64; the table of aarch64 is compared with the kernel's headers.");
        }

        await using var container = await OpenDistroAsync();
        var questions = string.Join('\n', Calls.Select(call => call.Call));

        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", $"perl -e '{Asking}' <<'EOF'\n{questions}\nEOF"), Ct);

        Assert.AreEqual(string.Concat(Calls.Select(call => $"{call.Call.Split(' ')[0]} {call.Answer}\n")), outcome.Output, outcome.Error);
    }

    // cases.md 38, CVE-2017-5226
    [TestMethod]
    [DataRow("", DisplayName = "output on the terminal")]
    [DataRow("--interactive", DisplayName = "input from the terminal too")]
    [DataRow("--tty", DisplayName = "a terminal of its own")]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Nothing_can_be_typed_into_the_terminal_of_who_runs_a_command(string option)
    {
        const string typing = """for my $file (*STDIN, *STDOUT, *STDERR) { my $c = "x"; print ioctl($file, 0x5412, $c) ? "typed" : "refused: $!", "\n"; }""";
        var tool = Path.Combine(AppContext.BaseDirectory, "dotnet-release.dll");
        var run = new Command("dotnet", [tool, "run", .. option.Length > 0 ? [option] : Array.Empty<string>(), $"rootfs:{await SharedMachine.Distro}", "--", "perl", "-e", typing]);

        // A shell reads, after the command, what was typed into its terminal meanwhile.
        var shell = new Command("script", "-qec", $"stty -echo -icanon min 0 time 1; {run}; printf 'read: '; dd bs=100 count=1 2> /dev/null | tr -cd x | wc -c", "/dev/null")
            .With("DOTNET_RELEASE_CACHE", SharedMachine.Places.Cache).With("DOTNET_RELEASE_DATA", SharedMachine.Places.Data);
        var outcome = await Exec.RunAsync(shell, Ct);

        Assert.AreEqual(3, outcome.Output.Split("refused: ").Length - 1, outcome.Output + outcome.Error);
        Assert.Contains("refused: Operation not permitted", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("typed", outcome.Output.Replace(typing, "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("read: 0", outcome.Output, StringComparison.Ordinal);
    }

    private async Task<IContainer> OpenDistroAsync()
    {
        using var machine = new Machine(SharedMachine.Places, new ListReporter());
        var image = await machine.Images.UseAsync(ImageReference.Parse($"rootfs:{await SharedMachine.Distro}"), new ImageWish(Platform.Current), Ct);
        return await RpmBuilder.OpenAsync(machine.Engine, image, [], Ct);
    }
}
