using System.Collections.Immutable;
using System.Numerics;
using System.Security.Cryptography;
using DotnetRelease.Toml;

namespace DotnetRelease.Tags;

/// <summary>A public key of ssh that may sign tags.</summary>
public sealed record SshPublicKey
{
    private const int SmallestRsa = 2048;

    /// <summary>No DSA, and no certificates: who they stand for is a certificate authority's to say, not the list's.</summary>
    private static readonly ImmutableArray<string> Types =
    [
        "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ecdsa-sha2-nistp256@openssh.com", "ssh-rsa",
    ];

    private SshPublicKey(string type, string base64)
    {
        (Type, Base64) = (type, base64);
        Fingerprint = "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(base64))).TrimEnd('=');
    }

    /// <summary><c>ssh-ed25519</c>, ….</summary>
    public string Type { get; }

    /// <summary>The key as ssh writes it.</summary>
    public string Base64 { get; }

    /// <summary><c>SHA256:…</c>, as <c>ssh-keygen -l</c> shows it.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads a line of a <c>.pub</c> file; a comment behind the key is left out.</summary>
    /// <param name="line">The line.</param>
    /// <param name="refusal">Why it was not taken, as the end of a sentence.</param>
    internal static SshPublicKey? TryParse(string line, out string refusal)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not [var type, var base64, ..] || !System.Buffers.Text.Base64.IsValid(base64))
        {
            refusal = "must be a line as in a .pub file: ssh-ed25519 AAAA….";
            return null;
        }

        var key = TryRead(Convert.FromBase64String(base64), out refusal);
        if (key is not null && !string.Equals(key.Type, type, StringComparison.Ordinal))
        {
            refusal = $"says '{type}' before a key of the type '{key.Type}'.";
            return null;
        }

        return key;
    }

    /// <summary>Reads the key's own bytes.</summary>
    /// <inheritdoc cref="TryParse"/>
    internal static SshPublicKey? TryRead(ReadOnlySpan<byte> blob, out string refusal)
    {
        var reader = new WireReader(blob);
        var whole = reader.TryText(out var type);
        refusal = type switch
        {
            _ when !whole => "is no ssh key.",
            _ when type.Contains("-cert-", StringComparison.Ordinal) => $"is a certificate ({type}); certificates are not accepted, only keys.",
            _ when !Types.Contains(type, StringComparer.Ordinal) => $"is of the type '{TomlPath.Escape(type)}'; accepted are: {string.Join(", ", Types)}.",
            "ssh-rsa" when !(reader.TryBytes(out _) && reader.TryBytes(out var modulus) && Bits(modulus) >= SmallestRsa) => $"is an RSA key of fewer than {SmallestRsa} bits.",
            _ => "",
        };
        return refusal.Length is 0 ? new(type, Convert.ToBase64String(blob)) : null;
    }

    private static long Bits(ReadOnlySpan<byte> number) => new BigInteger(number, isUnsigned: true, isBigEndian: true).GetBitLength();
}
