using System.Runtime.InteropServices;

namespace DotnetRelease.Storage;

/// <summary>Calls that give names without taking one away.</summary>
internal static partial class Libc
{
    private const int RenameNoReplace = 1;
    private const int FileExists = 17;

    /// <summary>EWOULDBLOCK: somebody else holds it.</summary>
    internal const int WouldBlock = 11;

    /// <summary>Renames only when the new name is free; says whether it was.</summary>
    /// <exception cref="IOException">The rename failed for another reason.</exception>
    internal static bool RenameIfFree(string from, string to)
    {
        if (renameat2(AtCurrentFolder, from, AtCurrentFolder, to, RenameNoReplace) is 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() is FileExists ? false : throw Failure("rename", $"{from}' to '{to}");
    }

    /// <summary>Gives a file a second name on the same file system; says whether that worked.</summary>
    internal static bool TryLink(string existing, string name) => link(existing, name) is 0;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string name);
}
