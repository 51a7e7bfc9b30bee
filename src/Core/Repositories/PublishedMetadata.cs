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
        return new PublishedMetadata(bytes, repomd, new PackageSet(name, read[0], read[1], read[2]).Read());
    }

    /// <summary>The bytes of repomd.xml as they are right now, or null.</summary>
    internal static Task<byte[]?> ReadRepomdAsync(IRepositoryReader reader, CancellationToken ct) => reader.ReadAsync(SignedRepomd.Location, RepomdReader.Limit, ct);

    private static async Task<UnpackedMetadata> ReadPartAsync(IRepositoryReader reader, Repomd repomd, MetadataPart part, CancellationToken ct)
    {
        var entry = repomd.Find(part.Type) ?? throw RepomdReader.Malformed(reader.At(SignedRepomd.Location), $"it names no {part.Type}");
        return await MetadataFile.OpenAsync(reader, entry, ct);
    }
}
