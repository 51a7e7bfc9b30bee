using System.Collections.Immutable;
using DotnetRelease.Storage;

namespace DotnetRelease.Building;

/// <summary>
/// Packages that package managers downloaded while roots were prepared, for the next root: one shelf for each distro and version, shared by
/// all of its targets. No container ever writes here. A container gets what it may use read-only; what it downloaded is taken out of it from
/// outside, and only when it is a whole RPM. Whoever uses a package proves it first: a package manager by the metadata of its repositories,
/// a locked root by the digest in <c>release.lock</c>. So it does not matter who filled it.
/// </summary>
/// <param name="folder">Its own folder; made when something is kept.</param>
public sealed class PackageCache(string folder)
{
    /// <summary>The cache of a user.</summary>
    public static PackageCache Open(Places places)
    {
        ArgumentNullException.ThrowIfNull(places);
        return new(Path.Combine(places.Cache, "packages"));
    }

    /// <summary>The packages of a distro.</summary>
    /// <param name="distro">Name and version, one path segment.</param>
    internal PackageShelf For(string distro) => new(Path.Combine(folder, distro), Path.Combine(folder, ".new"));

    /// <summary>A file to lock while a root is made.</summary>
    internal string LockOf(string name) => Path.Combine(folder, ".locks", name);

    /// <summary>What nobody used since a moment and nobody wants to keep.</summary>
    /// <param name="before">Used before this moment is expired.</param>
    /// <param name="isWanted">Asked with the name of each file.</param>
    public ImmutableArray<CachedPackage> FindExpired(DateTimeOffset before, Predicate<string> isWanted) => Directory.Exists(folder)
        ?
        [
            .. from shelf in new DirectoryInfo(folder).EnumerateDirectories().OrderBy(shelf => shelf.Name, StringComparer.Ordinal)
               where shelf.Name[0] is not '.' || shelf.Name is ".new"
               from file in shelf.EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal)
               where new DateTimeOffset(file.LastWriteTimeUtc) < before && !isWanted(file.Name)
               select new CachedPackage(shelf.Name, file.FullName, file.Length),
        ]
        : [];
}

/// <summary>A package file in the cache.</summary>
/// <param name="Distro">Name and version.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Size">Bytes.</param>
public sealed record CachedPackage(string Distro, string Path, long Size);
