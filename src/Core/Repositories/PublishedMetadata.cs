using System.Collections.Immutable;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>What a repository says about itself right now. Digests were compared; the signature was not.</summary>
/// <param name="Bytes">repomd.xml, exactly.</param>
/// <param name="Repomd">The same as a value.</param>
/// <param name="Packages">Every package that clients see, ordered by location.</param>
internal sealed record PublishedMetadata(byte[] Bytes, Repomd Repomd, ImmutableArray<IndexedPackage> Packages)
{
    /// <summary>
    /// Reads a repository to go on from it; null when it has no repomd.xml. Metadata of our own form is not proven to be XML throughout:
    /// whoever signed it vouches for that.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/> or <see cref="Fault.RepositoryUnverified"/>.</exception>
    internal static Task<PublishedMetadata?> ReadAsync(IRepositoryReader reader, CancellationToken ct) => ReadAsync(reader, set => set.Read(), ct);

    /// <summary>The same as a client reads it: every byte as XML.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/> or <see cref="Fault.RepositoryUnverified"/>.</exception>
    internal static Task<PublishedMetadata?> ReadStrictlyAsync(IRepositoryReader reader, CancellationToken ct) => ReadAsync(reader, set => set.ReadXml(), ct);

    /// <summary>The bytes of repomd.xml as they are right now, or null.</summary>
    internal static Task<byte[]?> ReadRepomdAsync(IRepositoryReader reader, CancellationToken ct) => reader.ReadAsync(SignedRepomd.Location, RepomdReader.Limit, ct);

    /// <summary>Reads what a repomd.xml of the past names.</summary>
    /// <param name="reader">Where its files lie.</param>
    /// <param name="bytes">The repomd.xml; somebody vouched for its digest.</param>
    /// <param name="name">What a person calls it.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/> or <see cref="Fault.RepositoryUnverified"/>.</exception>
    internal static async Task<PublishedMetadata> OfAsync(IRepositoryReader reader, byte[] bytes, string name, CancellationToken ct)
    {
        var repomd = RepomdReader.Read(bytes, name);
        return new PublishedMetadata(bytes, repomd, (await ReadPartsAsync(reader, repomd, name, ct)).Read());
    }

    private static async Task<PublishedMetadata?> ReadAsync(IRepositoryReader reader, Func<OpenedMetadata, ImmutableArray<IndexedPackage>> read, CancellationToken ct)
    {
        if (await ReadRepomdAsync(reader, ct) is not { } bytes)
        {
            return null;
        }

        var name = reader.At(SignedRepomd.Location);
        var repomd = RepomdReader.Read(bytes, name);
        return new PublishedMetadata(bytes, repomd, read(await ReadPartsAsync(reader, repomd, name, ct)));
    }

    private static async Task<OpenedMetadata> ReadPartsAsync(IRepositoryReader reader, Repomd repomd, string name, CancellationToken ct)
    {
        MetadataPart[] parts = [MetadataPart.Primary, MetadataPart.Filelists, MetadataPart.Other];
        var files = await Task.WhenAll(parts.Select(part => Task.Run(() => ReadPartAsync(reader, repomd, part, ct), ct)));
        return new OpenedMetadata(name, files[0], files[1], files[2]);
    }

    private static async Task<UnpackedMetadata> ReadPartAsync(IRepositoryReader reader, Repomd repomd, MetadataPart part, CancellationToken ct)
    {
        var entry = repomd.Find(part.Type) ?? throw RepomdReader.Malformed(reader.At(SignedRepomd.Location), $"it names no {part.Type}");
        return await MetadataFile.OpenAsync(reader, entry, ct);
    }
}
