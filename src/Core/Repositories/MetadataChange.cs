using System.Collections.Immutable;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>What a store is to serve instead of what it serves.</summary>
/// <param name="Base">What the change was made from; null: nothing was served. When anything else is served, the change is refused.</param>
/// <param name="Next">What clients read first; it becomes visible last.</param>
internal sealed record MetadataChange(SignedRepomd? Base, SignedRepomd Next)
{
    /// <summary>Metadata files that are not there yet, under names that say what is inside.</summary>
    public ImmutableArray<MetadataBytes> Files { get; init; } = [];

    /// <summary>Other files of <c>repodata/</c> that change along with it and may replace one, such as signed records about it.</summary>
    public ImmutableArray<MetadataBytes> Beside { get; init; } = [];
}

/// <summary>A file of <c>repodata/</c> in memory.</summary>
/// <param name="FileName">Name inside <c>repodata/</c>.</param>
/// <param name="Pieces">Its bytes.</param>
internal sealed record MetadataBytes(string FileName, ImmutableArray<byte[]> Pieces)
{
    /// <summary>Path relative to the repository.</summary>
    internal string Location => $"{Repomd.Folder}/{FileName}";

    /// <summary>In bytes.</summary>
    internal long Size => Pieces.Sum(piece => (long)piece.Length);

    internal static MetadataBytes Of(PackedMetadata packed) => new(packed.FileName, packed.Members);
}

/// <summary>repomd.xml and its detached signature, as they are or will be served.</summary>
internal sealed record SignedRepomd(byte[] Bytes, byte[] Signature)
{
    internal const string Location = $"{Repomd.Folder}/{Repomd.FileName}";
    internal const string SignatureLocation = $"{Repomd.Folder}/{Repomd.SignatureName}";
}
