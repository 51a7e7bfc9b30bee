namespace DotnetRelease.Rpm;

/// <summary>What came out of checking one file.</summary>
public enum RpmVerdictKind
{
    /// <summary>Every digest agrees and an expected key signed the header.</summary>
    Good,

    /// <summary>It is no RPM, or a broken one.</summary>
    Unreadable,

    /// <summary>A digest of the header does not agree.</summary>
    HeaderMismatch,

    /// <summary>A digest of the payload does not agree.</summary>
    PayloadMismatch,

    /// <summary>The digests agree, and nobody signed the header.</summary>
    NotSigned,

    /// <summary>Somebody signed it whose certificate was not expected.</summary>
    UnknownKey,

    /// <summary>The signature is wrong, or not one that can be understood.</summary>
    BadSignature,

    /// <summary>The signature is right, and its key has expired.</summary>
    KeyExpired,

    /// <summary>The signature is right, and its key was revoked.</summary>
    KeyRevoked,

    /// <summary>The signature said of itself until when it counts, and that is over.</summary>
    SignatureExpired,

    /// <summary>The signature uses a hash that can be forged.</summary>
    Weak,

    /// <summary>The signature is dated in the future, or before its key was made.</summary>
    WrongTime,

    /// <summary>It is signed as rpm 3 did, over header and payload together, and in no way that clients of today take.</summary>
    OldForm,

    /// <summary>The signed header does not contain a digest of the payload, so that anything could be in it.</summary>
    PayloadNotCovered,
}

/// <summary>A verdict and why.</summary>
/// <param name="Kind">The class of it.</param>
/// <param name="Text">A sentence without its subject: <c>is not signed (digests are fine)</c>.</param>
/// <param name="Signature">Who signed, when the signature is right and its key known.</param>
public sealed record RpmVerdict(RpmVerdictKind Kind, string Text, RpmSignature? Signature = null)
{
    /// <summary>Whether the file may be used.</summary>
    public bool IsGood => Kind is RpmVerdictKind.Good;

    /// <summary>What a run that refuses the file ends with; null for a good one.</summary>
    public Fault? Fault => Kind switch
    {
        RpmVerdictKind.Good => null,
        RpmVerdictKind.Unreadable => DotnetRelease.Fault.RpmMalformed,
        RpmVerdictKind.HeaderMismatch or RpmVerdictKind.PayloadMismatch => DotnetRelease.Fault.RpmDamaged,
        RpmVerdictKind.NotSigned => DotnetRelease.Fault.RpmNotSigned,
        RpmVerdictKind.UnknownKey => DotnetRelease.Fault.RpmSignerUnexpected,
        RpmVerdictKind.KeyExpired or RpmVerdictKind.KeyRevoked => DotnetRelease.Fault.KeyRefused,
        _ => DotnetRelease.Fault.RpmSignatureBad,
    };
}

/// <summary>One file and its verdict.</summary>
/// <param name="Path">As it was named.</param>
/// <param name="Verdict">What came out.</param>
/// <param name="File">What the file is, when all its digests agree; null otherwise.</param>
public sealed record RpmVerification(string Path, RpmVerdict Verdict, RpmFile? File)
{
    /// <summary>What it says it is; null when it could not be read.</summary>
    public Nevra? Nevra { get; init; }

    /// <summary>What a person may want to know besides, for example an old signature that was not looked at.</summary>
    public string? Note { get; init; }

    /// <summary>The file as one that is signed.</summary>
    /// <exception cref="ReleaseException">The verdict is another than good; its fault says which.</exception>
    public SignedRpm Accept() => Verdict is { IsGood: true, Signature: { } signature } && File is { } file
        ? new SignedRpm(file, signature)
        : throw new ReleaseException(Verdict.Fault!, $"'{Path}' {Verdict.Text}.");
}
