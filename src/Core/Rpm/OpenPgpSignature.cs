using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DotnetRelease.Rpm;

/// <summary>
/// One version 4 signature packet over binary data, taken apart as far as needed to say who claims to have made it and to hand it to
/// gpg; RFC 9580 section 5.2. Whether it is true only gpg can say.
/// </summary>
internal sealed record OpenPgpSignature(ReadOnlyMemory<byte> Packet, byte KeyAlgorithm, byte HashAlgorithm)
{
    private const int SignatureTag = 2;
    private const int BinaryDocument = 0;
    private const int IssuerFingerprint = 33;
    private const int IssuerKeyId = 16;

    /// <summary>Hex of the fingerprint, or of the 64-bit key id when the signature has no fingerprint.</summary>
    internal string Issuer { get; private init; } = "";

    private byte[] KeyId { get; init; } = new byte[8];

    /// <summary>Header fields and hashed subpackets: what is hashed after the data.</summary>
    private ReadOnlyMemory<byte> Hashed { get; init; }

    /// <summary>The first two bytes of the hash, in the clear.</summary>
    private ReadOnlyMemory<byte> HashStart { get; init; }

    /// <summary>Whether the bytes are exactly one signature packet, be it one of the old version 3.</summary>
    internal static bool IsOnePacket(ReadOnlyMemory<byte> bytes) => Body(bytes.Span) is [3 or 4, ..];

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
            var signature = new OpenPgpSignature(bytes, body[2], body[3]) { Hashed = body.AsMemory(0, unhashed), HashStart = body.AsMemory(unhashed + 2 + unhashedLength, 2) };
            return Named(signature, body.AsSpan(fixedPart, hashedLength), body.AsSpan(unhashed + 2, unhashedLength));
        }
        catch (ArgumentException)
        {
            // A length that points out of the packet.
            return null;
        }
    }

    /// <summary>
    /// What the arithmetic does not cover and gpg therefore lets pass, but rpm does not: the start of the hash in the clear. Null when
    /// nothing is wrong; RFC 9580 section 5.2.4.
    /// </summary>
    internal string? Objection(ReadOnlySpan<byte> data)
    {
        HashAlgorithmName? name = HashAlgorithm switch
        {
            8 => HashAlgorithmName.SHA256,
            9 => HashAlgorithmName.SHA384,
            10 => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (name is null)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(name.Value);
        hash.AppendData(data);
        hash.AppendData(Hashed.Span);
        Span<byte> trailer = [4, 0xFF, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(trailer[2..], Hashed.Length);
        hash.AppendData(trailer);
        return hash.GetHashAndReset().AsSpan().StartsWith(HashStart.Span) ? null : $"claims to be by {Issuer} and does not fit what it signs";
    }

    /// <summary>
    /// The signature and what it covers as one signed message, so that a single gpg can check many files: a one-pass signature, the
    /// data as a literal, the signature; RFC 9580 sections 5.4 and 5.9.
    /// </summary>
    internal void WriteMessage(Stream output, ReadOnlySpan<byte> data)
    {
        output.Write([0xC4, 13, 3, BinaryDocument, HashAlgorithm, KeyAlgorithm, .. KeyId, 1]);

        ReadOnlySpan<byte> literalStart = [(byte)'b', 0, 0, 0, 0, 0];
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, literalStart.Length + data.Length);
        output.Write([0xCB, 0xFF, .. length, .. literalStart]);
        output.Write(data);
        output.Write(Packet.Span);
    }

    /// <summary>The content of the only packet, in the old or the new form of its length; null when there is something else as well.</summary>
    private static byte[]? Body(ReadOnlySpan<byte> bytes)
    {
        var (tag, start, length) = bytes switch
        {
            [>= 0xC0 and var first, < 192 and var one, ..] => (first & 0x3F, 2, one),
            [>= 0xC0 and var first, < 224 and var high, var low, ..] => (first & 0x3F, 3, ((high - 192) << 8) + low + 192),
            [>= 0xC0 and var first, 255, _, _, _, _, ..] => (first & 0x3F, 6, BinaryPrimitives.ReadInt32BigEndian(bytes[2..])),
            [>= 0x80 and var first, var one, ..] when (first & 3) is 0 => ((first >> 2) & 0xF, 2, one),
            [>= 0x80 and var first, var high, var low, ..] when (first & 3) is 1 => ((first >> 2) & 0xF, 3, (high << 8) + low),
            [>= 0x80 and var first, _, _, _, _, ..] when (first & 3) is 2 => ((first >> 2) & 0xF, 5, BinaryPrimitives.ReadInt32BigEndian(bytes[1..])),
            _ => (0, 0, -1),
        };
        return tag is SignatureTag && length == bytes.Length - start ? bytes[start..].ToArray() : null;
    }

    /// <summary>rpm 4 finds the key by its id, which mostly stands outside of what is hashed: it has to be there and to fit.</summary>
    private static OpenPgpSignature? Named(OpenPgpSignature signature, ReadOnlySpan<byte> hashed, ReadOnlySpan<byte> unhashed)
    {
        var fingerprint = Find(hashed, IssuerFingerprint) ?? Find(unhashed, IssuerFingerprint);
        var keyId = Find(hashed, IssuerKeyId) ?? Find(unhashed, IssuerKeyId);

        // The first byte of the former is the version of the key; the id of a version 4 key is the end of its fingerprint.
        return keyId is { Length: 8 } && (fingerprint is null || (fingerprint is [4, ..] && fingerprint.AsSpan().EndsWith(keyId)))
            ? signature with { Issuer = Convert.ToHexString(fingerprint?[1..] ?? keyId), KeyId = keyId }
            : null;
    }

    private static byte[]? Find(ReadOnlySpan<byte> subpackets, int type)
    {
        while (!subpackets.IsEmpty)
        {
            var (start, length) = subpackets switch
            {
                [< 192 and var one, ..] => (1, one),
                [< 255 and var high, var low, ..] => (2, ((high - 192) << 8) + low + 192),
                [255, _, _, _, _, ..] => (5, BinaryPrimitives.ReadInt32BigEndian(subpackets[1..])),
                _ => throw new ArgumentOutOfRangeException(nameof(subpackets), "truncated"),
            };
            var subpacket = subpackets.Slice(start, length);
            if (subpacket is [var found, .. { Length: >= 8 } content] && (found & 0x7F) == type)
            {
                return content.ToArray();
            }

            subpackets = subpackets[(start + length)..];
        }

        return null;
    }
}
