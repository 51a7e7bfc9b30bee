using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>Lists and removes folders without following a link, whatever bytes their names have.</summary>
internal static unsafe partial class Trees
{
    private const int DeepestWalk = 100;

    /// <summary>Neither through a link nor into a mount: behind a forgotten mount may lie the user's own files.</summary>
    private const Resolve OwnFiles = Resolve.NoLinks | Resolve.NoMounts;

    /// <summary>Removes a file or a whole folder; what cannot be removed stays for the next try.</summary>
    internal static void Remove(string path)
    {
        var parent = Files.Open(Files.CurrentFolder, Encoding.UTF8.GetBytes(Path.GetDirectoryName(path)!), Files.OpenFolder, 0, default);
        var name = Encoding.UTF8.GetBytes(Path.GetFileName(path));
        var top = Files.Open(parent, name, Files.OpenFolder | Files.OpenNoFollow, 0, OwnFiles);
        while (Remove(top, (parent, name), 0))
        {
            // Folders that were too deep are in the top one now.
        }

        Native.Close(top);
        Native.Close(parent);
    }

    /// <summary>Names in an open folder, without <c>.</c> and <c>..</c>.</summary>
    internal static List<byte[]> List(int folder)
    {
        // struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name up to NUL.
        const int nameAt = 19;
        const int lengthAt = 16;
        var names = new List<byte[]>();
        var buffer = new byte[32 * 1024];
        fixed (byte* start = buffer)
        {
            for (nint count; (count = getdents64(folder, start, (nuint)buffer.Length)) > 0;)
            {
                for (var at = 0; at < count; at += *(ushort*)(start + at + lengthAt))
                {
                    var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(start + at + nameAt);
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    {
                        names.Add(name.ToArray());
                    }
                }
            }
        }

        return names;
    }

    /// <returns>Whether something was lifted into <paramref name="top"/> and another round is needed.</returns>
    private static bool Remove(int top, (int Folder, byte[] Name) at, int depth)
    {
        if (Files.Unlink(at.Folder, at.Name, 0) >= 0)
        {
            return false;
        }

        if (depth > DeepestWalk)
        {
            // A build may nest folders without end; our descriptors and our stack do end.
            return Files.Move(at.Folder, at.Name, top, Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("n"))) >= 0;
        }

        var folder = Files.Open(at.Folder, at.Name, Files.OpenFolder | Files.OpenNoFollow, 0, OwnFiles);
        if (folder < 0)
        {
            return false;
        }

        var lifted = false;
        foreach (var child in List(folder))
        {
            lifted |= Remove(top, (folder, child), depth + 1);
        }

        Native.Close(folder);
        _ = Files.Unlink(at.Folder, at.Name, Files.RemoveFolder);
        return lifted;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint getdents64(int folder, byte* buffer, nuint size);
}
