using System.Collections.Immutable;

namespace DotnetRelease.Processes;

/// <summary>An OpenPGP certificate as gpg lists it: a primary key, its subkeys, and who it says it is.</summary>
/// <param name="Primary">The key whose fingerprint names the certificate.</param>
/// <param name="Subkeys">In gpg's order, oldest first.</param>
/// <param name="UserIds">Names and addresses.</param>
public sealed record GpgCertificate(GpgKey Primary, ImmutableArray<GpgKey> Subkeys, ImmutableArray<string> UserIds)
{
    /// <summary>The fingerprint of the primary key.</summary>
    public string Fingerprint => Primary.Fingerprint;

    /// <summary>The primary key and the subkeys.</summary>
    public IEnumerable<GpgKey> Keys => Subkeys.Prepend(Primary);

    /// <summary>Fingerprint and first name, for a message.</summary>
    public override string ToString() => UserIds.IsEmpty ? Fingerprint : $"{Fingerprint} ({UserIds[0]})";
}

/// <summary>One key of a certificate.</summary>
/// <param name="Fingerprint">40 or 64 hex digits, upper case.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it expires or expired; null for never.</param>
public sealed record GpgKey(string Fingerprint, DateTimeOffset Created, DateTimeOffset? Expires)
{
    /// <summary>gpg's letter: <c>r</c> revoked, <c>e</c> expired, <c>i</c> invalid, <c>d</c> disabled; others only grade trust.</summary>
    public required char Validity { get; init; }

    /// <summary>OpenPGP's number: 1 RSA, 17 DSA, 19 ECDSA, 22 EdDSA.</summary>
    public required int Algorithm { get; init; }

    /// <summary>Length in bits.</summary>
    public required int Bits { get; init; }

    /// <summary>Whether it may sign data.</summary>
    public required bool CanSign { get; init; }

    /// <summary>Whether its secret part can be used: it is here or on a card. Only known when secret keys were listed.</summary>
    public required bool HasSecret { get; init; }

    /// <summary>OpenPGP's number of the hash in the newest self-signature that vouches for it; 2 is SHA-1. 0 when not listed.</summary>
    public int SelfSignatureHash { get; init; }

    /// <summary>gpg-agent's name of the key pair, 40 hex digits; empty when secret keys were not listed.</summary>
    public string Keygrip { get; init; } = "";

    /// <summary>Why the key may not be used any more, as the end of a sentence; null when it may.</summary>
    public string? Unusable => Validity switch
    {
        'r' => "was revoked",
        'e' => Expires is { } day ? $"expired on {day:yyyy-MM-dd}" : "has expired",
        'i' => "has no valid self-signature",
        'd' => "is disabled in the keyring",
        _ => null,
    };
}
