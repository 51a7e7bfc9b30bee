extern alias holder;

using System.Buffers.Binary;
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
    private const uint NoSuchFamily = 0x00050061;
    private const uint ArchX64 = 0xc000003e;
    private const uint ArchArm64 = 0xc00000b7;

    [TestMethod]
    [DataRow(0u, 0ul, 0ul, Allow, DisplayName = "read")]
    [DataRow(59u, 0ul, 0ul, Allow, DisplayName = "execve")]
    [DataRow(161u, 0ul, 0ul, Allow, DisplayName = "chroot")]
    [DataRow(165u, 0ul, 0ul, NotPermitted, DisplayName = "mount")]
    [DataRow(428u, 0ul, 0ul, NotPermitted, DisplayName = "open_tree")]
    [DataRow(442u, 0ul, 0ul, NotPermitted, DisplayName = "mount_setattr")]
    [DataRow(272u, 0ul, 0ul, NotPermitted, DisplayName = "unshare")]
    [DataRow(308u, 0ul, 0ul, NotPermitted, DisplayName = "setns")]
    [DataRow(250u, 0ul, 0ul, NotPermitted, DisplayName = "keyctl")]
    [DataRow(321u, 0ul, 0ul, NotPermitted, DisplayName = "bpf")]
    [DataRow(304u, 0ul, 0ul, NotPermitted, DisplayName = "open_by_handle_at")]
    [DataRow(435u, 0ul, 0ul, NotImplemented, DisplayName = "clone3")]
    [DataRow(425u, 0ul, 0ul, NotImplemented, DisplayName = "io_uring_setup")]
    [DataRow(56u, 0x01200011ul, 0ul, Allow, DisplayName = "clone as fork does")]
    [DataRow(56u, 0x003d0f00ul, 0ul, Allow, DisplayName = "clone as threads do")]
    [DataRow(56u, 0x10000011ul, 0ul, NotPermitted, DisplayName = "clone with a user namespace")]
    [DataRow(56u, 0x00020011ul, 0ul, NotPermitted, DisplayName = "clone with a mount namespace")]
    [DataRow(16u, 0ul, 0x5413ul, Allow, DisplayName = "ioctl TIOCGWINSZ")]
    [DataRow(16u, 0ul, 0x5412ul, NotPermitted, DisplayName = "ioctl TIOCSTI")]
    [DataRow(16u, 0ul, 0x1_0000_5412ul, NotPermitted, DisplayName = "ioctl TIOCSTI with rubbish above, CVE-2019-10063")]
    [DataRow(16u, 0ul, 0x541cul, NotPermitted, DisplayName = "ioctl TIOCLINUX, CVE-2023-28100")]
    [DataRow(41u, 1ul, 0ul, Allow, DisplayName = "unix socket")]
    [DataRow(41u, 10ul, 0ul, Allow, DisplayName = "IPv6 socket")]
    [DataRow(41u, 40ul, 0ul, NoSuchFamily, DisplayName = "vsock, which knows no network namespace")]
    [DataRow(0x40000000u + 165, 0ul, 0ul, NotImplemented, DisplayName = "mount by its x32 number")]
    public void On_x86_64(uint number, ulong first, ulong second, uint verdict) =>
        Assert.AreEqual(verdict, Run(Architecture.X64, ArchX64, number, (first, second)));

    [TestMethod]
    [DataRow(63u, 0ul, 0ul, Allow, DisplayName = "read")]
    [DataRow(40u, 0ul, 0ul, NotPermitted, DisplayName = "mount")]
    [DataRow(97u, 0ul, 0ul, NotPermitted, DisplayName = "unshare")]
    [DataRow(220u, 0x10000011ul, 0ul, NotPermitted, DisplayName = "clone with a user namespace")]
    [DataRow(220u, 0x01200011ul, 0ul, Allow, DisplayName = "clone as fork does")]
    [DataRow(29u, 0ul, 0x5412ul, NotPermitted, DisplayName = "ioctl TIOCSTI")]
    [DataRow(198u, 40ul, 0ul, NoSuchFamily, DisplayName = "vsock")]
    [DataRow(198u, 2ul, 0ul, Allow, DisplayName = "IPv4 socket")]
    public void On_aarch64(uint number, ulong first, ulong second, uint verdict) =>
        Assert.AreEqual(verdict, Run(Architecture.Arm64, ArchArm64, number, (first, second)));

    [TestMethod]
    [DataRow(0x40000003u, DisplayName = "32-bit x86")]
    [DataRow(ArchArm64, DisplayName = "another machine")]
    public void A_call_by_another_machines_table_is_never_looked_up_in_ours(uint arch) =>
        Assert.AreEqual(NotImplemented, Run(Architecture.X64, arch, 0, (0, 0)));

    [TestMethod]
    [DataRow(Architecture.X64)]
    [DataRow(Architecture.Arm64)]
    public void No_jump_leaves_the_program_and_every_way_ends_in_a_verdict(Architecture machine)
    {
        var program = SeccompFilter.For(machine);
        var count = program.Length / 8;
        Assert.IsLessThan(4096, count);

        for (var i = 0; i < count; i++)
        {
            if ((program[i * 8] & 7) is 5)
            {
                Assert.IsLessThan(count, i + 1 + Math.Max(program[(i * 8) + 2], program[(i * 8) + 3]));
            }
        }

        Assert.AreEqual(0x06, program[^8]);
    }

    /// <summary>Classic BPF, as far as the filter uses it: load a word, jump on equal, at least, or any bit, return.</summary>
    private static uint Run(Architecture machine, uint arch, uint number, (ulong First, ulong Second) arguments)
    {
        var program = SeccompFilter.For(machine);
        var data = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4), arch);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16), arguments.First);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(24), arguments.Second);
        uint loaded = 0;
        for (var at = 0; ; at++)
        {
            var code = BinaryPrimitives.ReadUInt16LittleEndian(program.AsSpan(at * 8));
            var constant = BinaryPrimitives.ReadUInt32LittleEndian(program.AsSpan((at * 8) + 4));
            bool? jump = code switch
            {
                0x15 => loaded == constant,
                0x35 => loaded >= constant,
                0x45 => (loaded & constant) is not 0,
                _ => null,
            };
            if (code is 0x06)
            {
                return constant;
            }

            if (jump is { } taken)
            {
                at += program[(at * 8) + (taken ? 2 : 3)];
            }
            else
            {
                Assert.AreEqual(0x20, code);
                loaded = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)constant));
            }
        }
    }
}
