using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Containers;

/// <summary>A pipe for what a command prints.</summary>
internal sealed partial class OutputPipe : IDisposable
{
    private readonly SafeFileHandle _write;

    internal OutputPipe(IdMap ids)
    {
        var (read, write) = Native.Pipe();
        Read = new SafeFileHandle(read, ownsHandle: true);
        _write = new SafeFileHandle(write, ownsHandle: true);
        if (ids.Self is null)
        {
            // Programs that open /dev/stderr by name need a pipe of their own root's.
            _ = fchown(write, ids.Users.Start, ids.Groups.Start);
        }
    }

    internal SafeFileHandle Read { get; }

    internal int WriteNumber => (int)_write.DangerousGetHandle();

    /// <summary>Lets the reader see the end.</summary>
    internal void CloseWrite() => _write.Dispose();

    public void Dispose()
    {
        _write.Dispose();
        Read.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int fchown(int descriptor, uint user, uint group);
}
