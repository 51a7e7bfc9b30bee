namespace DotnetRelease.Rpm;

/// <summary>
/// An RPM whose signature by an expected key was checked, as were all its digests. Only <see cref="RpmSigner"/> and
/// <see cref="RpmVerifier"/> make one.
/// </summary>
public sealed record SignedRpm
{
    internal SignedRpm(RpmFile file, RpmSignature signature) => (File, Signature) = (file, signature);

    /// <summary>The file.</summary>
    public RpmFile File { get; }

    /// <summary>Who signed it.</summary>
    public RpmSignature Signature { get; }
}

/// <summary>A signature over a header that was found good.</summary>
/// <param name="PrimaryFingerprint">The certificate: 40 or 64 hex digits, upper case.</param>
/// <param name="SigningFingerprint">The key that signed: the primary key itself or one of its subkeys.</param>
/// <param name="Made">When, as the signature says.</param>
public sealed record RpmSignature(string PrimaryFingerprint, string SigningFingerprint, DateTimeOffset Made);

/// <summary>What signing did to one file.</summary>
/// <param name="Rpm">The signed file.</param>
/// <param name="IsNew">False when it was well signed before and no byte of it changed.</param>
public sealed record SigningResult(SignedRpm Rpm, bool IsNew);
