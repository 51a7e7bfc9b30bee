using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>One file, folder or link of a package.</summary>
/// <param name="Directory">With its closing slash; empty in a source package.</param>
/// <param name="Name">The last segment.</param>
/// <param name="Mode">Type and permissions as <c>st_mode</c> has them.</param>
/// <param name="Flags">rpm's file flags; see <see cref="IsGhost"/> and <see cref="IsConfig"/>.</param>
/// <param name="Size">Bytes; 0 when the package does not say.</param>
public readonly record struct RpmFileEntry(string Directory, string Name, ushort Mode, uint Flags, ulong Size)
{
    private const int TypeMask = 0xF000;
    private const uint Config = 1;
    private const uint Ghost = 1 << 6;

    /// <summary>Digest in hex; empty for what is no regular file.</summary>
    public required string Digest { get; init; }

    /// <summary>Owner; empty when the package does not say.</summary>
    public required string User { get; init; }

    /// <summary>Group; empty when the package does not say.</summary>
    public required string Group { get; init; }

    /// <summary>Where a symbolic link points; else empty.</summary>
    public required string LinkTarget { get; init; }

    /// <summary>Capabilities that a program has for whoever starts it, <c>cap_net_raw=ep</c>; nearly always empty.</summary>
    public required string Capabilities { get; init; }

    /// <summary>Modification time in seconds since 1970.</summary>
    public required uint Modified { get; init; }

    /// <summary>The whole path.</summary>
    public string Path => Directory + Name;

    /// <summary>A file with content of its own.</summary>
    public bool IsRegular => (Mode & TypeMask) is 0x8000;

    /// <summary>A folder.</summary>
    public bool IsDirectory => (Mode & TypeMask) is 0x4000;

    /// <summary>A symbolic link.</summary>
    public bool IsSymbolicLink => (Mode & TypeMask) is 0xA000;

    /// <summary>Owned by the package but not in its payload.</summary>
    public bool IsGhost => (Flags & Ghost) is not 0;

    /// <summary>A configuration file.</summary>
    public bool IsConfig => (Flags & Config) is not 0;

    internal static ImmutableArray<RpmFileEntry> ReadAll(RpmPackage package)
    {
        var header = package.Header;
        var names = PathsOf(package);
        var lists = new FileLists(package, names.Length);
        var files = ImmutableArray.CreateBuilder<RpmFileEntry>(names.Length);
        for (var index = 0; index < names.Length; index++)
        {
            files.Add(lists.Entry(names[index].Directory, names[index].Name, index));
        }

        return files.MoveToImmutable();
    }

    /// <summary>Packages since rpm 4 split the paths over three tags; older ones have them whole.</summary>
    private static ImmutableArray<(string Directory, string Name)> PathsOf(RpmPackage package)
    {
        var header = package.Header;
        if (header.Has(RpmTag.OldFileNames))
        {
            return [.. header.Texts(RpmTag.OldFileNames).Select(path => (path[..(path.LastIndexOf('/') + 1)], path[(path.LastIndexOf('/') + 1)..]))];
        }

        var (names, directories, indexes) = (header.Texts(RpmTag.BaseNames), header.Texts(RpmTag.DirNames), header.Numbers(RpmTag.DirIndexes));
        return names.Length == indexes.Length && indexes.All(index => index < (ulong)directories.Length)
            ? [.. names.Zip(indexes, (name, index) => (directories[(int)index], name))]
            : throw Malformed.Rpm(package.Path, "its file names and folders do not fit together");
    }

    /// <summary>The parallel lists behind the files; each is as long as the list of names, or missing.</summary>
    private sealed class FileLists(RpmPackage package, int count)
    {
        private readonly ImmutableArray<ulong> _modes = Checked(package, package.Header.Numbers(RpmTag.FileModes), count, "modes");
        private readonly ImmutableArray<ulong> _flags = Checked(package, package.Header.Numbers(RpmTag.FileFlags), count, "flags");
        private readonly ImmutableArray<ulong> _modified = Checked(package, package.Header.Numbers(RpmTag.FileMtimes), count, "times");
        private readonly ImmutableArray<string> _digests = Checked(package, package.Header.Texts(RpmTag.FileDigests), count, "digests");
        private readonly ImmutableArray<string> _users = Checked(package, package.Header.Texts(RpmTag.FileUserName), count, "owners");
        private readonly ImmutableArray<string> _groups = Checked(package, package.Header.Texts(RpmTag.FileGroupName), count, "groups");
        private readonly ImmutableArray<string> _links = Checked(package, package.Header.Texts(RpmTag.FileLinkTos), count, "links");
        private readonly ImmutableArray<string> _capabilities = Checked(package, package.Header.Texts(RpmTag.FileCaps), count, "capabilities");
        private readonly ImmutableArray<ulong> _sizes = Checked(
            package, package.Header.Numbers(package.Header.Has(RpmTag.LongFileSizes) ? RpmTag.LongFileSizes : RpmTag.FileSizes), count, "sizes");

        internal RpmFileEntry Entry(string directory, string name, int index) =>
            new(directory, name, (ushort)At(_modes, index), (uint)At(_flags, index), At(_sizes, index))
            {
                Digest = At(_digests, index) ?? "",
                User = At(_users, index) ?? "",
                Group = At(_groups, index) ?? "",
                LinkTarget = At(_links, index) ?? "",
                Capabilities = At(_capabilities, index) ?? "",
                Modified = (uint)At(_modified, index),
            };

        private static T? At<T>(ImmutableArray<T> list, int index) => list.IsEmpty ? default : list[index];

        private static ImmutableArray<T> Checked<T>(RpmPackage package, ImmutableArray<T> list, int count, string what) =>
            list.IsEmpty || list.Length == count
                ? list
                : throw Malformed.Rpm(package.Path, $"it has {count} file names but {list.Length} {what}");
    }
}
