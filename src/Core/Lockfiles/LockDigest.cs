namespace DotnetRelease.Lockfiles;

/// <summary>
/// A digest as a lock has it, of whatever kind its ecosystem uses. It says whether two locks mean the same bytes; only one of sha256 also
/// proves a download.
/// </summary>
/// <param name="Kind">How it is computed.</param>
/// <param name="Hex">Lower-case hex digits, whatever the lock writes.</param>
public readonly record struct LockDigest(LockDigestKind Kind, string Hex)
{
    /// <summary>The digest of the file's bytes, when it is one of sha256.</summary>
    public Digest? Sha256 => Kind is LockDigestKind.Sha256 && Digest.TryParse(Hex, out var digest) ? digest : null;

    /// <summary>Whether it is easier to forge than the other.</summary>
    public bool IsWeakerThan(LockDigest other) => Strength < other.Strength;

    private int Strength => Kind switch
    {
        LockDigestKind.Sha1 => 0,
        LockDigestKind.Sha256 or LockDigestKind.GoModule => 1,
        LockDigestKind.Sha384 => 2,
        _ => 3,
    };

    /// <summary>The kind's name as locks write it.</summary>
    public string KindWord => Kind is LockDigestKind.GoModule ? "h1" : Kind.ToString().ToLowerInvariant();

    /// <summary><c>sha512:HEX</c>.</summary>
    public override string ToString() => $"{KindWord}:{Hex}";

    /// <summary>Reads hex digits, of either case; null when they are not as many as the kind has, or no such digits.</summary>
    internal static LockDigest? FromHex(LockDigestKind kind, string text)
    {
        var hex = text.ToLowerInvariant();
        return hex.Length == HexLengthOf(kind) && hex.All(char.IsAsciiHexDigitLower) ? new(kind, hex) : null;
    }

    /// <summary>How many hex digits a kind has.</summary>
    internal static int HexLengthOf(LockDigestKind kind) => 2 * LockedValues.LengthOf(kind);

    /// <summary>Every sha256 is one.</summary>
    public static implicit operator LockDigest(Digest digest) => new(LockDigestKind.Sha256, digest.Hex);
}

/// <summary>How a lock's digest is computed.</summary>
public enum LockDigestKind
{
    /// <summary>Of old npm locks alone; compared, and proof of nothing.</summary>
    Sha1,

    /// <summary>SHA-256 of the file.</summary>
    Sha256,

    /// <summary>Go's <c>h1:</c>, SHA-256 of the list of a module's files with their digests.</summary>
    GoModule,

    /// <summary>SHA-384 of the file.</summary>
    Sha384,

    /// <summary>SHA-512 of the file.</summary>
    Sha512,
}
