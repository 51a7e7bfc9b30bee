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

    /// <summary>Compresses what is new; a group that is served already keeps its member.</summary>
    internal static PackedMetadata Pack(MetadataPart part, ImmutableArray<IndexedPackage> packages)
    {
        ImmutableArray<Piece> pieces =
        [
            new Piece([Encoding.UTF8.GetBytes(part.Head(packages.Length))], null),
            .. Groups(packages).Select(group => Piece.Of(part, group)),
            new Piece([Encoding.UTF8.GetBytes(part.Tail)], null),
        ];

        var packed = new byte[pieces.Length][];
        var plain = Task.Run(() => Hash(pieces));
        Parallel.For(0, pieces.Length, at => packed[at] = pieces[at].Packed?.ToArray() ?? Compress(pieces[at].Plain));

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var member in packed)
        {
            hash.AppendData(member);
        }

        return new PackedMetadata(part.Type, [.. packed], Digest.Of(hash), plain.GetAwaiter().GetResult());
    }

    /// <summary>Splits packages, in their order, into groups.</summary>
    internal static ImmutableArray<IndexedPackage[]> Groups(ImmutableArray<IndexedPackage> packages)
    {
        var (groups, start) = (ImmutableArray.CreateBuilder<IndexedPackage[]>(), 0);
        for (var end = 1; end <= packages.Length; end++)
        {
            if (end == packages.Length || end - start == Longest || EndsGroup(packages[end - 1].File.Digest))
            {
                groups.Add(packages.AsSpan()[start..end].ToArray());
                start = end;
            }
        }

        return groups.DrainToImmutable();
    }

    private static bool EndsGroup(Digest digest) => Convert.FromHexString(digest.Hex.AsSpan(0, 2))[0] % Typical is 0;

    private static OpenPart Hash(ImmutableArray<Piece> pieces)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long size = 0;
        foreach (var piece in pieces)
        {
            foreach (var text in piece.Plain)
            {
                hash.AppendData(text.Span);
                size += text.Length;
            }
        }

        return new OpenPart(Digest.Of(hash), size);
    }

    /// <summary>One member of several pieces.</summary>
    internal static byte[] Compress(ReadOnlyMemory<byte>[] pieces)
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
        var bytes = packed.ToArray();
        GzipMembers.Header.CopyTo(bytes);
        return bytes;
    }

    /// <summary>What becomes one member.</summary>
    /// <param name="Plain">Its text.</param>
    /// <param name="Packed">The member, when there is one already.</param>
    private sealed record Piece(ReadOnlyMemory<byte>[] Plain, ReadOnlyMemory<byte>? Packed)
    {
        internal static Piece Of(MetadataPart part, ReadOnlySpan<IndexedPackage> packages)
        {
            if (PackedGroup.Of(packages) is { } group)
            {
                var text = part.TextOf(group);
                return new Piece([text.Plain], text.Packed);
            }

            var plain = new ReadOnlyMemory<byte>[packages.Length];
            for (var at = 0; at < packages.Length; at++)
            {
                plain[at] = part.FragmentOf(packages[at]);
            }

            return new Piece(plain, null);
        }
    }
}
