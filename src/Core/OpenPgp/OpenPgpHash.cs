using System.Security.Cryptography;

namespace DotnetRelease.OpenPgp;

/// <summary>OpenPGP's numbers of the hashes that may be relied on; RFC 9580 section 9.5.</summary>
internal static class OpenPgpHash
{
    /// <summary>SHA-256, which every client can check.</summary>
    internal const byte Sha256 = 8;

    /// <summary>The hash of a number; null for weak ones and for those that .NET lacks somewhere.</summary>
    internal static HashAlgorithmName? Find(int number) => number switch
    {
        Sha256 => HashAlgorithmName.SHA256,
        9 => HashAlgorithmName.SHA384,
        10 => HashAlgorithmName.SHA512,
        _ => null,
    };
}
