using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>The surroundings of every process of the container: descriptors, /proc, limits.</summary>
internal static unsafe partial class Surroundings
{
    private const int NoSetUserId = 2;
    private const int NoDevices = 4;
    private const int NoPrograms = 8;
    private const int Core = 4;
    private const int Processes = 6;
    private const int OpenFiles = 7;

    internal static void Prepare()
    {
        // The tool may have been started with descriptors of its own caller; no sandbox gets one of them, nor our control socket.
        const int closeRange = 436;
        const int onExec = 4;
        Native.Check((int)syscall(closeRange, 3, uint.MaxValue, onExec), "close_range");
        // The old one shows the processes of the machine under numbers that mean others in here, and bubblewrap looks itself up.
        Mounts.Mount("proc", "/proc", "", NoSetUserId | NoDevices | NoPrograms);
        const uint othersMayRead = 0x12;
        _ = umask(othersMayRead);
        Lower(Core, 0, 0);

        // A build that forks for ever ends with "Resource temporarily unavailable" and not with a dead machine.
        Lower(Processes, 16 * 1024, 16 * 1024);

        // rpm and dnf close every number up to the limit before they start a program.
        Lower(OpenFiles, 4096, 64 * 1024);
    }

    /// <summary>Without the runtime's orderly end, which costs time and saves nothing here.</summary>
    internal static void Exit() => _exit(0);

    private static void Lower(int resource, ulong soft, ulong hard)
    {
        var now = stackalloc ulong[2];
        if (getrlimit(resource, now) is 0)
        {
            now[1] = Math.Min(now[1], hard);
            now[0] = Math.Min(soft, now[1]);
            _ = setrlimit(resource, now);
        }
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, ulong* limits);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, ulong* limits);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nuint first, nuint last, nint flags);

    [LibraryImport("libc")]
    private static partial void _exit(int code);

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);
}
