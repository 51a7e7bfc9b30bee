using System.Buffers.Text;
using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>
/// Shows that a sandbox has no network before its command starts: bubblewrap waits while a thread of ours enters the sandbox's network
/// namespace and tries to get out. Nothing of ours stays there.
/// </summary>
internal sealed partial class NetworkProof : IDisposable
{
    private const int NewNetwork = 0x40000000;

    private (int Read, int Write) _info = Native.Pipe();
    private (int Read, int Write) _block = Native.Pipe();

    /// <summary>Where bubblewrap writes.</summary>
    internal int Info => _info.Write;

    /// <summary>Where bubblewrap waits.</summary>
    internal int Block => _block.Read;

    /// <summary>Runs the tries and returns what they showed. After a fault the caller has to kill bubblewrap before disposing.</summary>
    internal string Establish()
    {
        var process = Native.Check(pidfd_open(ReadPid(), 0), "pidfd_open");
        ReleaseException? reached = null;
        using var ways = new WaysOut(WaysOut.NameServers());

        // The thread never comes back from the namespace, so it ends there.
        var thread = new Thread(() => reached = Try(process, ways));
        thread.Start();
        thread.Join();
        Native.Close(process);
        if (reached is not null)
        {
            throw reached;
        }

        return $"no network: 'lo' is the only interface; {ways} were tried and lead nowhere";
    }

    /// <summary>Lets the command start.</summary>
    internal void Release() => Native.Check(Files.WriteAll(_block.Write, "\n"u8), "write");

    public void Dispose()
    {
        Native.Close(_info.Read);
        Native.Close(_info.Write);
        Native.Close(_block.Read);
        Native.Close(_block.Write);
    }

    /// <summary>Bubblewrap writes <c>{ "child-pid": N … }</c> and closes.</summary>
    private int ReadPid()
    {
        Native.Close(_info.Write);
        _info.Write = -1;
        Span<byte> text = stackalloc byte[512];
        var length = Math.Max(0, Files.ReadAll(_info.Read, text));
        var key = text[..length].IndexOf("\"child-pid\":"u8);
        return key >= 0 && Utf8Parser.TryParse(text[(key + 12)..length].TrimStart((byte)' '), out int pid, out _)
            ? pid
            : throw new ReleaseException(Fault.ContainerFailed, "bubblewrap ended before the sandbox was there.");
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
