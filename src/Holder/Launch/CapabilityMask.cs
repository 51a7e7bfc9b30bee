using System.Collections.Immutable;
using System.Numerics;

namespace DotnetRelease.Holder.Launch;

/// <summary>Capabilities as the bits that the kernel takes (capabilities(7)).</summary>
internal static class CapabilityMask
{
    /// <summary>In the kernel's order. The last one came with Linux 5.9; nobody in here has a later one.</summary>
    private static readonly string[] Names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
        "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
        "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>How many there are.</summary>
    internal static int Count => Names.Length;

    /// <summary>One bit for each name.</summary>
    /// <exception cref="ArgumentException">A name that the kernel does not know.</exception>
    internal static ulong Of(ImmutableArray<string> names)
    {
        ulong mask = 0;
        foreach (var name in names)
        {
            var number = Array.IndexOf(Names, name);
            mask |= number >= 0 ? 1UL << number : throw new ArgumentException($"'{name}' is no capability.", nameof(names));
        }

        return mask;
    }

    /// <summary>The numbers of those that are not in a mask.</summary>
    internal static IEnumerable<int> Missing(ulong mask)
    {
        for (var rest = ~mask & ((1UL << Count) - 1); rest is not 0; rest &= rest - 1)
        {
            yield return BitOperations.TrailingZeroCount(rest);
        }
    }
}
