namespace DotnetRelease.Lockfiles;

/// <summary>A digest as a lock writes it, of whatever kind its tool uses. Holding one means that kind and length were checked.</summary>
public readonly record struct LockDigest
{
    private LockDigest(HashKind kind, string hex) => (Kind, Hex) = (kind, hex);

    /// <summary>Which function made it.</summary>
    public HashKind Kind { get; }

    /// <summary>Lower-case hex digits, as many as the kind has.</summary>
    public string Hex { get => field ?? throw new InvalidOperationException("default(LockDigest) is not a digest."); }

    /// <summary>The same as the digest by which files are proven; null for another kind.</summary>
    public Digest? Sha256 => Kind is HashKind.Sha256 && Digest.TryParse(Hex, out var digest) ? digest : null;

    /// <summary>Reads the base64 text of a digest.</summary>
    public static bool TryFromBase64(HashKind kind, string text, out LockDigest digest)
    {
        ArgumentNullException.ThrowIfNull(text);
        Span<byte> bytes = stackalloc byte[64];
        var isRight = text.Length <= 100 && Convert.TryFromBase64String(text, bytes, out var length) && length == LengthOf(kind);
        digest = isRight ? new(kind, Convert.ToHexStringLower(bytes[..LengthOf(kind)])) : default;
        return isRight;
    }

    /// <summary>A sha256 digest.</summary>
    public static implicit operator LockDigest(Digest digest) => new(HashKind.Sha256, digest.Hex);

    /// <summary>The same by name.</summary>
    public static LockDigest FromDigest(Digest digest) => digest;

    /// <summary><c>sha512:HEX</c>.</summary>
    public override string ToString() => $"{(Kind is HashKind.Sha512 ? "sha512" : "sha256")}:{Hex}";

    /// <summary>Bytes of a kind.</summary>
    private static int LengthOf(HashKind kind) => kind is HashKind.Sha512 ? 64 : 32;
}

/// <summary>What made a digest; a larger one is stronger.</summary>
public enum HashKind
{
    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-512.</summary>
    Sha512,
}
