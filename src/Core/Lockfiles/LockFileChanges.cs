using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>What happened to the files of one package, each by name.</summary>
/// <param name="Added">Locked only afterwards.</param>
/// <param name="Removed">Locked only before.</param>
/// <param name="Rehashed">Locked before and after with different digests.</param>
public sealed record LockFileChanges(ImmutableArray<string> Added, ImmutableArray<string> Removed, ImmutableArray<RehashedFile> Rehashed)
{
    /// <summary>Whether the files are the same.</summary>
    public bool IsEmpty => Added is [] && Removed is [] && Rehashed is [];

    internal static LockFileChanges Between(LockSides package)
    {
        var old = new FileSet(package.Old);
        var now = new FileSet(package.New);
        var rehashed = ImmutableArray.CreateBuilder<RehashedFile>();
        foreach (var (name, files) in old.Files)
        {
            if (now.Files.TryGetValue(name, out var others) && Difference(files, others) is { } difference)
            {
                rehashed.Add(difference);
            }
        }

        return new(now.Except(old), old.Except(now), rehashed.DrainToImmutable());
    }

    /// <summary>The same name from two sources may have two digests; it is rehashed when the sets differ.</summary>
    private static RehashedFile? Difference(List<LockedFile> old, List<LockedFile> now)
    {
        var went = old.Find(file => !now.Exists(other => other.Digest == file.Digest));
        var came = now.Find(file => !old.Exists(other => other.Digest == file.Digest));
        return went is null && came is null ? null : new(old[0].Name, went ?? old[0], came ?? now[0]);
    }

    /// <summary>The files of all versions by name, and the digests that have no name.</summary>
    private sealed class FileSet
    {
        private readonly SortedSet<string> _nameless = new(StringComparer.Ordinal);
        private readonly HashSet<string> _digests = new(StringComparer.Ordinal);

        public FileSet(List<LockedPackage> packages)
        {
            foreach (var package in packages)
            {
                foreach (var file in package.Files)
                {
                    if (!Files.TryGetValue(file.Name, out var files))
                    {
                        Files.Add(file.Name, files = []);
                    }

                    files.Add(file);
                    _digests.Add(file.Digest.Hex);
                }

                foreach (var digest in package.NamelessDigests)
                {
                    _nameless.Add(digest.ToString());
                    _digests.Add(digest.Hex);
                }
            }
        }

        public SortedDictionary<string, List<LockedFile>> Files { get; } = new(StringComparer.Ordinal);

        /// <summary>What this set has and the other has not. Where one of them has no names, equal digests are the same file.</summary>
        public ImmutableArray<string> Except(FileSet other)
        {
            var names = ImmutableArray.CreateBuilder<string>();
            foreach (var (name, files) in Files)
            {
                if (!other.Files.ContainsKey(name) && !(other._nameless.Count > 0 && other._nameless.Contains(files[0].Digest.ToString())))
                {
                    names.Add(name);
                }
            }

            foreach (var digest in _nameless)
            {
                if (!other._digests.Contains(digest["sha256:".Length..]))
                {
                    names.Add(digest);
                }
            }

            return names.DrainToImmutable();
        }
    }
}

/// <summary>A file that kept its name and got another digest.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Old">As it was locked.</param>
/// <param name="New">As it is locked.</param>
public sealed record RehashedFile(string Name, LockedFile Old, LockedFile New);
