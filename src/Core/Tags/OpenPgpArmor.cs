using System.Buffers.Text;

namespace DotnetRelease.Tags;

/// <summary>
/// OpenPGP data as text; RFC 9580 section 6.2. Read by ourselves, so that gpg gets nothing but the bytes that were looked at: it would
/// also take text in front of the frame, and several frames.
/// </summary>
internal static class OpenPgpArmor
{
    /// <summary>The bytes of exactly one block; null when the frame is not whole.</summary>
    /// <param name="text">From the first dash to the last, line ends behind it do no harm.</param>
    /// <param name="label">What the block is: <c>PGP SIGNATURE</c>.</param>
    internal static byte[]? Decode(string text, string label)
    {
        var lines = text.TrimEnd('\n', '\r').Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        var blank = Array.IndexOf(lines, "");
        if (lines.Length < 4 || lines[0] != $"-----BEGIN {label}-----" || lines[^1] != $"-----END {label}-----" || blank < 1
            || !lines[1..blank].All(line => line.Contains(": ", StringComparison.Ordinal)))
        {
            return null;
        }

        // The checksum protects against nobody, and newer programs leave it out.
        var body = lines[(blank + 1)..^1];
        var data = string.Concat(body is [.., ['=', _, _, _, _]] ? body[..^1] : body);
        return Base64.IsValid(data) && !data.AsSpan().ContainsAny(' ', '\t') ? Convert.FromBase64String(data) : null;
    }
}
