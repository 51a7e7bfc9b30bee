extern alias holder;

using System.Runtime.InteropServices;
using holder::DotnetRelease.Holder;

namespace DotnetRelease.Core.Tests.Holder;

/// <summary>The filter is run by a small machine of our own, for both kinds of processor.</summary>
[TestClass]
public sealed class SeccompFilterTests
{
    private const uint Allow = 0x7fff0000;
    private const uint NotPermitted = 0x00050001;
    private const uint NotImplemented = 0x00050026;
    private const uint NoSuchProtocol = 0x0005005d;
    private const uint NoSuchFamily = 0x00050061;
    private const uint ArchX64 = 0xc000003e;
    private const uint ArchArm64 = 0xc00000b7;

    [TestMethod]
    [DataRow(0u, 0ul, 0ul, Allow, DisplayName = "read")]
    [DataRow(59u, 0ul, 0ul, Allow, DisplayName = "execve")]
    [DataRow(92u, 0ul, 0ul, Allow, DisplayName = "chown")]
    [DataRow(126u, 0ul, 0ul, Allow, DisplayName = "capset")]
    [DataRow(161u, 0ul, 0ul, Allow, DisplayName = "chroot")]
    [DataRow(101u, 0ul, 0ul, Allow, DisplayName = "ptrace, as podman")]
    [DataRow(165u, 0ul, 0ul, NotPermitted, DisplayName = "mount")]
    [DataRow(428u, 0ul, 0ul, NotPermitted, DisplayName = "open_tree")]
    [DataRow(442u, 0ul, 0ul, NotPermitted, DisplayName = "mount_setattr")]
    [DataRow(272u, 0ul, 0ul, NotPermitted, DisplayName = "unshare")]
    [DataRow(308u, 0ul, 0ul, NotPermitted, DisplayName = "setns")]
    [DataRow(248u, 0ul, 0ul, NotPermitted, DisplayName = "add_key")]
    [DataRow(249u, 0ul, 0ul, NotPermitted, DisplayName = "request_key")]
    [DataRow(250u, 0ul, 0ul, NotPermitted, DisplayName = "keyctl")]
    [DataRow(321u, 0ul, 0ul, NotPermitted, DisplayName = "bpf")]
    [DataRow(298u, 0ul, 0ul, NotPermitted, DisplayName = "perf_event_open")]
    [DataRow(323u, 0ul, 0ul, NotPermitted, DisplayName = "userfaultfd")]
    [DataRow(304u, 0ul, 0ul, NotPermitted, DisplayName = "open_by_handle_at")]
    [DataRow(246u, 0ul, 0ul, NotPermitted, DisplayName = "kexec_load")]
    [DataRow(313u, 0ul, 0ul, NotPermitted, DisplayName = "finit_module")]
    [DataRow(169u, 0ul, 0ul, NotPermitted, DisplayName = "reboot")]
    [DataRow(167u, 0ul, 0ul, NotPermitted, DisplayName = "swapon")]
    [DataRow(163u, 0ul, 0ul, NotPermitted, DisplayName = "acct")]
    [DataRow(164u, 0ul, 0ul, NotPermitted, DisplayName = "settimeofday")]
    [DataRow(443u, 0ul, 0ul, NotPermitted, DisplayName = "quotactl_fd")]
    [DataRow(435u, 0ul, 0ul, NotImplemented, DisplayName = "clone3, so that glibc falls back to clone, CVE-2021-41133")]
    [DataRow(425u, 0ul, 0ul, NotImplemented, DisplayName = "io_uring_setup")]
    [DataRow(457u, 0ul, 0ul, NotImplemented, DisplayName = "statmount, newer than the table")]
    [DataRow(0xffffffffu, 0ul, 0ul, NotImplemented, DisplayName = "no call at all")]
    [DataRow(56u, 0x01200011ul, 0ul, Allow, DisplayName = "clone as fork does")]
    [DataRow(56u, 0x003d0f00ul, 0ul, Allow, DisplayName = "clone as threads do")]
    [DataRow(56u, 0x10000011ul, 0ul, NotPermitted, DisplayName = "clone with a user namespace")]
    [DataRow(56u, 0x00020011ul, 0ul, NotPermitted, DisplayName = "clone with a mount namespace")]
    [DataRow(56u, 0x02000011ul, 0ul, NotPermitted, DisplayName = "clone with a cgroup namespace")]
    [DataRow(56u, 0x40000011ul, 0ul, NotPermitted, DisplayName = "clone with a network namespace")]
    [DataRow(135u, 0ul, 0ul, Allow, DisplayName = "personality of Linux")]
    [DataRow(135u, 0xfffffffful, 0ul, Allow, DisplayName = "asking for the personality")]
    [DataRow(135u, 8ul, 0ul, Allow, DisplayName = "setarch i686")]
    [DataRow(135u, 0x40000ul, 0ul, NotPermitted, DisplayName = "personality without random addresses")]
    [DataRow(135u, 0x400000ul, 0ul, NotPermitted, DisplayName = "personality with executable data")]
    [DataRow(16u, 0ul, 0x5413ul, Allow, DisplayName = "ioctl TIOCGWINSZ")]
    [DataRow(16u, 0ul, 0x5412ul, NotPermitted, DisplayName = "ioctl TIOCSTI, CVE-2017-5226")]
    [DataRow(16u, 0ul, 0x1_0000_5412ul, NotPermitted, DisplayName = "ioctl TIOCSTI with rubbish above, CVE-2019-10063")]
    [DataRow(16u, 0ul, 0x541cul, NotPermitted, DisplayName = "ioctl TIOCLINUX, CVE-2023-28100")]
    [DataRow(41u, 1ul, 0ul, Allow, DisplayName = "unix socket")]
    [DataRow(41u, 2ul, 0ul, Allow, DisplayName = "IPv4 socket")]
    [DataRow(41u, 10ul, 0ul, Allow, DisplayName = "IPv6 socket")]
    [DataRow(41u, 17ul, 0ul, NoSuchFamily, DisplayName = "packet socket")]
    [DataRow(41u, 38ul, 0ul, NoSuchFamily, DisplayName = "the kernel's ciphers")]
    [DataRow(41u, 40ul, 0ul, NoSuchFamily, DisplayName = "vsock, which knows no network namespace")]
    [DataRow(0x40000000u + 165, 0ul, 0ul, NotImplemented, DisplayName = "mount by its x32 number")]
    [DataRow(0x40000000u, 0ul, 0ul, NotImplemented, DisplayName = "read by its x32 number")]
    public void On_x86_64(uint number, ulong first, ulong second, uint verdict) =>
        Assert.AreEqual(verdict, MachineFor(Architecture.X64).Run(ArchX64, number, first, second));

    [TestMethod]
    [DataRow(63u, 0ul, 0ul, Allow, DisplayName = "read")]
    [DataRow(0u, 0ul, 0ul, Allow, DisplayName = "io_setup")]
    [DataRow(221u, 0ul, 0ul, Allow, DisplayName = "execve")]
    [DataRow(40u, 0ul, 0ul, NotPermitted, DisplayName = "mount")]
    [DataRow(97u, 0ul, 0ul, NotPermitted, DisplayName = "unshare")]
    [DataRow(435u, 0ul, 0ul, NotImplemented, DisplayName = "clone3")]
    [DataRow(220u, 0x10000011ul, 0ul, NotPermitted, DisplayName = "clone with a user namespace")]
    [DataRow(220u, 0x01200011ul, 0ul, Allow, DisplayName = "clone as fork does")]
    [DataRow(92u, 0x40000ul, 0ul, NotPermitted, DisplayName = "personality without random addresses")]
    [DataRow(29u, 0ul, 0x5412ul, NotPermitted, DisplayName = "ioctl TIOCSTI")]
    [DataRow(198u, 40ul, 0ul, NoSuchFamily, DisplayName = "vsock")]
    [DataRow(198u, 2ul, 0ul, Allow, DisplayName = "IPv4 socket")]
    public void On_aarch64(uint number, ulong first, ulong second, uint verdict) =>
        Assert.AreEqual(verdict, MachineFor(Architecture.Arm64).Run(ArchArm64, number, first, second));

    [TestMethod]
    [DataRow(0ul, Allow, DisplayName = "routes")]
    [DataRow(15ul, Allow, DisplayName = "device events")]
    [DataRow(9ul, NoSuchProtocol, DisplayName = "audit")]
    [DataRow(12ul, NoSuchProtocol, DisplayName = "netfilter")]
    [DataRow(21ul, NoSuchProtocol, DisplayName = "ciphers")]
    public void Netlink_is_open_for_what_programs_ask_and_not_for_what_they_set_up(ulong protocol, uint verdict) =>
        Assert.AreEqual(verdict, MachineFor(Architecture.X64).Run(ArchX64, 41, 16, 3, protocol));

    [TestMethod]
    [DataRow(Architecture.X64, ArchX64)]
    [DataRow(Architecture.Arm64, ArchArm64)]
    public void Every_number_gets_the_answer_of_the_table(Architecture machine, uint arch)
    {
        var filter = MachineFor(machine);
        var allowed = NumbersOf(SystemCallTable.Allowed, machine);
        var refused = NumbersOf(SystemCallTable.Refused, machine);
        var examined = NumbersOf(SystemCallTable.Examined, machine);
        Assert.IsGreaterThan(250, allowed.Count);
        Assert.IsFalse(allowed.Overlaps(refused) || allowed.Overlaps(examined) || refused.Overlaps(examined));

        for (var number = 0u; number < 1024; number++)
        {
            if (!examined.Contains(number))
            {
                var wanted = allowed.Contains(number) ? Allow : refused.Contains(number) ? NotPermitted : NotImplemented;
                Assert.AreEqual(wanted, filter.Run(arch, number), $"call {number}");
                Assert.IsLessThan(14, filter.Steps, $"call {number}");
            }
        }
    }

    [TestMethod]
    [DataRow(0x40000003u, DisplayName = "32-bit x86")]
    [DataRow(ArchArm64, DisplayName = "another machine")]
    public void A_call_by_another_machines_table_is_never_looked_up_in_ours(uint arch) =>
        Assert.AreEqual(NotImplemented, MachineFor(Architecture.X64).Run(arch, 0));

    [TestMethod]
    [DataRow(Architecture.X64)]
    [DataRow(Architecture.Arm64)]
    public void No_jump_leaves_the_program_and_every_way_ends_in_a_verdict(Architecture machine)
    {
        var filter = MachineFor(machine);
        Assert.IsLessThan(4096, filter.Length);

        for (var at = 0; at < filter.Length; at++)
        {
            foreach (var next in filter.After(at))
            {
                Assert.IsTrue(next > at && next < filter.Length, $"instruction {at} goes to {next} of {filter.Length}");
            }
        }
    }

    private static BpfMachine MachineFor(Architecture machine) => new(SeccompFilter.For(machine));

    private static HashSet<uint> NumbersOf(string list, Architecture machine) =>
    [
        .. from call in SystemCallTable.Read(list)
           let number = machine is Architecture.Arm64 ? call.Arm64 : call.X64
           where number >= 0
           select (uint)number,
    ];
}
