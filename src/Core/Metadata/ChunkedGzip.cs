using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease.Metadata;

/// <summary>
/// Compresses a metadata file as a row of gzip members (RFC 1952 allows it, and every reader of repositories reads it): head,
/// groups of packages, tail. Where a group ends depends on the packages' digests alone. So the same packages give the same bytes
/// whatever was published before, a new package changes one group, and groups compress in parallel.
/// </summary>
internal static class ChunkedGzip
{
    /// <summary>One package in this many ends its group: large enough to compress well, small enough to be redone for one package.</summary>
    private const int Typical = 64;

    /// <summary>A digest cannot be relied on to end a group in time.</summary>
    private const int Longest = 512;

    internal static PackedMetadata Pack(MetadataPart part, ImmutableArray<IndexedPackage> packages)
    {
        List<ReadOnlyMemory<byte>[]> members =
        [
            [Encoding.UTF8.GetBytes(part.Head(packages.Length))],
            .. Groups(packages).Select(group => group.Select(part.FragmentOf).ToArray()),
            [Encoding.UTF8.GetBytes(part.Tail)],
        ];

        var packed = new byte[members.Count][];
        var plain = Task.Run(() => Hash(members));
        Parallel.For(0, members.Count, at => packed[at] = Compress(members[at]));

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var member in packed)
        {
            hash.AppendData(member);
        }

        return new PackedMetadata(part.Type, [.. packed], Digest.Of(hash), plain.GetAwaiter().GetResult());
    }

    /// <summary>Splits packages, in their order, into groups.</summary>
    internal static IEnumerable<IndexedPackage[]> Groups(ImmutableArray<IndexedPackage> packages)
    {
        var start = 0;
        for (var end = 1; end <= packages.Length; end++)
        {
            if (end == packages.Length || end - start == Longest || EndsGroup(packages[end - 1].File.Digest))
            {
                yield return packages[start..end].ToArray();
                start = end;
            }
        }
    }

    private static bool EndsGroup(Digest digest) => Convert.FromHexString(digest.Hex.AsSpan(0, 2))[0] % Typical is 0;

    private static OpenPart Hash(List<ReadOnlyMemory<byte>[]> members)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long size = 0;
        foreach (var piece in members.SelectMany(member => member))
        {
            hash.AppendData(piece.Span);
            size += piece.Length;
        }

        return new OpenPart(Digest.Of(hash), size);
    }

    private static byte[] Compress(ReadOnlyMemory<byte>[] pieces)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var piece in pieces)
            {
                gzip.Write(piece.Span);
            }
        }

        // The header's time, hint and system say nothing that a reader needs; the runtime fills them as it likes.
        const int time = 4, system = 9, unknownSystem = 255;
        var bytes = packed.ToArray();
        bytes.AsSpan(time, system - time).Clear();
        bytes[system] = unknownSystem;
        return bytes;
    }
}

/// <summary>A metadata file before compression.</summary>
internal readonly record struct OpenPart(Digest Digest, long Size);

/// <summary>A compressed metadata file in memory.</summary>
/// <param name="Type">As repomd.xml names it.</param>
/// <param name="Members">Its bytes in pieces.</param>
/// <param name="Digest">Digest of them.</param>
/// <param name="Open">The same before compression.</param>
internal sealed record PackedMetadata(string Type, ImmutableArray<byte[]> Members, Digest Digest, OpenPart Open)
{
    /// <summary>A name that says what is inside, so that old and new can lie side by side.</summary>
    internal string FileName => $"{Digest.Hex}-{Type}.xml.gz";

    /// <summary>Bytes of all pieces.</summary>
    internal long Size => Members.Sum(member => (long)member.Length);
}
