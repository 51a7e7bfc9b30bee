using System.Collections.Concurrent;
using System.Security.Cryptography;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>
/// The public keys of certificates that gpg took into a keyring, as far as we can calculate with them: RSA, the NIST curves and
/// Ed25519. Whether a key may sign, and when, is not asked here.
/// </summary>
internal sealed class VettedKeys
{
    private readonly Dictionary<string, Material> _keys = new(StringComparer.Ordinal);

    private VettedKeys()
    {
    }

    /// <summary>Reads what gpg exports from a keyring.</summary>
    internal static async Task<VettedKeys> ReadAsync(Gpg gpg, CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(gpg.Command("--no-autostart", "--export-options", "export-minimal", "--export"), ct);
        return Parse(outcome.OutputBytes.Span);
    }

    /// <summary>Keys of a kind that is not known here are passed over; so is whatever else is in the bytes.</summary>
    internal static VettedKeys Parse(ReadOnlySpan<byte> certificates)
    {
        var keys = new VettedKeys();
        while (OpenPgpPacket.TryTake(ref certificates) is { } packet)
        {
            if (packet.Tag is OpenPgpPacket.PublicKey or OpenPgpPacket.PublicSubkey
                && OpenPgpKey.TryRead(packet.Body) is { } key && Material.TryParse(packet.Body) is { } material)
            {
                keys._keys[key.Fingerprint] = material;
            }
        }

        return keys;
    }

    /// <summary>Whether one can calculate with the key that a signature names.</summary>
    internal bool Knows(OpenPgpSignature signature) => _keys.TryGetValue(signature.Issuer, out var key) && key.Takes(signature);

    /// <summary>Whether the arithmetic is right. False says no more than that: gpg is to be asked why.</summary>
    internal bool Fits(OpenPgpSignature signature, byte[] hash) => _keys.TryGetValue(signature.Issuer, out var key) && key.Takes(signature) && key.Fits(signature, hash);

    private abstract record Material(byte Algorithm)
    {
        private readonly ConcurrentBag<AsymmetricAlgorithm> _idle = [];

        private const int FixedPart = 6;
        private const byte Rsa = 1;
        private const byte Ecdsa = 19;
        private const byte EdDsa = 22;

        internal static Material? TryParse(byte[] body)
        {
            try
            {
                var rest = new ReadOnlySpan<byte>(body)[FixedPart..];
                return (body[0], body[FixedPart - 1]) switch
                {
                    (4, Rsa) => new RsaMaterial(new RSAParameters { Modulus = Mpi.Take(ref rest), Exponent = Mpi.Take(ref rest) }),
                    (4, Ecdsa) => EcdsaMaterial.TryParse(rest),
                    (4, EdDsa) => EdDsaMaterial.TryParse(rest),
                    _ => null,
                };
            }
            catch (ArgumentException)
            {
                // Cut short: gpg would not have exported it, and nothing is lost when it is asked instead.
                return null;
            }
        }

        internal virtual bool Takes(OpenPgpSignature signature) => signature.KeyAlgorithm == Algorithm && OpenPgpHash.Find(signature.HashAlgorithm) is not null;

        internal bool Fits(OpenPgpSignature signature, byte[] hash)
        {
            try
            {
                return Calculate(signature, hash);
            }
            catch (Exception ex) when (ex is ArgumentException or CryptographicException)
            {
                // Numbers that make no sense.
                return false;
            }
        }

        protected abstract bool Calculate(OpenPgpSignature signature, byte[] hash);

        /// <summary>The object identifier of a curve, in hex.</summary>
        private static string? TakeCurve(ref ReadOnlySpan<byte> rest)
        {
            if (rest is not [var length, .. var named])
            {
                return null;
            }

            rest = named[length..];
            return Convert.ToHexString(named[..length]);
        }

        /// <summary>Making a key takes longer than calculating with it, and no two threads may use the same object.</summary>
        protected bool With<T>(Func<T> create, Func<T, bool> calculate)
            where T : AsymmetricAlgorithm
        {
            var key = _idle.TryTake(out var idle) ? (T)idle : create();
            try
            {
                return calculate(key);
            }
            finally
            {
                _idle.Add(key);
            }
        }

        private sealed record RsaMaterial(RSAParameters Key) : Material(Rsa)
        {
            protected override bool Calculate(OpenPgpSignature signature, byte[] hash)
            {
                var numbers = signature.Numbers.Span;
                var value = Mpi.Padded(Mpi.Take(ref numbers), Key.Modulus!.Length);
                return value is not null && numbers.IsEmpty
                    && With(() => RSA.Create(Key), rsa => rsa.VerifyHash(hash, value, OpenPgpHash.Find(signature.HashAlgorithm)!.Value, RSASignaturePadding.Pkcs1));
            }
        }

        private sealed record EcdsaMaterial(ECParameters Key) : Material(Ecdsa)
        {
            private const byte Uncompressed = 4;

            private static readonly Dictionary<string, ECCurve> Curves = new(StringComparer.Ordinal)
            {
                ["2A8648CE3D030107"] = ECCurve.NamedCurves.nistP256,
                ["2B81040022"] = ECCurve.NamedCurves.nistP384,
                ["2B81040023"] = ECCurve.NamedCurves.nistP521,
            };

            private int Size => Key.Q.X!.Length;

            internal static EcdsaMaterial? TryParse(ReadOnlySpan<byte> rest)
            {
                return TakeCurve(ref rest) is { } curve && Curves.TryGetValue(curve, out var known) && Mpi.Take(ref rest) is [Uncompressed, .. var point]
                    ? new EcdsaMaterial(new ECParameters { Curve = known, Q = new ECPoint { X = point[..(point.Length / 2)], Y = point[(point.Length / 2)..] } })
                    : null;
            }

            /// <summary>A hash that is shorter than the curve is a matter for gpg, which refuses it.</summary>
            internal override bool Takes(OpenPgpSignature signature) => base.Takes(signature) && HashSize(signature.HashAlgorithm) >= Math.Min(Size, SHA512.HashSizeInBytes);

            protected override bool Calculate(OpenPgpSignature signature, byte[] hash)
            {
                var numbers = signature.Numbers.Span;
                var (r, s) = (Mpi.Padded(Mpi.Take(ref numbers), Size), Mpi.Padded(Mpi.Take(ref numbers), Size));
                return r is not null && s is not null && numbers.IsEmpty && With(() => ECDsa.Create(Key), ecdsa => ecdsa.VerifyHash(hash, (byte[])[.. r, .. s]));
            }

            private static int HashSize(byte algorithm) => algorithm switch
            {
                OpenPgpHash.Sha256 => SHA256.HashSizeInBytes,
                9 => SHA384.HashSizeInBytes,
                _ => SHA512.HashSizeInBytes,
            };
        }

        private sealed record EdDsaMaterial(byte[] Key) : Material(EdDsa)
        {
            private const string Curve25519 = "2B06010401DA470F01";

            /// <summary>Stands in front of a point that is written as its curve's own specification says.</summary>
            private const byte Native = 0x40;

            internal static EdDsaMaterial? TryParse(ReadOnlySpan<byte> rest) =>
                TakeCurve(ref rest) is Curve25519 && Mpi.Take(ref rest) is [Native, .. { Length: Ed25519.KeyLength } key] ? new EdDsaMaterial(key) : null;

            internal override bool Takes(OpenPgpSignature signature) => Ed25519.IsAvailable && base.Takes(signature);

            protected override bool Calculate(OpenPgpSignature signature, byte[] hash)
            {
                var numbers = signature.Numbers.Span;
                var (r, s) = (Mpi.Padded(Mpi.Take(ref numbers), Ed25519.NumberLength), Mpi.Padded(Mpi.Take(ref numbers), Ed25519.NumberLength));
                return r is not null && s is not null && numbers.IsEmpty && Ed25519.Verify(Key, hash, (byte[])[.. r, .. s]);
            }
        }
    }
}
