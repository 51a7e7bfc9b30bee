using System.Collections.Frozen;
using System.Collections.Immutable;

namespace DotnetRelease.Building;

/// <summary>Every file of a root file system that means something, with what would show that it was changed.</summary>
/// <param name="Files">By path: type, mode, owner, size and time; of a folder without the last two, which move with what is in it.</param>
internal sealed record FileTree(FrozenDictionary<string, string> Files)
{
    /// <summary>find(1), which lists a tree as <see cref="Parse"/> reads it.</summary>
    public const string Program = "/usr/bin/find";

    /// <summary>Kept by package managers, or for one moment.</summary>
    private static readonly ImmutableArray<string> Skipped =
    [
        "/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/cache", "/var/log", "/var/lib/rpm", "/usr/lib/sysimage", "/var/lib/dnf", "/var/lib/zypp",
        "/var/lib/dotnet-release",
    ];

    /// <summary>Written anew by whatever is installed, for everybody, or by podman and docker for each command.</summary>
    private static readonly FrozenSet<string> Shared = FrozenSet.Create(
        StringComparer.Ordinal, "/etc/ld.so.cache", "/usr/share/info/dir", "/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-", "/etc/shadow", "/etc/shadow-", "/etc/gshadow",
        "/etc/gshadow-", "/etc/subuid", "/etc/subuid-", "/etc/subgid", "/etc/subgid-", "/etc/.pwd.lock", "/etc/.updated", "/var/.updated",
        "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/mtab", "/.dockerenv");

    /// <summary>The command that lists the tree.</summary>
    public static ImmutableArray<string> Command { get; } =
    [
        Program, "/", "-xdev", "(", .. Skipped.SelectMany(path => (string[])["-path", path, "-o"]).SkipLast(1), ")", "-prune", "-o",
        "-type", "d", "-printf", "d %m %U:%G\\0%p\\0", "-o", "-printf", "%y %m %U:%G %s %T@\\0%p\\0",
    ];

    /// <summary>Reads what <see cref="Command"/> wrote.</summary>
    public static FileTree Parse(string text)
    {
        var parts = text.Split('\0');
        var files = new Dictionary<string, string>(parts.Length / 2, StringComparer.Ordinal);
        for (var at = 0; at + 1 < parts.Length; at += 2)
        {
            files[parts[at + 1]] = parts[at];
        }

        return new(files.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>What is different now, sorted by path.</summary>
    public TreeChange ChangeTo(FileTree now) => new(
        Sorted(now.Files.Keys.Where(path => !Files.ContainsKey(path))),
        Sorted(Files.Where(file => now.Files.TryGetValue(file.Key, out var attributes) && attributes != file.Value).Select(file => file.Key)),
        Sorted(Files.Keys.Where(path => !now.Files.ContainsKey(path))));

    private static ImmutableArray<string> Sorted(IEnumerable<string> paths) => [.. paths.Where(path => !Shared.Contains(path)).Order(StringComparer.Ordinal)];
}

/// <summary>The difference between two trees, as paths.</summary>
/// <param name="Added">Were not there.</param>
/// <param name="Changed">Are something else.</param>
/// <param name="Removed">Are gone.</param>
internal sealed record TreeChange(ImmutableArray<string> Added, ImmutableArray<string> Changed, ImmutableArray<string> Removed)
{
    /// <summary>Whether both trees are the same.</summary>
    public bool IsEmpty => Added.IsEmpty && Changed.IsEmpty && Removed.IsEmpty;
}
