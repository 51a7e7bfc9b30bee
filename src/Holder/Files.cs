using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>File system calls relative to an open folder. Names are bytes: an image may hold names that are no UTF-8.</summary>
internal static unsafe partial class Files
{
    internal const int CurrentFolder = -100;
    internal const int NoFollow = 0x100;
    internal const int EmptyPath = 0x1000;
    internal const int RemoveFolder = 0x200;

    internal const int OpenWrite = 1;
    internal const int OpenReadWrite = 2;
    internal const int OpenCreate = 0x40;
    internal const int OpenExclusive = 0x80;
    internal const int OpenTruncate = 0x200;
    internal const int OpenNonBlocking = 0x800;
    internal static readonly int OpenFolder = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 0x4000 : 0x10000;
    internal static readonly int OpenNoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 0x8000 : 0x20000;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int OpenPath = 0x200000;

    internal const int TypeMask = 0xf000;
    internal const int TypeRegular = 0x8000;
    internal const int TypeFolder = 0x4000;
    internal const int TypeLink = 0xa000;
    internal const int TypeCharacter = 0x2000;
    internal const int TypeFifo = 0x1000;

    private const int OpenAt2 = 437;
    private const int PathMax = 4096;

    /// <summary>openat2(2). Negative: see errno. Nothing is opened through <c>/proc</c>'s magic links, and nothing is inherited.</summary>
    internal static int Open(int folder, ReadOnlySpan<byte> path, int flags, int mode, Resolve resolve)
    {
        var how = new How
        {
            Flags = (ulong)(uint)(flags | OpenCloseOnExec),
            Mode = (flags & OpenCreate) is 0 ? 0 : (ulong)(uint)mode,
            Resolve = (ulong)(resolve | Resolve.NoMagicLinks),
        };
        fixed (byte* start = Terminated(path, stackalloc byte[path.Length + 1]))
        {
            nint result;
            do
            {
                // EAGAIN: a rename elsewhere made the walk unsure; the manual page says to try again.
                result = syscall(OpenAt2, folder, start, &how, (nuint)sizeof(How));
            }
            while (result < 0 && Marshal.GetLastPInvokeError() is Native.Interrupted or 11);

            return (int)result;
        }
    }

    internal static int MakeFolder(int folder, ReadOnlySpan<byte> name, int mode)
    {
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return mkdirat(folder, start, (uint)mode);
        }
    }

    internal static int MakeNode(int folder, ReadOnlySpan<byte> name, int typeAndMode)
    {
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return mknodat(folder, start, (uint)typeAndMode, 0);
        }
    }

    internal static int MakeLink(ReadOnlySpan<byte> target, int folder, ReadOnlySpan<byte> name)
    {
        fixed (byte* to = Terminated(target, stackalloc byte[target.Length + 1]))
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return symlinkat(to, folder, start);
        }
    }

    internal static int MakeHardLink(int fromFolder, ReadOnlySpan<byte> from, int folder, ReadOnlySpan<byte> name)
    {
        fixed (byte* old = Terminated(from, stackalloc byte[from.Length + 1]))
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return linkat(fromFolder, old, folder, start, 0);
        }
    }

    internal static int Unlink(int folder, ReadOnlySpan<byte> name, int flags)
    {
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return unlinkat(folder, start, flags);
        }
    }

    internal static int ChangeOwner(int folder, ReadOnlySpan<byte> name, int user, int group)
    {
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return fchownat(folder, start, (uint)user, (uint)group, NoFollow | (name.IsEmpty ? EmptyPath : 0));
        }
    }

    internal static int SetModified(int folder, ReadOnlySpan<byte> name, long seconds, long nanoseconds)
    {
        var times = stackalloc long[] { seconds, nanoseconds, seconds, nanoseconds };
        if (name.IsEmpty)
        {
            return futimens(folder, times);
        }

        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return utimensat(folder, start, times, NoFollow);
        }
    }

    internal static int ChangeMode(int descriptor, int mode) => fchmod(descriptor, (uint)mode);

    /// <summary>For a name that was just created and cannot be a link.</summary>
    internal static int ChangeMode(int folder, ReadOnlySpan<byte> name, int mode)
    {
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return fchmodat(folder, start, (uint)mode, 0);
        }
    }

    /// <summary>Moves a name within one file system.</summary>
    internal static int Move(int fromFolder, ReadOnlySpan<byte> from, int toFolder, ReadOnlySpan<byte> to)
    {
        fixed (byte* old = Terminated(from, stackalloc byte[from.Length + 1]))
        fixed (byte* start = Terminated(to, stackalloc byte[to.Length + 1]))
        {
            return renameat(fromFolder, old, toFolder, start);
        }
    }

    /// <summary>Where an open descriptor is now, as the kernel shows it.</summary>
    internal static string PathOf(int descriptor)
    {
        var buffer = stackalloc byte[PathMax];
        fixed (byte* link = Encoding.UTF8.GetBytes($"/proc/self/fd/{descriptor}\0"))
        {
            var length = Native.Check((int)readlinkat(CurrentFolder, link, buffer, PathMax), "readlink");
            return Encoding.UTF8.GetString(buffer, length);
        }
    }

    internal static int SetAttribute(int descriptor, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        fixed (byte* content = value)
        {
            return fsetxattr(descriptor, start, content, (nuint)value.Length, 0);
        }
    }

    internal static bool HasAttribute(int descriptor, ReadOnlySpan<byte> name)
    {
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return fgetxattr(descriptor, start, null, 0) >= 0;
        }
    }

    /// <summary>Writes everything. Negative: see errno.</summary>
    internal static int WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var written = 0; written < bytes.Length;)
            {
                var count = write(descriptor, start + written, (nuint)(bytes.Length - written));
                if (count < 0 && Marshal.GetLastPInvokeError() is not Native.Interrupted)
                {
                    return -1;
                }

                written += Math.Max(0, (int)count);
            }
        }

        return 0;
    }

    /// <summary>Gives a file a size; what is new is a hole.</summary>
    internal static int Resize(int descriptor, long size) => ftruncate(descriptor, size);

    /// <summary>Goes to a byte of a file.</summary>
    internal static int Seek(int descriptor, long offset) => lseek(descriptor, offset, 0) < 0 ? -1 : 0;

    /// <summary>Back to the first byte.</summary>
    internal static void Rewind(int descriptor) => _ = lseek(descriptor, 0, 0);

    /// <summary>Fills as much as the file has.</summary>
    internal static int ReadAll(int descriptor, Span<byte> bytes)
    {
        var total = 0;
        fixed (byte* start = bytes)
        {
            while (total < bytes.Length)
            {
                var count = read(descriptor, start + total, (nuint)(bytes.Length - total));
                if (count < 0 && Marshal.GetLastPInvokeError() is Native.Interrupted)
                {
                    continue;
                }

                if (count <= 0)
                {
                    return count < 0 ? -1 : total;
                }

                total += (int)count;
            }
        }

        return total;
    }

    /// <summary>Type, mode, owner and size without following a link; null when there is nothing.</summary>
    internal static Status? Look(int folder, ReadOnlySpan<byte> name)
    {
        const uint basic = 0x7ff;
        Statx status;
        fixed (byte* start = Terminated(name, stackalloc byte[name.Length + 1]))
        {
            return statx(folder, start, NoFollow | (name.IsEmpty ? EmptyPath : 0), basic, &status) < 0
                ? null
                : new Status(status.Mode, (int)status.User, (int)status.Group, (long)status.Size) { Inode = status.Inode };
        }
    }

    private static Span<byte> Terminated(ReadOnlySpan<byte> text, Span<byte> buffer)
    {
        text.CopyTo(buffer);
        buffer[text.Length] = 0;
        return buffer;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint folder, byte* path, How* how, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(int folder, byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mknodat(int folder, byte* path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int symlinkat(byte* target, int folder, byte* path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int linkat(int fromFolder, byte* from, int folder, byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlinkat(int folder, byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchownat(int folder, byte* path, uint user, uint group, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(int descriptor, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmodat(int folder, byte* path, uint mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat(int fromFolder, byte* from, int toFolder, byte* to);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readlinkat(int folder, byte* path, byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int futimens(int descriptor, long* times);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int utimensat(int folder, byte* path, long* times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsetxattr(int descriptor, byte* name, byte* value, nuint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(int descriptor, long offset, int origin);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int descriptor, long size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint fgetxattr(int descriptor, byte* name, byte* value, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, Statx* status);

    /// <summary><c>struct open_how</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct How
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary><c>struct statx</c>, as far as we read it.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;
    }
}

/// <summary>How openat2(2) treats links and <c>..</c> on its way.</summary>
[Flags]
internal enum Resolve : ulong
{
    NoMounts = 0x01,
    NoMagicLinks = 0x02,
    NoLinks = 0x04,
    Beneath = 0x08,
    InRoot = 0x10,
}

/// <summary>What a name stands for.</summary>
/// <param name="Mode">Type and permissions.</param>
/// <param name="User">Owner.</param>
/// <param name="Group">Owning group.</param>
/// <param name="Size">In bytes.</param>
internal sealed record Status(int Mode, int User, int Group, long Size)
{
    /// <summary>Which file of its file system it is.</summary>
    internal ulong Inode { get; init; }

    internal int Type => Mode & Files.TypeMask;

    internal int Permissions => Mode & 0xfff;
}
