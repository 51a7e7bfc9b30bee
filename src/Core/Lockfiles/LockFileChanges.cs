using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>What happened to the files of one package, each by name and in the order of names.</summary>
/// <param name="Added">Locked only afterwards.</param>
/// <param name="Removed">Locked only before.</param>
/// <param name="Rehashed">Locked before and after with different digests.</param>
public sealed record LockFileChanges(ImmutableArray<string> Added, ImmutableArray<string> Removed, ImmutableArray<RehashedFile> Rehashed)
{
    /// <summary>Whether the files are the same.</summary>
    public bool IsEmpty => Added is [] && Removed is [] && Rehashed is [];

    internal static LockFileChanges Between(LockSides package)
    {
        var old = new LockedFileSet(package.Old);
        var now = new LockedFileSet(package.New);
        var rehashed = ImmutableArray.CreateBuilder<RehashedFile>();
        foreach (var name in old.Names)
        {
            if (now.Find(name) is { } others && Difference(old.Find(name)!, others) is { } difference)
            {
                rehashed.Add(difference);
            }
        }

        return new(now.Except(old), old.Except(now), rehashed.DrainToImmutable());
    }

    /// <summary>The same name from two sources may have two digests; it is rehashed when the sets differ.</summary>
    private static RehashedFile? Difference(List<LockedFile> old, List<LockedFile> now)
    {
        var went = FirstWithout(old, now);
        var came = FirstWithout(now, old);
        return went is null && came is null ? null : new(old[0].Name, went ?? old[0], came ?? now[0]);
    }

    private static LockedFile? FirstWithout(List<LockedFile> files, List<LockedFile> others)
    {
        foreach (var file in files)
        {
            // Digests of different kinds cannot be compared; a weaker kind is an alarm of its own.
            if (!others.Exists(other => other.Digest == file.Digest) && others.Exists(other => other.Digest.Kind == file.Digest.Kind))
            {
                return file;
            }
        }

        return null;
    }
}

/// <summary>A file that kept its name and got another digest.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Old">As it was locked.</param>
/// <param name="New">As it is locked.</param>
public sealed record RehashedFile(string Name, LockedFile Old, LockedFile New);
