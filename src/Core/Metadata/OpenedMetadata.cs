using System.Collections.Immutable;

namespace DotnetRelease.Metadata;

/// <summary>The three files that describe packages, opened.</summary>
/// <param name="Name">Of the repository's repomd.xml, for messages.</param>
/// <param name="Primary">primary.xml.</param>
/// <param name="Filelists">filelists.xml.</param>
/// <param name="Other">other.xml.</param>
internal sealed record OpenedMetadata(string Name, UnpackedMetadata Primary, UnpackedMetadata Filelists, UnpackedMetadata Other)
{
    /// <summary>
    /// Every package that clients see, ordered by location. Metadata of exactly our own form is read by its form; the key that signed it
    /// vouches for the rest. Use <see cref="ReadXml"/> where nobody does.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/>.</exception>
    internal ImmutableArray<IndexedPackage> Read() => ExactReader.TryRead(Primary, Filelists, Other) ?? ReadXml();

    /// <summary>The same after all of it was checked as XML.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/>.</exception>
    internal ImmutableArray<IndexedPackage> ReadXml()
    {
        var primary = FragmentReader.Read(MetadataPart.Primary, Primary.Plain, $"primary of {Name}");
        var filelists = ByDigest(FragmentReader.Read(MetadataPart.Filelists, Filelists.Plain, $"filelists of {Name}"));
        var other = ByDigest(FragmentReader.Read(MetadataPart.Other, Other.Plain, $"other of {Name}"));
        var packages = primary.Select(fragment => Join(fragment, filelists, other)).OrderBy(package => package.File.Location, StringComparer.Ordinal).ToImmutableArray();
        return packages.DistinctBy(package => package.File.Location, StringComparer.Ordinal).Count() == packages.Length
            && filelists.Count == packages.Length && other.Count == packages.Length
                ? packages
                : throw RepomdReader.Malformed(Name, "its three descriptions of packages name different packages, or two packages lie at one place");
    }

    private Dictionary<Digest, PackageFragment> ByDigest(ImmutableArray<PackageFragment> fragments)
    {
        var byDigest = new Dictionary<Digest, PackageFragment>(fragments.Length);
        return fragments.All(fragment => byDigest.TryAdd(fragment.Digest, fragment))
            ? byDigest
            : throw RepomdReader.Malformed(Name, "a package is described twice");
    }

    private IndexedPackage Join(PackageFragment fragment, Dictionary<Digest, PackageFragment> filelists, Dictionary<Digest, PackageFragment> other)
    {
        if (fragment is not { Nevra: { } nevra, Location: { } location } || !RepositoryPath.IsSafe(location))
        {
            throw RepomdReader.Malformed(Name, $"package {fragment.Digest.Hex} has no complete name, or its location is not a plain path inside the repository");
        }

        return filelists.TryGetValue(fragment.Digest, out var files) && other.TryGetValue(fragment.Digest, out var changes)
            ? new IndexedPackage(nevra, new RepositoryFile(location, fragment.Size, fragment.Digest), fragment.BuildTime)
            {
                Primary = fragment.Bytes,
                Filelists = files.Bytes,
                Other = changes.Bytes,
            }
            : throw RepomdReader.Malformed(Name, $"{nevra} is in primary, but not in filelists or other");
    }
}
