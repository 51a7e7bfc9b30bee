using System.Buffers.Binary;
using System.Security.Cryptography;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>
/// A version 4 signature over bytes that lacks only its numbers: SHA-256, the issuer's fingerprint, the time, and outside of the hash
/// the key id that rpm 4 looks for. The same that gpg writes; RFC 9580 section 5.2.3.
/// </summary>
internal sealed class SignatureDraft
{
    private const byte Version = 4;
    private const byte BinaryDocument = 0;
    private const int KeyIdLength = 8;

    private readonly byte _algorithm;
    private readonly byte[] _hashed;
    private readonly byte[] _keyId;

    /// <param name="key">Who signs; a version 4 key of an algorithm that <see cref="CanBeMadeBy"/> knows.</param>
    /// <param name="data">What is signed.</param>
    /// <param name="made">When; whole seconds count.</param>
    internal SignatureDraft(GpgKey key, ReadOnlySpan<byte> data, DateTimeOffset made)
    {
        var fingerprint = Convert.FromHexString(key.Fingerprint);
        Span<byte> time = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(time, checked((uint)made.ToUnixTimeSeconds()));
        byte[] statements = [(byte)(fingerprint.Length + 2), 33, Version, .. fingerprint, (byte)(time.Length + 1), 2, .. time];

        (_algorithm, _keyId) = ((byte)key.Algorithm, fingerprint[^KeyIdLength..]);
        _hashed = [Version, BinaryDocument, _algorithm, OpenPgpHash.Sha256, 0, (byte)statements.Length, .. statements];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(data);
        OpenPgpSignature.AppendTrailer(hash, _hashed);
        Hash = hash.GetHashAndReset();
    }

    /// <summary>What the key has to sign.</summary>
    internal byte[] Hash { get; }

    /// <summary>RSA, ECDSA and EdDSA, with a fingerprint of version 4; others are left to gpg.</summary>
    internal static bool CanBeMadeBy(GpgKey key) => key is { Algorithm: 1 or 19 or 22, Fingerprint.Length: 40, Keygrip.Length: 40 };

    /// <summary>The packet, with the numbers that came from gpg-agent; null when they are not those of this algorithm.</summary>
    internal byte[]? Finish(Dictionary<string, byte[]>? numbers)
    {
        const byte rsa = 1;
        string[] names = _algorithm is rsa ? ["s"] : ["r", "s"];
        if (numbers is null || !Array.TrueForAll(names, numbers.ContainsKey))
        {
            return null;
        }

        var body = new MemoryStream();
        body.Write(_hashed);
        body.Write([0, KeyIdLength + 2, KeyIdLength + 1, 16, .. _keyId]);
        body.Write(Hash.AsSpan(0, 2));
        foreach (var name in names)
        {
            Mpi.Write(body, numbers[name]);
        }

        return new OpenPgpPacket(OpenPgpPacket.Signature, body.ToArray()).ToBytes();
    }
}
