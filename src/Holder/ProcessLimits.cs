using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>Sets the limits of a sandbox's first process, from which every other process of it comes.</summary>
internal static unsafe partial class ProcessLimits
{
    private const int Data = 2;
    private const int Processes = 6;

    /// <summary>Limits that no process inside can raise again, except for affinity.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="limits">What to set.</param>
    /// <param name="members">The list of members of the control group, open for writing; counts when the limits have a group.</param>
    internal static void Set(int pid, LimitRequest limits, int members)
    {
        if (limits.Group)
        {
            Native.Check(Files.WriteAll(members, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{pid}\n"))), "joining the control group");
        }

        if (limits.Memory > 0)
        {
            // What a process can write to and is its own. Address space alone costs nothing, and runtimes reserve a lot of it.
            Set(pid, Data, limits.Memory);
        }

        if (limits.Processes > 0)
        {
            Set(pid, Processes, limits.Processes + OurThreads());
        }

        if (limits.Processors > 0)
        {
            KeepOn(pid, limits.Processors);
        }
    }

    /// <summary>Threads of this user that are there already: ours, unshare's and bubblewrap's. The kernel counts all of them together.</summary>
    private static int OurThreads()
    {
        const int others = 3;
        const string key = "Threads:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        return others + int.Parse(line[key.Length..], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
    }

    private static void Set(int pid, int resource, long limit)
    {
        var wanted = stackalloc ulong[2];
        (wanted[0], wanted[1]) = ((ulong)limit, (ulong)limit);
        Native.Check(prlimit(pid, resource, wanted, null), "prlimit");
    }

    /// <summary>The first ones of those that we may use ourselves.</summary>
    private static void KeepOn(int pid, int processors)
    {
        const int size = 1024;
        var set = stackalloc byte[size];
        Native.Check(sched_getaffinity(0, size, set), "sched_getaffinity");
        for (var bit = 0; bit < size * 8; bit++)
        {
            var isSet = (set[bit / 8] & (1 << (bit % 8))) is not 0;
            if (isSet && --processors < 0)
            {
                set[bit / 8] &= (byte)~(1 << (bit % 8));
            }
        }

        Native.Check(sched_setaffinity(pid, size, set), "sched_setaffinity");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prlimit(int pid, int resource, ulong* wanted, ulong* before);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_getaffinity(int pid, nuint size, byte* set);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int pid, nuint size, byte* set);
}
