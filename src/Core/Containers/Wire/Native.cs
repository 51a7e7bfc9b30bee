using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DotnetRelease.Containers.Wire;

/// <summary>System calls that both the tool and the holder need. 64-bit Linux only: x86-64 and aarch64 share these layouts.</summary>
internal static unsafe partial class Native
{
    internal const int NoSuchFile = 2;
    internal const int Interrupted = 4;
    internal const int NoMemory = 12;
    internal const int Exists = 17;
    internal const int InvalidArgument = 22;
    internal const int NoSpace = 28;

    private const int CloseOnExec = 0x80000;

    /// <summary>Two connected stream sockets that no child program inherits by accident.</summary>
    internal static (int Ours, int Theirs) SocketPair()
    {
        const int unix = 1;
        const int stream = 1;
        var pair = stackalloc int[2];
        Check(socketpair(unix, stream | CloseOnExec, 0, pair), "socketpair");
        return (pair[0], pair[1]);
    }

    /// <summary>A pipe that no child program inherits by accident.</summary>
    internal static (int Read, int Write) Pipe()
    {
        var pair = stackalloc int[2];
        Check(pipe2(pair, CloseOnExec), "pipe2");
        return (pair[0], pair[1]);
    }

    /// <summary>A file without a name, for what a child prints, reads or runs.</summary>
    internal static int AnonymousFile(string name)
    {
        const uint closeOnExec = 1;
        const uint executable = 0x10;

        // Since Linux 6.3 a file that may be run has to be asked for; before, the word for it is refused.
        var file = memfd_create(name, closeOnExec | executable);
        return file >= 0 ? file : Check(memfd_create(name, closeOnExec), "memfd_create");
    }

    /// <summary>Closes; negative numbers mean "none".</summary>
    internal static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = close(descriptor);
        }
    }

    /// <summary>Waits for one child and returns its exit code; 128+N when signal N ended it.</summary>
    internal static int Wait(int pid)
    {
        int status;
        while (waitpid(pid, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() is not Interrupted)
            {
                throw Failure("waitpid");
            }
        }

        return ExitCodeOf(status);
    }

    /// <summary>Waits for any child; null when there is none.</summary>
    internal static int? WaitForAny()
    {
        int status;
        while (waitpid(-1, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() is not Interrupted)
            {
                return null;
            }
        }

        return ExitCodeOf(status);
    }

    /// <summary>Every process we may signal except ourselves; for process 1 of a namespace that is everything in it.</summary>
    internal static void KillEverything()
    {
        const int sigkill = 9;
        _ = kill(-1, sigkill);
    }

    /// <summary>A signal to one process; when it is gone already, nothing happens.</summary>
    internal static void SendSignal(int pid, int signal) => _ = kill(pid, signal);

    internal static int Check(int result, string call) => result >= 0 ? result : throw Failure(call);

    /// <summary>What errno says about a call that just failed.</summary>
    internal static Win32Exception Failure(string call)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new Win32Exception(errno, $"{call}: {Marshal.GetPInvokeErrorMessage(errno)}");
    }

    private static int ExitCodeOf(int status)
    {
        var signal = status & 0x7f;
        return signal is 0 ? (status >> 8) & 0xff : 128 + signal;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* pair, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
