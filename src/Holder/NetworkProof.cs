using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>
/// Shows that a sandbox has no network before its command starts: a thread of ours enters the sandbox's network namespace and tries to
/// get out. Nothing of ours stays there.
/// </summary>
internal static partial class NetworkProof
{
    private const int NewNetwork = 0x40000000;

    /// <summary>Runs the tries and returns what they showed.</summary>
    /// <param name="pid">A process of the sandbox.</param>
    internal static string Establish(int pid)
    {
        var process = Native.Check(pidfd_open(pid, 0), "pidfd_open");
        ReleaseException? reached = null;
        using var ways = new WaysOut(WaysOut.NameServers());

        // The thread never comes back from the namespace, so it ends there.
        var thread = new Thread(() => reached = Try(process, ways));
        thread.Start();
        thread.Join();
        Native.Close(process);
        return reached is null ? $"no network: 'lo' is the only interface; {ways} were tried and lead nowhere" : throw reached;
    }

    private static ReleaseException? Try(int process, WaysOut ways)
    {
        if (setns(process, NewNetwork) < 0)
        {
            return new ReleaseException(Fault.ContainerFailed, $"the sandbox's network namespace could not be checked: {Native.Failure("setns").Message}.");
        }

        return ways.FindOpen() is { } open ? new ReleaseException(Fault.ContainerFailed, $"the sandbox should have no network, but it {open}.") : null;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int file, int type);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pidfd_open(int pid, uint flags);
}
