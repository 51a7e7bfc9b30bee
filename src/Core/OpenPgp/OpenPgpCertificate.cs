using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease.OpenPgp;

/// <summary>One certificate of a key file, taken apart as far as needed to give gpg exactly this one; RFC 9580 sections 5.5 and 10.1.</summary>
/// <param name="Keys">The primary key first.</param>
/// <param name="Bytes">All of its packets.</param>
internal sealed record OpenPgpCertificate(ImmutableArray<OpenPgpKey> Keys, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Bytes of a key file; the certificate of somebody whose key thousands have signed.</summary>
    internal const int SizeLimit = 4 * 1024 * 1024;

    /// <summary>Of the primary key.</summary>
    internal string Fingerprint => Keys[0].Fingerprint;

    /// <summary>The certificates of a file, in text or in bytes.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="refusal">Why there are none, as the end of a sentence about the file.</param>
    internal static ImmutableArray<OpenPgpCertificate> ReadAll(ReadOnlySpan<byte> file, out string refusal)
    {
        refusal = "is not the text or the bytes of a public OpenPGP key";
        var bytes = file.StartsWith("-----"u8) ? OpenPgpArmor.Decode(Encoding.Latin1.GetString(file), "PGP PUBLIC KEY BLOCK") ?? [] : file.ToArray();
        var found = ImmutableArray.CreateBuilder<OpenPgpCertificate>();
        var (start, at, keys) = (0, 0, ImmutableArray.CreateBuilder<OpenPgpKey>());
        for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty; at = bytes.Length - rest.Length)
        {
            var packet = OpenPgpPacket.TryTake(ref rest);
            if (packet is { Tag: OpenPgpPacket.PublicKey })
            {
                Finish();
                start = at;
            }

            switch (packet)
            {
                case { Tag: OpenPgpPacket.PublicKey } or { Tag: OpenPgpPacket.PublicSubkey } when packet.Tag is OpenPgpPacket.PublicKey || keys.Count > 0:
                    if (OpenPgpKey.TryRead(packet.Body) is not { } key)
                    {
                        return [];
                    }

                    keys.Add(key);
                    break;
                case { Tag: OpenPgpPacket.SecretKey or OpenPgpPacket.SecretSubkey }:
                    refusal = "holds a secret key, which everybody who can read the repository now knows";
                    return [];
                case null:
                    return [];
            }
        }

        Finish();
        return found.ToImmutable();

        void Finish()
        {
            if (keys.Count > 0)
            {
                found.Add(new(keys.ToImmutable(), bytes.AsMemory(start..at)));
                keys.Clear();
            }
        }
    }
}

/// <summary>A primary key or a subkey.</summary>
/// <param name="Fingerprint">40 or 64 hex digits, upper case.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Algorithm">OpenPGP's number: 1 RSA, 17 DSA, 22 EdDSA.</param>
/// <param name="Bits">Of the first number of the key, which for RSA and DSA is its size.</param>
internal sealed record OpenPgpKey(string Fingerprint, DateTimeOffset Created, int Algorithm, int Bits)
{
    private const int SmallestModulus = 2048;

    /// <summary>Why signatures by the key prove nothing, as the end of a sentence; null when they do.</summary>
    internal string? Weakness => Algorithm is 1 or 2 or 3 or 17 && Bits < SmallestModulus
        ? $"is {(Algorithm is 17 ? "a DSA" : "an RSA")} key of only {Bits} bits; at least {SmallestModulus} are needed"
        : null;

    /// <summary>Reads the content of a key packet; null for versions that are not in use (any more).</summary>
    internal static OpenPgpKey? TryRead(ReadOnlySpan<byte> body)
    {
        const int fixedPart = 6;
        if (body.Length < fixedPart + 2)
        {
            return null;
        }

        var created = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(body[1..]));
        // Version 6, and GnuPG's own 5, count the bytes of the key material before it.
        var material = body[0] is 4 ? fixedPart : fixedPart + sizeof(uint);
        var bits = body.Length >= material + 2 ? BinaryPrimitives.ReadUInt16BigEndian(body[material..]) : 0;
        return body[0] switch
        {
#pragma warning disable CA5350 // The fingerprint of a version 4 key is SHA-1 by definition.
            4 => new(Convert.ToHexString(SHA1.HashData([0x99, (byte)(body.Length >> 8), (byte)body.Length, .. body])), created, body[fixedPart - 1], bits),
#pragma warning restore CA5350
            5 => new(Convert.ToHexString(SHA256.HashData([0x9A, .. LengthOf(body), .. body])), created, body[fixedPart - 1], bits),
            6 => new(Convert.ToHexString(SHA256.HashData([0x9B, .. LengthOf(body), .. body])), created, body[fixedPart - 1], bits),
            _ => null,
        };
    }

    private static byte[] LengthOf(ReadOnlySpan<byte> body)
    {
        var length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(length, body.Length);
        return length;
    }
}
