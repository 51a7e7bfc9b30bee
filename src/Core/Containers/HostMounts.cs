using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Containers;

/// <summary>
/// When we are root, the container's ids cannot look into <c>/root</c> or anybody's private home, where the runtime, this program and
/// its data often are. With our rights we show the needed folders under a public path that only the container's mount namespace has.
/// </summary>
internal static unsafe partial class HostMounts
{
    /// <summary>Exists everywhere; what the machine has there is hidden in the new namespace only.</summary>
    internal const string Public = "/tmp";

    private const int OpenTree = 428;
    private const int MoveMount = 429;
    private const int SetAttributes = 442;
    private const int CurrentFolder = -100;

    /// <summary>
    /// Runs <paramref name="action"/> on a thread with a mount namespace of its own, in which each folder is seen as
    /// <see cref="Public"/>/NAME and each file has a copy that everybody may read, whatever our umask was when it was installed.
    /// Programs started there inherit it; it ends with the last of them.
    /// </summary>
    internal static int With(PublicFolder[] folders, string[] files, Func<int> action)
    {
        var result = 0;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(folders, files);
                result = action();
            }
            catch (Exception ex)
            {
                failure = ex;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw failure;
    }

    /// <summary>A mount of a folder or file that is nowhere attached, for sending to the holder.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="ids">The container's user namespace: files of id 0 here are files of id 0 there. Negative: as they are.</param>
    internal static int Detach(string path, int ids)
    {
        const int clone = 1;
        const int closeOnExec = 0x80000;
        const int recursive = 0x8000;
        var tree = Native.Check((int)open_tree(OpenTree, CurrentFolder, path, clone | closeOnExec | recursive), $"open_tree of '{path}'");
        if (ids >= 0)
        {
            const ulong mapped = 0x00100000;
            var attributes = new Attributes { Set = mapped, UserNamespace = (ulong)(uint)ids };

            // A file system that cannot do it is shown as it is: readable where others may read.
            _ = mount_setattr(SetAttributes, tree, "", 0x1000 | recursive, &attributes, (nuint)sizeof(Attributes));
        }

        return tree;
    }

    private static void Enter(PublicFolder[] folders, string[] files)
    {
        const int newMounts = 0x20000;
        const int recursive = 0x4000;
        const int slave = 0x80000;
        const int noSetUserId = 2;
        const int noDevices = 4;
        Native.Check(unshare(newMounts), "unshare of the mount namespace");
        Native.Check(mount(null, "/", null, recursive | slave, null), "mount --make-rslave /");

        // Opened before the public path hides what may lie below it.
        var detached = new int[folders.Length];
        for (var i = 0; i < folders.Length; i++)
        {
            detached[i] = Detach(folders[i].Folder, -1);
        }

        var contents = new byte[files.Length][];
        for (var i = 0; i < files.Length; i++)
        {
            contents[i] = File.ReadAllBytes(files[i]);
        }

        Native.Check(mount("tmpfs", Public, "tmpfs", noSetUserId | noDevices, "mode=0755,size=8m"), $"mount of tmpfs on '{Public}'");
        for (var i = 0; i < folders.Length; i++)
        {
            var target = $"{Public}/{folders[i].Name}";
            Directory.CreateDirectory(target);
            Native.Check((int)move_mount(MoveMount, detached[i], "", CurrentFolder, target, 4), $"move_mount to '{target}'");
            Native.Close(detached[i]);
        }

        for (var i = 0; i < files.Length; i++)
        {
            var copy = $"{Public}/{Path.GetFileName(files[i])}";
            File.WriteAllBytes(copy, contents[i]);
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string? source, string target, string? type, nuint flags, string? options);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint open_tree(nint number, nint folder, string path, nuint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint move_mount(nint number, nint fromFolder, string from, nint toFolder, string to, nuint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint mount_setattr(nint number, nint folder, string path, nuint flags, Attributes* attributes, nuint size);

    /// <summary><c>struct mount_attr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }
}

/// <summary>A folder that the container's ids get to see.</summary>
/// <param name="Name">Its name below <see cref="HostMounts.Public"/>.</param>
/// <param name="Folder">Where it is.</param>
internal sealed record PublicFolder(string Name, string Folder);
