using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// What locks before lock-version 2 say about files, by normalised package name. Versions of one name share a list there, so that a
/// file goes to the version that stands in its name, and to all of them where none does.
/// </summary>
internal sealed class PoetryOldFiles
{
    private readonly Dictionary<string, ImmutableArray<LockedFile>> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<LockDigest>> _nameless = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _versions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string?>> _owners = new(StringComparer.Ordinal);

    private PoetryOldFiles()
    {
    }

    public static PoetryOldFiles Read(TomlTable metadata, ImmutableArray<TomlTable> packages)
    {
        var old = new PoetryOldFiles();
        foreach (var package in packages)
        {
            var name = PythonName.Normalize(LockedValues.Name(package));
            if (!old._versions.TryGetValue(name, out var versions))
            {
                old._versions.Add(name, versions = []);
            }

            versions.Add(LockedValues.Version(package.Value("version")));
            LockedPackageList.RefuseMany(name, versions.Count, package.Position);
        }

        ReadByName(metadata.OptionalTable("files"), old._files, PoetryLock.Files);
        ReadByName(metadata.OptionalTable("hashes"), old._nameless, Digests);
        return old;
    }

    public ImmutableArray<LockedFile> Files(string name, string version)
    {
        var files = _files.GetValueOrDefault(name, []);
        var versions = _versions[name];
        if (versions.Count is 1)
        {
            return files;
        }

        // Found out once for all versions: a file and the version in its name, or null.
        if (!_owners.TryGetValue(name, out var owners))
        {
            _owners.Add(name, owners = [.. files.Select(file => versions.Find(each => IsOf(file.Name, each)))]);
        }

        return [.. files.Where((_, i) => owners[i] is null || PythonVersion.Compare(owners[i]!, version) is 0)];
    }

    public ImmutableArray<LockDigest> Nameless(string name) => _nameless.GetValueOrDefault(name, []);

    private static void ReadByName<T>(TomlTable? table, Dictionary<string, ImmutableArray<T>> target, Func<TomlArray, ImmutableArray<T>> read)
    {
        foreach (var entry in table?.Entries ?? [])
        {
            if (!target.TryAdd(PythonName.Normalize(entry.Key), read(entry.Value.AsArray())))
            {
                throw entry.Value.Invalid("is listed twice under two spellings of its name.");
            }
        }
    }

    private static ImmutableArray<LockDigest> Digests(TomlArray array)
    {
        var digests = ImmutableArray.CreateBuilder<LockDigest>(array.Items.Count);
        foreach (var item in array.Items)
        {
            digests.Add(LockedValues.Digest(item));
        }

        return digests.MoveToImmutable();
    }

    /// <summary>
    /// Whether a file name has the version as one of its parts: the second of a wheel's (where <c>-</c> is written <c>_</c>), and what
    /// stands before the ending of a source archive.
    /// </summary>
    private static bool IsOf(string file, string version)
    {
        const string wheel = ".whl";
        if (file.EndsWith(wheel, StringComparison.Ordinal))
        {
            return file.Split('-') is [_, var part, ..] && PythonVersion.Compare(part, version) is 0;
        }

        var dash = file.LastIndexOf('-');
        var rest = file[(dash + 1)..];
        foreach (var ending in (ReadOnlySpan<string>)[".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz", ".exe", ".egg", ".msi"])
        {
            if (rest.EndsWith(ending, StringComparison.Ordinal))
            {
                return PythonVersion.Compare(rest[..^ending.Length], version) is 0;
            }
        }

        return false;
    }
}
