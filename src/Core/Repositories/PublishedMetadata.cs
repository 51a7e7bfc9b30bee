using System.Collections.Immutable;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>What a repository says about itself right now. Digests were compared; the signature was not.</summary>
/// <param name="Bytes">repomd.xml, exactly.</param>
/// <param name="Repomd">The same as a value.</param>
/// <param name="Packages">Every package that clients see, ordered by location.</param>
internal sealed record PublishedMetadata(byte[] Bytes, Repomd Repomd, ImmutableArray<IndexedPackage> Packages)
{
    /// <summary>Reads a repository; null when it has no repomd.xml.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/> or <see cref="Fault.RepositoryUnverified"/>.</exception>
    internal static async Task<PublishedMetadata?> ReadAsync(IRepositoryReader reader, CancellationToken ct)
    {
        if (await ReadRepomdAsync(reader, ct) is not { } bytes)
        {
            return null;
        }

        var name = reader.At(SignedRepomd.Location);
        var repomd = RepomdReader.Read(bytes, name);
        MetadataPart[] parts = [MetadataPart.Primary, MetadataPart.Filelists, MetadataPart.Other];
        var read = await Task.WhenAll(parts.Select(part => Task.Run(() => ReadPartAsync(reader, repomd, part, ct), ct)));
        return new PublishedMetadata(bytes, repomd, Join(name, read[0], ByDigest(name, read[1]), ByDigest(name, read[2])));
    }

    /// <summary>The bytes of repomd.xml as they are right now, or null.</summary>
    internal static Task<byte[]?> ReadRepomdAsync(IRepositoryReader reader, CancellationToken ct) => reader.ReadAsync(SignedRepomd.Location, RepomdReader.Limit, ct);

    private static async Task<ImmutableArray<PackageFragment>> ReadPartAsync(IRepositoryReader reader, Repomd repomd, MetadataPart part, CancellationToken ct)
    {
        var entry = repomd.Find(part.Type) ?? throw RepomdReader.Malformed(reader.At(SignedRepomd.Location), $"it names no {part.Type}");
        return FragmentReader.Read(part, await MetadataFile.OpenAsync(reader, entry, ct), entry.File.Location);
    }

    private static Dictionary<Digest, PackageFragment> ByDigest(string path, ImmutableArray<PackageFragment> fragments)
    {
        var byDigest = new Dictionary<Digest, PackageFragment>(fragments.Length);
        return fragments.All(fragment => byDigest.TryAdd(fragment.Digest, fragment))
            ? byDigest
            : throw RepomdReader.Malformed(path, "a package is described twice");
    }

    private static ImmutableArray<IndexedPackage> Join(
        string path, ImmutableArray<PackageFragment> primary, Dictionary<Digest, PackageFragment> filelists, Dictionary<Digest, PackageFragment> other)
    {
        var packages = ImmutableArray.CreateBuilder<IndexedPackage>(primary.Length);
        foreach (var fragment in primary)
        {
            if (fragment is not { Nevra: { } nevra, Location: { } location } || !RepositoryPath.IsSafe(location))
            {
                throw RepomdReader.Malformed(path, $"package {fragment.Digest.Hex} has no complete name, or its location is not a plain path inside the repository");
            }

            if (!filelists.TryGetValue(fragment.Digest, out var files) || !other.TryGetValue(fragment.Digest, out var changes))
            {
                throw RepomdReader.Malformed(path, $"{nevra} is in primary, but not in filelists or other");
            }

            packages.Add(new IndexedPackage(nevra, new RepositoryFile(location, fragment.Size, fragment.Digest), fragment.BuildTime)
            {
                Primary = fragment.Bytes,
                Filelists = files.Bytes,
                Other = changes.Bytes,
            });
        }

        return packages.DistinctBy(package => package.File.Location, StringComparer.Ordinal).Count() == packages.Count && filelists.Count == packages.Count && other.Count == packages.Count
            ? [.. packages.OrderBy(package => package.File.Location, StringComparer.Ordinal)]
            : throw RepomdReader.Malformed(path, "its three descriptions of packages name different packages, or two packages lie at one place");
    }
}
