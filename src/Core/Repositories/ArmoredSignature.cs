using System.Buffers.Text;
using System.Text;

namespace DotnetRelease.Repositories;

/// <summary>
/// The form of a detached signature as text; RFC 9580 section 6.2. gpg forgives a damaged frame around a whole signature, other
/// clients do not, and a file that lost a byte is not the file that was published.
/// </summary>
internal static class ArmoredSignature
{
    private const string Begin = "-----BEGIN PGP SIGNATURE-----";
    private const string End = "-----END PGP SIGNATURE-----";

    /// <summary>Whether nothing is missing from the frame and its checksum, if there is one, fits.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> file)
    {
        var lines = Encoding.Latin1.GetString(file).Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        var blank = Array.IndexOf(lines, "");
        if (lines is not [Begin, .., End, ""] || blank >= lines.Length - 1 || !lines[1..blank].All(line => line.Contains(": ", StringComparison.Ordinal)))
        {
            return false;
        }

        var body = lines[(blank + 1)..^2];
        var check = body is [.., ['=', .. var sum]] ? sum : null;
        var text = string.Concat(check is null ? body : body[..^1]);
        return Base64.IsValid(text) && (check is null || string.Equals(check, Checksum(Convert.FromBase64String(text)), StringComparison.Ordinal));
    }

    /// <summary>A signature packet as gpg writes it, with the checksum that old readers ask for.</summary>
    internal static byte[] Of(ReadOnlySpan<byte> packet)
    {
        const int lineLength = 64;
        var lines = Convert.ToBase64String(packet).Chunk(lineLength).Select(line => new string(line));
        return Encoding.ASCII.GetBytes($"{Begin}\n\n{string.Join('\n', lines)}\n={Checksum(packet)}\n{End}\n");
    }

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
