using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;

namespace DotnetRelease.Metadata;

/// <summary>
/// Finds the members of a file that <see cref="ChunkedGzip"/> wrote, and opens them side by side. Where a member starts is only a
/// guess from its header's bytes; a wrong guess does not unpack to the promised length and check sum, and the file is then read as
/// one stream like anybody else's.
/// </summary>
internal static class GzipMembers
{
    /// <summary>Deflate, no flags, no time, no hint, unknown system.</summary>
    internal static ReadOnlySpan<byte> Header => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];

    private const int LengthField = sizeof(uint);

    /// <summary>Header, an empty block, check sum and length.</summary>
    private const int Shortest = 20;

    /// <summary>Metadata does not compress better. Who promises more gets no memory for it beforehand.</summary>
    private const long MostRatio = 64;

    /// <summary>Opens a file of such members; null when it is none, or longer than allowed.</summary>
    /// <param name="packed">The file.</param>
    /// <param name="limit">Bytes that may come out.</param>
    internal static UnpackedMetadata? TryOpen(byte[] packed, long limit)
    {
        if (Find(packed) is not { IsEmpty: false } members || members[^1] is var last && last.PlainStart + (long)last.PlainLength > limit)
        {
            return null;
        }

        var plain = new byte[last.PlainStart + last.PlainLength];
        var good = true;
        Parallel.For(0, members.Length, (at, state) =>
        {
            var member = members[at];
            if (!Unpack(new MemoryStream(packed, member.Start, member.Length, writable: false), plain.AsSpan(member.PlainStart, member.PlainLength)))
            {
                good = false;
                state.Stop();
            }
        });
        return good ? new UnpackedMetadata(packed, plain) { Members = members } : null;
    }

    /// <summary>Cuts a file before everything that looks like a member's header; empty when it does not start with one or its lengths make no sense.</summary>
    internal static ImmutableArray<GzipMember> Find(ReadOnlySpan<byte> packed)
    {
        if (!packed.StartsWith(Header))
        {
            return [];
        }

        var (members, start, plain) = (ImmutableArray.CreateBuilder<GzipMember>(), 0, 0L);
        while (start < packed.Length)
        {
            var next = packed[(start + 1)..].IndexOf(Header) is var at and >= 0 ? start + 1 + at : packed.Length;
            var length = next - start;
            var plainLength = length < Shortest ? -1L : BinaryPrimitives.ReadUInt32LittleEndian(packed[(next - LengthField)..]);
            if (plainLength < 0 || plainLength > length * MostRatio || plain + plainLength > Array.MaxLength)
            {
                return [];
            }

            members.Add(new GzipMember(start, length, (int)plain, (int)plainLength));
            (start, plain) = (next, plain + plainLength);
        }

        return members.DrainToImmutable();
    }

    private static bool Unpack(MemoryStream packed, Span<byte> plain)
    {
        try
        {
            using var gzip = new GZipStream(packed, CompressionMode.Decompress);
            return gzip.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false) == plain.Length && gzip.ReadByte() < 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}

/// <summary>Where a member lies in the file, and where what comes out of it lies in the text.</summary>
/// <remarks>A class, as everything in this room that collections hold: their code for classes comes compiled, for every struct it is compiled while the user waits.</remarks>
internal sealed record GzipMember(int Start, int Length, int PlainStart, int PlainLength);

/// <summary>A metadata file and what is in it.</summary>
/// <param name="Packed">The file.</param>
/// <param name="Plain">Its text.</param>
internal sealed record UnpackedMetadata(byte[] Packed, byte[] Plain)
{
    /// <summary>Its members when it is a row of them as we write it; else empty.</summary>
    public ImmutableArray<GzipMember> Members { get; init; } = [];
}
