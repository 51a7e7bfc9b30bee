using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>
/// The folder of one container while it lives: what it writes, what it is unpacking, its mount point. It is removed at the end, and by
/// the next session when this one was killed.
/// </summary>
internal sealed class Session : IDisposable
{
    private const string LockName = "lock";
    private const int OwnerOnly = 0x1c0;

    private readonly FolderLock _lock;

    private Session(string path, FolderLock alive) => (Path, _lock) = (path, alive);

    internal string Path { get; }

    internal static Session Start(string store)
    {
        var sessions = System.IO.Path.Combine(store, "sessions");
        for (var number = 1; ; number++)
        {
            // Whoever has both the folder and its lock is its owner. Until it has the lock a sweeper may take the folder away again.
            var path = System.IO.Path.Combine(sessions, $"{number}");
            if (Files.MakeFolder(Files.CurrentFolder, Encoding.UTF8.GetBytes(path), OwnerOnly) >= 0)
            {
                if (FolderLock.Try(System.IO.Path.Combine(path, LockName)) is { } alive)
                {
                    return new Session(path, alive);
                }
            }
            else if (Marshal.GetLastPInvokeError() is not Native.Exists)
            {
                throw Native.Failure($"mkdir of '{path}'");
            }
        }
    }

    /// <summary>A new folder below ours.</summary>
    internal string Folder(string name)
    {
        var folder = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Removes what dead sessions left. A session that is just being born has its lock file last, so young ones without are left alone.</summary>
    internal void RemoveDead()
    {
        var sessions = System.IO.Path.GetDirectoryName(Path)!;
        foreach (var name in NamesIn(sessions))
        {
            var path = System.IO.Path.Combine(sessions, name);
            var file = System.IO.Path.Combine(path, LockName);
            if (string.Equals(path, Path, StringComparison.Ordinal))
            {
                continue;
            }

            if (!File.Exists(file) && DateTime.UtcNow - Directory.GetCreationTimeUtc(path) < TimeSpan.FromMinutes(1))
            {
                continue;
            }

            using var dead = FolderLock.Try(file);
            if (dead is not null)
            {
                Remove(path);
            }
        }
    }

    public void Dispose()
    {
        Remove(Path);
        _lock.Dispose();
    }

    /// <summary>
    /// The lock goes last and only from an empty folder: when the tool was killed a layer may still be on its way in, and what is left of
    /// it has to be recognised as a dead session's.
    /// </summary>
    private static void Remove(string path)
    {
        foreach (var name in NamesIn(path))
        {
            if (!string.Equals(name, LockName, StringComparison.Ordinal))
            {
                Trees.Remove(System.IO.Path.Combine(path, name));
            }
        }

        if (NamesIn(path).Count <= 1)
        {
            Trees.Remove(path);
        }
    }

    /// <summary>Every name in these folders is one of ours. Read by the system call, because the library's way takes a container's end twice as long.</summary>
    private static List<string> NamesIn(string path)
    {
        var folder = Files.Open(Files.CurrentFolder, Encoding.UTF8.GetBytes(path), Files.OpenFolder, 0, default);
        var names = new List<string>();
        foreach (var name in Trees.List(folder))
        {
            names.Add(Encoding.UTF8.GetString(name));
        }

        Native.Close(folder);
        return names;
    }
}
