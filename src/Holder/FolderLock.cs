using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>A lock of the kernel on a file; it ends with its process, however that ends.</summary>
internal sealed partial class FolderLock : IDisposable
{
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int NonBlocking = 4;

    private readonly int _file;

    private FolderLock(int file) => _file = file;

    internal static FolderLock Wait(string path) => Wait(path, Exclusive);

    /// <summary>Any number of processes can have it at once, but nobody <see cref="Try"/> gets it then.</summary>
    internal static FolderLock Share(string path) => Wait(path, Shared);

    private static FolderLock Wait(string path, int operation)
    {
        var file = Native.Check(Open(path), $"open of '{path}'");
        int result;
        while ((result = flock(file, operation)) < 0 && Marshal.GetLastPInvokeError() is Native.Interrupted)
        {
            // A signal is no answer.
        }

        Native.Check(result, $"lock of '{path}'");
        return new FolderLock(file);
    }

    /// <summary>Null: a living process has it, or its folder is gone.</summary>
    internal static FolderLock? Try(string path)
    {
        var file = Open(path);
        if (file < 0)
        {
            return null;
        }

        var taken = new FolderLock(file);
        if (flock(file, Exclusive | NonBlocking) >= 0 && taken.IsAt(path))
        {
            return taken;
        }

        taken.Dispose();
        return null;
    }

    public void Dispose() => Native.Close(_file);

    /// <summary>A lock on a file that somebody removed meanwhile protects nothing.</summary>
    private bool IsAt(string path) => Files.Look(_file, []) is { } ours && Files.Look(Files.CurrentFolder, Encoding.UTF8.GetBytes(path)) is { } there && ours.Inode == there.Inode;

    private static int Open(string path)
    {
        const int ownerOnly = 0x180;
        return Files.Open(Files.CurrentFolder, Encoding.UTF8.GetBytes(path), Files.OpenReadWrite | Files.OpenCreate | Files.OpenNoFollow, ownerOnly, default);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int file, int operation);
}
