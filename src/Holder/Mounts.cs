using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>Mounting inside our own mount namespace, which dies with us.</summary>
internal static unsafe partial class Mounts
{
    private const int MoveMount = 429;

    /// <summary>mount(2).</summary>
    internal static void Mount(string type, string target, string options, int flags = 0) =>
        Native.Check(mount(type, target, type, (nuint)flags, options), $"mount of {type} on '{target}'");

    /// <summary>Unmounts at once, or as soon as nobody uses it any more.</summary>
    internal static void Unmount(string target, bool lazily)
    {
        const int detach = 2;
        Native.Check(umount2(target, lazily ? detach : 0), $"umount of '{target}'");
    }

    /// <summary>Attaches a detached mount that somebody with more rights has made for us.</summary>
    internal static void Attach(int detached, string target)
    {
        const uint fromEmptyPath = 0x4;
        var result = syscall(MoveMount, detached, "", Files.CurrentFolder, target, fromEmptyPath);
        Native.Check((int)result, $"move_mount to '{target}'");
    }

    /// <summary>Writes everything of the folder's file system to disk: one call for the thousands of files of a layer.</summary>
    internal static void Sync(string folder) => Sync(folder, syncfs);

    /// <summary>Writes the names in a folder to disk.</summary>
    internal static void SyncNames(string folder) => Sync(folder, fsync);

    private static void Sync(string folder, Func<int, int> call)
    {
        var descriptor = Native.Check(Files.Open(Files.CurrentFolder, Encoding.UTF8.GetBytes(folder), Files.OpenFolder, 0, default), $"open of '{folder}'");
        var result = call(descriptor);
        Native.Close(descriptor);
        Native.Check(result, $"sync of '{folder}'");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, string options);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint syscall(nint number, nint fromFolder, string from, nint toFolder, string to, nuint flags);
}
