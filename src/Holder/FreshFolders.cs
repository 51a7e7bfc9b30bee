using System.Globalization;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>
/// Folders that are empty when a command starts and gone when it has ended. They lie in memory, in one file system: each of bubblewrap's own
/// may take half of the machine, and a few of them all of it.
/// </summary>
/// <param name="place">Where it is mounted, out of sight of the command.</param>
internal sealed class FreshFolders(string place)
{
    private const int NoSetUserId = 2;
    private const int NoDevices = 4;
    private const int ForRoot = 0x1ed;

    /// <summary>Without 1777 the helpers of apt and dnf, which run as another user, fail.</summary>
    private const int ForEverybody = 0x3ff;

    /// <summary>Mounts it and makes the folders.</summary>
    /// <param name="names">Where they are in the container.</param>
    /// <param name="memory">Bytes that a command may have, and these folders together; 0: half of the machine's.</param>
    internal List<BindMount> Make(List<string> names, long memory)
    {
        Mounts.Mount("tmpfs", place, memory > 0 ? Bounded(memory) : "mode=0755", NoSetUserId | NoDevices);
        var root = Native.Check(Files.Open(Files.CurrentFolder, Encoding.UTF8.GetBytes(place), Files.OpenPath | Files.OpenFolder, 0, default), $"open of '{place}'");
        var binds = new List<BindMount>(names.Count);
        foreach (var name in names)
        {
            var own = name[1..].Replace('/', '-');
            var bytes = Encoding.UTF8.GetBytes(own);
            Native.Check(Files.MakeFolder(root, bytes, ForRoot), $"mkdir of '{own}'");
            if (name is not "/run")
            {
                Native.Check(Files.ChangeMode(root, bytes, ForEverybody), $"chmod of '{own}'");
            }

            binds.Add(new($"{place}/{own}", name, ReadOnly: false));
        }

        Native.Close(root);
        return binds;
    }

    /// <summary>Empty files are not free either: each takes about a KiB of the kernel.</summary>
    private static string Bounded(long memory)
    {
        const int bytesForEach = 4096;
        return string.Create(CultureInfo.InvariantCulture, $"mode=0755,size={memory},nr_inodes={memory / bytesForEach}");
    }
}
