using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Storage;

namespace DotnetRelease.Metadata;

/// <summary>From text to a compressed metadata file.</summary>
internal static class Packing
{
    /// <summary>One of the files that describe packages. Only gzip keeps what did not change; zstd is made anew.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ZstdMissing"/>.</exception>
    internal static PackedMetadata Pack(MetadataPart part, ImmutableArray<IndexedPackage> packages, MetadataCompression compression)
    {
        if (compression is MetadataCompression.Gzip)
        {
            return ChunkedGzip.Pack(part, packages);
        }

        var plain = new MemoryStream();
        plain.Write(Encoding.UTF8.GetBytes(part.Head(packages.Length)));
        foreach (var package in packages)
        {
            plain.Write(part.FragmentOf(package).Span);
        }

        plain.Write(Encoding.UTF8.GetBytes(part.Tail));
        return Pack(part.Type, $"{part.Type}.xml", plain.ToArray(), compression);
    }

    /// <summary>A file of which nothing is kept.</summary>
    /// <param name="type">As repomd.xml names it.</param>
    /// <param name="name">Its name without digest and ending.</param>
    /// <param name="plain">Its text.</param>
    /// <param name="compression">How it is compressed.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.ZstdMissing"/>.</exception>
    internal static PackedMetadata Pack(string type, string name, byte[] plain, MetadataCompression compression)
    {
        var (packed, ending) = compression is MetadataCompression.Gzip ? (ChunkedGzip.Compress([plain]), ".gz") : (Zstd.Compress(plain), ".zst");
        return new PackedMetadata(type, [packed], Digest.Of(packed), new OpenPart(Digest.Of(plain), plain.Length)) { Name = name + ending };
    }
}
