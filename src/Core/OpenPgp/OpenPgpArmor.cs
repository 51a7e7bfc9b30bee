using System.Buffers.Text;
using System.Text;

namespace DotnetRelease.OpenPgp;

/// <summary>
/// OpenPGP data as text; RFC 9580 section 6.2. Read by ourselves, because gpg forgives what other clients do not: a damaged frame around
/// whole data, text in front of it, several frames.
/// </summary>
internal static class OpenPgpArmor
{
    private const string Signature = "PGP SIGNATURE";

    /// <summary>The bytes of exactly one block; null when its frame is not whole, or has a checksum that does not fit.</summary>
    /// <param name="text">From the first dash to the last; line ends behind it do no harm.</param>
    /// <param name="label">What the block is: <c>PGP SIGNATURE</c>.</param>
    internal static byte[]? Decode(string text, string label)
    {
        var lines = text.TrimEnd('\n', '\r').Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        var blank = Array.IndexOf(lines, "");
        if (lines.Length < 4 || lines[0] != Begin(label) || lines[^1] != End(label) || blank < 1
            || !lines[1..blank].All(line => line.Contains(": ", StringComparison.Ordinal)))
        {
            return null;
        }

        // Newer programs leave the checksum out.
        var body = lines[(blank + 1)..^1];
        var checksum = body is [.., ['=', .. var sum]] ? sum : null;
        var data = string.Concat(checksum is null ? body : body[..^1]);
        if (!Base64.IsValid(data) || data.AsSpan().ContainsAny(' ', '\t'))
        {
            return null;
        }

        var bytes = Convert.FromBase64String(data);
        return checksum is null || checksum == Checksum(bytes) ? bytes : null;
    }

    /// <summary>Whether a file is one detached signature from its first byte to its last: one that lost a byte is not the file that was published.</summary>
    internal static bool IsWholeSignature(ReadOnlySpan<byte> file) =>
        file is [.., (byte)'-', (byte)'\n'] or [.., (byte)'-', (byte)'\r', (byte)'\n'] && Decode(Encoding.Latin1.GetString(file), Signature) is { Length: > 0 };

    /// <summary>A signature packet as gpg writes it, with the checksum that old readers ask for.</summary>
    internal static byte[] OfSignature(ReadOnlySpan<byte> packet)
    {
        const int lineLength = 64;
        var lines = Convert.ToBase64String(packet).Chunk(lineLength).Select(line => new string(line));
        return Encoding.ASCII.GetBytes($"{Begin(Signature)}\n\n{string.Join('\n', lines)}\n={Checksum(packet)}\n{End(Signature)}\n");
    }

    private static string Begin(string label) => $"-----BEGIN {label}-----";

    private static string End(string label) => $"-----END {label}-----";

    /// <summary>CRC-24 in base64; RFC 9580 section 6.1.1.</summary>
    private static string Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xB704CE;
        foreach (var value in bytes)
        {
            crc ^= value << 16;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x800000) is 0 ? crc << 1 : ((crc << 1) ^ 0x864CFB) & 0xFFFFFF;
            }
        }

        return Convert.ToBase64String([(byte)(crc >> 16), (byte)(crc >> 8), (byte)crc]);
    }
}
