using System.Collections.Immutable;
using System.Security.Cryptography;
using DotnetRelease.OpenPgp;

namespace DotnetRelease.Rpm;

/// <summary>One digest of the payload that the main header holds. Format 4 has one of them, format 6 has three.</summary>
/// <param name="Name">How people call it.</param>
/// <param name="Expected">Hex, of the payload as it is stored.</param>
/// <param name="Plain">Hex, of the uncompressed payload; null when it is not given.</param>
internal sealed record PayloadDigest(string Name, string Expected, string? Plain) : IDisposable
{
    internal required IncrementalHash Running { get; init; }

    /// <summary>Those that the header has. SHA-3 is left out where the system's library lacks it; others then cover the payload.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the digest is of an unknown kind.</exception>
    internal static ImmutableArray<PayloadDigest> Of(RpmPackage package)
    {
        var first = package.PayloadDigest is null ? HashAlgorithmName.SHA256 : First(package);
        (HashAlgorithmName Algorithm, int Tag, int Plain)[] known =
        [
            (first, RpmTag.PayloadDigest, RpmTag.PayloadDigestAlt),
            (HashAlgorithmName.SHA512, RpmTag.PayloadSha512, RpmTag.PayloadSha512Alt),
            .. SHA3_256.IsSupported ? [(HashAlgorithmName.SHA3_256, RpmTag.PayloadSha3, RpmTag.PayloadSha3Alt)] : ((HashAlgorithmName, int, int)[])[],
        ];
        return
        [
            .. from digest in known
               let expected = package.Header.RawText(digest.Tag)
               where expected is not null
               select new PayloadDigest(digest.Algorithm.Name!, expected, package.Header.RawText(digest.Plain)) { Running = IncrementalHash.CreateHash(digest.Algorithm) },
        ];
    }

    public void Dispose() => Running.Dispose();

    private static HashAlgorithmName First(RpmPackage package) => OpenPgpHash.Find(package.PayloadDigestAlgorithm)
        ?? throw Malformed.Rpm(package.Path, $"its payload has a digest of kind {package.PayloadDigestAlgorithm}; known are 8 (SHA-256), 9 (SHA-384) and 10 (SHA-512)");
}
