using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Storage;

/// <summary>The few system calls whose result .NET hides from us.</summary>
internal static partial class Libc
{
    internal const int RenameExchange = 2;
    internal const int AtCurrentFolder = -100;
    private const int ReadOnly = 0;
    private const int Directory = 0x10000;
    private const int CloseOnExec = 0x80000;

    /// <summary>Syncs a file or folder to disk. <c>FileStream.Flush(true)</c> ignores an EIO of fsync, and nothing in .NET syncs a folder.</summary>
    /// <exception cref="IOException">The disk said no.</exception>
    internal static void Sync(string path, bool folder)
    {
        var descriptor = open(path, ReadOnly | CloseOnExec | (folder ? Directory : 0));
        if (descriptor < 0)
        {
            throw Failure("open", path);
        }

        try
        {
            if (fsync(descriptor) < 0)
            {
                throw Failure("fsync", path);
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>The first bytes of a file, whoever has locked it; none when they cannot be read.</summary>
    internal static byte[] TryReadStart(string path, int count)
    {
        using var file = new SafeFileHandle(open(path, ReadOnly | CloseOnExec), ownsHandle: true);
        try
        {
            var bytes = new byte[count];
            return file.IsInvalid ? [] : bytes[..RandomAccess.Read(file, bytes, 0)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Renames within one file system; unlike <c>File.Move</c> it never turns into a copy.</summary>
    /// <exception cref="IOException">Among others when the two are on different file systems.</exception>
    internal static void Rename(string from, string to)
    {
        if (rename(from, to) < 0)
        {
            throw Failure("rename", $"{from}' to '{to}");
        }
    }

    /// <summary>Swaps two names in one step, so that a reader finds either the old or the new, never nothing.</summary>
    internal static void Exchange(string one, string other)
    {
        if (renameat2(AtCurrentFolder, one, AtCurrentFolder, other, RenameExchange) < 0)
        {
            throw Failure("exchange", $"{one}' and '{other}");
        }
    }

    /// <summary>What the kernel knows of a file, links followed; null when it cannot be asked, for whatever reason.</summary>
    internal static FileStatus? Status(string path)
    {
        const uint basicStats = 0x7ff;
        return statx(AtCurrentFolder, path, 0, basicStats, out var status) is 0 ? status : null;
    }

    /// <summary>Id of the user that this process acts as.</summary>
    internal static uint Self => geteuid();

    /// <summary>Id of the user that an open file belongs to; null where the system cannot say.</summary>
    internal static uint? OwnerOf(SafeFileHandle file) =>
        OperatingSystem.IsLinux() && Status($"/proc/self/fd/{file.DangerousGetHandle()}") is { } status ? status.User : null;

    /// <summary>A path without links; as it is when nothing is there.</summary>
    public static string RealPath(string path)
    {
        var found = realpath(path, 0);
        if (found is 0)
        {
            return path;
        }

        var real = Marshal.PtrToStringUTF8(found)!;
        Marshal.FreeHGlobal(found);
        return real;
    }

    private static IOException Failure(string call, string path) =>
        new($"{call} of '{path}' failed: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint realpath(string path, nint buffer);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, out FileStatus status);
}
