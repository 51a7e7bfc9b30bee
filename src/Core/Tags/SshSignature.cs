using System.Buffers.Text;
using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Tags;

/// <summary>
/// A signature of <c>ssh-keygen -Y sign</c>, taken apart (OpenSSH, <c>PROTOCOL.sshsig</c>). Its form and what it claims were looked at;
/// whether it is true only ssh-keygen can say.
/// </summary>
/// <param name="Key">Who claims to have signed.</param>
internal sealed record SshSignature(SshPublicKey Key)
{
    /// <summary>What git signs for; a signature for a log-in or a file is none of a tag.</summary>
    internal const string Namespace = "git";

    private const string Label = "SSH SIGNATURE";
    private static readonly ImmutableArray<string> Hashes = ["sha256", "sha512"];

    /// <summary>RSA with SHA-1 is named like the key.</summary>
    private const string RsaSha1 = "ssh-rsa";

    /// <summary>Reads the text of a signature.</summary>
    /// <param name="text">From the first dash to the last.</param>
    /// <param name="refusal">Why it is refused, as the end of a sentence about the signature.</param>
    internal static SshSignature? TryParse(string text, out string refusal)
    {
        refusal = "is not whole";
        var lines = text.Split('\n');
        if (lines is not [$"-----BEGIN {Label}-----", .. var body, $"-----END {Label}-----"] || string.Concat(body) is not { Length: > 0 } data || !Base64.IsValid(data))
        {
            return null;
        }

        var bytes = Convert.FromBase64String(data);
        if (!bytes.AsSpan().StartsWith("SSHSIG"u8))
        {
            return null;
        }

        var reader = new WireReader(bytes.AsSpan(6));
        if (!reader.TryNumber(out var version) || version is not 1 || !reader.TryBytes(out var blob) || !reader.TryText(out var space) || !reader.TryBytes(out _)
            || !reader.TryText(out var hash) || !reader.TryBytes(out var signature) || !reader.IsAtEnd || !new WireReader(signature).TryText(out var algorithm))
        {
            return null;
        }

        var key = SshPublicKey.TryRead(blob, out refusal);
        refusal = refusal switch
        {
            { Length: > 0 } => $"names a key that {refusal.TrimEnd('.')}",
            _ when !string.Equals(space, Namespace, StringComparison.Ordinal) => $"was made for '{TomlPath.Escape(space)}' and not for '{Namespace}'",
            _ when !Hashes.Contains(hash, StringComparer.Ordinal) => $"uses the hash '{TomlPath.Escape(hash)}'; needed is {string.Join(" or ", Hashes)}",
            _ when algorithm is RsaSha1 => "uses RSA with SHA-1; needed is rsa-sha2-256 or rsa-sha2-512",
            _ => "",
        };
        return refusal.Length is 0 ? new(key!) : null;
    }
}
