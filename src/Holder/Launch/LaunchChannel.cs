using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder.Launch;

/// <summary>
/// What a launcher says: that it has arrived in the sandbox, and perhaps later why it could not start the command. The kernel adds the
/// number that its process has out here. It closes with the start of the command.
/// </summary>
internal sealed unsafe partial class LaunchChannel : IDisposable
{
    private const int SocketLevel = 1;
    private const int ReportSize = 2 * sizeof(int);

    private readonly int _ours;

    internal LaunchChannel()
    {
        const int unix = 1;
        const int sequencedPackets = 5;
        const int closeOnExec = 0x80000;
        const int passCredentials = 16;
        var pair = stackalloc int[2];
        var yes = 1;
        Native.Check(socketpair(unix, sequencedPackets | closeOnExec, 0, pair), "socketpair");
        (_ours, Theirs) = (pair[0], pair[1]);
        Native.Check(setsockopt(_ours, SocketLevel, passCredentials, &yes, sizeof(int)), "setsockopt");
    }

    /// <summary>The launcher's end, which is its number in the sandbox too; negative after it was closed here.</summary>
    internal int Theirs { get; private set; }

    /// <summary>The next message; null when the launcher is gone.</summary>
    internal LaunchMessage? Receive()
    {
        const int closeOnExec = 0x40000000;
        const int controlSize = 256;
        var bytes = stackalloc byte[ReportSize];
        var control = stackalloc byte[controlSize];
        var vector = new Vector { Base = bytes, Length = ReportSize };
        var envelope = new Envelope { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = controlSize };
        nint count;
        do
        {
            count = recvmsg(_ours, &envelope, closeOnExec);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() is Native.Interrupted);

        if (count <= 0)
        {
            return null;
        }

        var (process, descriptor) = Beside(control, envelope.ControlLength);
        return count == ReportSize
            ? new LaunchMessage(process, descriptor)
            {
                Failed = ((LaunchStep)BinaryPrimitives.ReadInt32LittleEndian(new(bytes, sizeof(int))), -BinaryPrimitives.ReadInt32LittleEndian(new(bytes + sizeof(int), sizeof(int)))),
            }
            : new LaunchMessage(process, descriptor);
    }

    /// <summary>When every copy of the other end is gone, <see cref="Receive"/> comes back.</summary>
    internal void CloseTheirs()
    {
        Native.Close(Theirs);
        Theirs = -1;
    }

    public void Dispose()
    {
        CloseTheirs();
        Native.Close(_ours);
    }

    /// <summary>cmsg(3): length, level, type, content; each starts at a multiple of eight.</summary>
    private static (int Process, int Descriptor) Beside(byte* control, nuint length)
    {
        const int header = 16;
        const int rights = 1;
        const int credentials = 2;
        var (process, descriptor) = (0, -1);
        for (nuint at = 0; at + header + sizeof(int) <= length;)
        {
            var content = *(int*)(control + at + header);
            switch (*(int*)(control + at + 12))
            {
                case rights:
                    descriptor = content;
                    break;
                case credentials:
                    process = content;
                    break;
            }

            at += (*(nuint*)(control + at) + 7) & ~(nuint)7;
        }

        return (process, descriptor);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int socket, int level, int option, int* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(int socket, Envelope* envelope, int flags);
}

/// <summary>A message of a launcher.</summary>
/// <param name="Process">Its process, which becomes the command's.</param>
/// <param name="Descriptor">The controlling end of the command's terminal; negative: none.</param>
internal sealed record LaunchMessage(int Process, int Descriptor)
{
    /// <summary>What failed and errno's number; null while nothing has.</summary>
    internal (LaunchStep Step, int Error)? Failed { get; init; }

    /// <summary>The exit code that shells and podman give for such a failure.</summary>
    internal int ExitCode => Failed is (LaunchStep.Start, Errors.NoSuchFile) ? 127 : 126;

    /// <summary>The failure in words.</summary>
    internal string Explain(SandboxRequest request)
    {
        var (step, error) = Failed!.Value;
        var why = Marshal.GetPInvokeErrorMessage(error);
        var program = request.Command[0];
        return (step, error) switch
        {
            (LaunchStep.Start, Errors.NoSuchFile) when !program.Contains('/', StringComparison.Ordinal) =>
                $"'{program}' was not found in PATH ({Launcher.SearchPath(request.Environment)})",
            (LaunchStep.Start, Errors.NoSuchFile) => $"'{program}' was not found, or the interpreter that it names",
            (LaunchStep.Start, _) => $"'{program}' cannot be run: {why}",
            (LaunchStep.BecomeUser, _) => $"cannot run as user '{request.User}': {why}",
            (LaunchStep.EnterFolder, _) => $"cannot start in the folder '{request.WorkingDirectory}': {why}",
            (LaunchStep.GiveUpCapabilities, _) => $"cannot give up capabilities: {why}",
            _ => $"cannot make a terminal: {why}",
        };
    }
}
