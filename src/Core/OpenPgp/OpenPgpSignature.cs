using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DotnetRelease.OpenPgp;

/// <summary>
/// One version 4 signature packet over binary data, taken apart as far as needed to say who claims to have made it and to hand it to
/// gpg; RFC 9580 section 5.2. Whether it is true only gpg can say.
/// </summary>
internal sealed record OpenPgpSignature(ReadOnlyMemory<byte> Packet, byte KeyAlgorithm, byte HashAlgorithm)
{
    private const int BinaryDocument = 0;
    private const int IssuerFingerprint = 33;
    private const int IssuerKeyId = 16;
    private const int CreationTime = 2;
    private const int Notation = 20;

    /// <summary>Hex of the fingerprint, or of the 64-bit key id when the signature has no fingerprint.</summary>
    internal string Issuer { get; private init; } = "";

    private byte[] KeyId { get; init; } = new byte[8];

    /// <summary>Header fields and hashed subpackets: what is hashed after the data.</summary>
    private ReadOnlyMemory<byte> Hashed { get; init; }

    /// <summary>The first two bytes of the hash, in the clear.</summary>
    private ReadOnlyMemory<byte> HashStart { get; init; }

    /// <summary>The numbers of the signature itself, as <see cref="Mpi"/> reads them.</summary>
    internal ReadOnlyMemory<byte> Numbers { get; private init; }

    /// <summary>When it says it was made; null when it does not say.</summary>
    internal DateTimeOffset? Made { get; private init; }

    /// <summary>
    /// Whether it says nothing but who made it and when, so that there is nothing in it to judge besides its arithmetic: no expiry, no
    /// demand that is marked as critical.
    /// </summary>
    internal bool IsPlain { get; private init; }

    /// <summary>Null when the bytes are anything but exactly one such packet.</summary>
    internal static OpenPgpSignature? TryParse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var body = Body(bytes.Span);
            const int fixedPart = 6;
            if (body is null || body.Length < fixedPart || body[0] is not 4 || body[1] is not BinaryDocument)
            {
                return null;
            }

            var hashedLength = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(4));
            var unhashed = fixedPart + hashedLength;
            var unhashedLength = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(unhashed));
            var end = unhashed + 2 + unhashedLength;
            var signature = new OpenPgpSignature(bytes, body[2], body[3]) { Hashed = body.AsMemory(0, unhashed), HashStart = body.AsMemory(end, 2), Numbers = body.AsMemory(end + 2) };
            return Named(signature, body.AsSpan(fixedPart, hashedLength), body.AsSpan(unhashed + 2, unhashedLength));
        }
        catch (ArgumentException)
        {
            // A length that points out of the packet.
            return null;
        }
    }

    /// <summary>The hash that is signed: of the data, then of what the signature says of itself; null for a hash that nobody should use.</summary>
    internal byte[]? HashOf(ReadOnlySpan<byte> data)
    {
        if (OpenPgpHash.Find(HashAlgorithm) is not { } name)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(name);
        hash.AppendData(data);
        AppendTrailer(hash, Hashed.Span);
        return hash.GetHashAndReset();
    }

    /// <summary>
    /// What the arithmetic does not cover and gpg therefore lets pass, but rpm does not: the start of the hash in the clear. Null when
    /// nothing is wrong; RFC 9580 section 5.2.4.
    /// </summary>
    internal string? Objection(byte[]? hash) =>
        hash is null || hash.AsSpan().StartsWith(HashStart.Span) ? null : $"claims to be by {Issuer} and does not fit what it signs";

    /// <summary>Ends the hash of a version 4 signature: its own hashed part, and how long that is.</summary>
    internal static void AppendTrailer(IncrementalHash hash, ReadOnlySpan<byte> hashed)
    {
        hash.AppendData(hashed);
        Span<byte> trailer = [4, 0xFF, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(trailer[2..], hashed.Length);
        hash.AppendData(trailer);
    }

    /// <summary>
    /// The signature and what it covers as one signed message, so that a single gpg can check many files: a one-pass signature, the
    /// data as a literal, the signature; RFC 9580 sections 5.4 and 5.9.
    /// </summary>
    internal void WriteMessage(Stream output, ReadOnlySpan<byte> data)
    {
        output.Write(MessageStart(data.Length));
        output.Write(data);
        output.Write(Packet.Span);
    }

    /// <summary>What stands before the data in such a message; the packet follows them.</summary>
    internal byte[] MessageStart(long dataLength)
    {
        ReadOnlySpan<byte> literalStart = [(byte)'b', 0, 0, 0, 0, 0];
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, checked((uint)(literalStart.Length + dataLength)));
        return [0xC4, 13, 3, BinaryDocument, HashAlgorithm, KeyAlgorithm, .. KeyId, 1, 0xCB, 0xFF, .. length, .. literalStart];
    }

    /// <summary>The content of the only packet; null when there is something else as well.</summary>
    private static byte[]? Body(ReadOnlySpan<byte> bytes) =>
        OpenPgpPacket.TryTake(ref bytes) is { Tag: OpenPgpPacket.Signature } packet && bytes.IsEmpty ? packet.Body : null;

    /// <summary>rpm 4 finds the key by its id, which mostly stands outside of what is hashed: it has to be there and to fit.</summary>
    private static OpenPgpSignature? Named(OpenPgpSignature signature, ReadOnlySpan<byte> hashed, ReadOnlySpan<byte> unhashed)
    {
        var (inside, outside) = (OpenPgpSubpacket.ReadAll(hashed), OpenPgpSubpacket.ReadAll(unhashed));
        var fingerprint = Find(inside, IssuerFingerprint) ?? Find(outside, IssuerFingerprint);
        var keyId = Find(inside, IssuerKeyId) ?? Find(outside, IssuerKeyId);

        // The first byte of the former is the version of the key; the id of a version 4 key is the end of its fingerprint.
        return keyId is { Length: 8 } && (fingerprint is null || (fingerprint is [4, ..] && fingerprint.AsSpan().EndsWith(keyId)))
            ? signature with
            {
                Issuer = Convert.ToHexString(fingerprint?[1..] ?? keyId),
                KeyId = keyId,
                Made = Find(inside, CreationTime) is { Length: 4 } made ? DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(made)) : null,
                IsPlain = fingerprint is { Length: 21 } && inside.TrueForAll(IsHarmless) && outside.TrueForAll(IsHarmless)
                    && inside.Count(subpacket => subpacket.Type is CreationTime) is 1 && !outside.Exists(subpacket => subpacket.Type is CreationTime),
            }
            : null;
    }

    private static bool IsHarmless(OpenPgpSubpacket subpacket) =>
        subpacket.Type is CreationTime or IssuerFingerprint or IssuerKeyId || (subpacket is { Type: Notation, IsCritical: false });

    /// <summary>The first of a kind; a name that is too short to be one is none.</summary>
    private static byte[]? Find(List<OpenPgpSubpacket> subpackets, int type) => subpackets.Find(subpacket => subpacket.Type == type)?.Content.ToArray();
}
