using System.Runtime.InteropServices;

namespace DotnetRelease.OpenPgp;

/// <summary>
/// The arithmetic of Ed25519 signatures (RFC 8032), which .NET does not offer: that of libcrypto, on which .NET's own cryptography
/// stands. Where it has another version, or is told to know no Ed25519, somebody else has to be asked.
/// </summary>
internal static unsafe partial class Ed25519
{
    internal const int KeyLength = 32;
    internal const int NumberLength = 32;

    private const string Library = "libcrypto.so.3";

    /// <summary>OpenSSL's number of the algorithm.</summary>
    private const int Number = 1087;

    /// <summary>Whether there is anything to calculate with.</summary>
    internal static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Whether the holder of a key signed this message.</summary>
    /// <param name="key">The public key, 32 bytes.</param>
    /// <param name="message">What was signed; for OpenPGP that is a hash.</param>
    /// <param name="signature">R and S, 64 bytes.</param>
    internal static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (key.Length is not KeyLength || signature.Length is not NumberLength * 2)
        {
            return false;
        }

        nint context = 0, point = 0;
        try
        {
            fixed (byte* keyBytes = key, messageBytes = message, signatureBytes = signature)
            {
                context = EVP_MD_CTX_new();
                point = EVP_PKEY_new_raw_public_key(Number, 0, keyBytes, (nuint)key.Length);
                return context is not 0 && point is not 0
                    && EVP_DigestVerifyInit(context, 0, 0, 0, point) is 1
                    && EVP_DigestVerify(context, signatureBytes, (nuint)signature.Length, messageBytes, (nuint)message.Length) is 1;
            }
        }
        finally
        {
            EVP_MD_CTX_free(context);
            EVP_PKEY_free(point);
        }
    }

    [LibraryImport(Library)]
    private static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial nint EVP_PKEY_new_raw_public_key(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerifyInit(nint context, nint keyContext, nint hash, nint engine, nint key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerify(nint context, byte* signature, nuint signatureLength, byte* message, nuint messageLength);
}
