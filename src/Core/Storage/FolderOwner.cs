using System.Runtime.InteropServices;

namespace DotnetRelease.Storage;

/// <summary>Asks whether a folder in a place that everybody may write to is really ours.</summary>
internal static unsafe partial class FolderOwner
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint Uid = 8;
    private const int UidOffset = 20;
    private const int StatxSize = 256;

    /// <summary>True only for what this user owns, links not followed; false where the system cannot say.</summary>
    internal static bool IsOurs(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        // statx has one layout on every machine, unlike stat.
        var answer = stackalloc byte[StatxSize];
        return statx(CurrentFolder, path, NoFollow, Uid, answer) is 0 && *(uint*)(answer + UidOffset) == geteuid();
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, byte* answer);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
