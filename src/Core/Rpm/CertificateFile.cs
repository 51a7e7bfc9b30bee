using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>Takes exactly one public certificate out of bytes that came from a file.</summary>
internal static class CertificateFile
{
    private const int MaxSize = 4 * 1024 * 1024;

    internal static async Task ImportAsync(Gpg gpg, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (bytes.Length is 0 or > MaxSize)
        {
            throw Refuse($"has {bytes.Length} bytes");
        }

        if (IsSecret(bytes.Span))
        {
            throw Refuse("holds a secret key, which has no business in a file of public keys", "Treat that key as known to others, and export the public one: gpg --armor --export FINGERPRINT");
        }

        // IMPORT_RES counts the keys that were read; IMPORT_OK names each, also one that was there before.
        var status = await gpg.ImportAsync(bytes, ct);
        var imported = status.Lines.Where(line => line.StartsWith("IMPORT_OK ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1]).Distinct(StringComparer.Ordinal).ToList();
        switch (imported.Count)
        {
            case 0:
                throw Refuse("holds no public key that gpg can read");
            case > 1:
                throw Refuse($"holds {imported.Count} keys, expected is one: {string.Join(", ", imported)}");
        }
    }

    /// <summary>Tag 5 or 7 in the old or new form of a packet's first byte, or the armor that says so.</summary>
    private static bool IsSecret(ReadOnlySpan<byte> bytes)
    {
        var tag = bytes[0] >= 0xC0 ? bytes[0] & 0x3F : bytes[0] >= 0x80 ? (bytes[0] >> 2) & 0xF : 0;
        return tag is 5 or 7 || bytes.IndexOf("-----BEGIN PGP PRIVATE KEY"u8) >= 0;
    }

    private static ReleaseException Refuse(string what, string remedy = "Write the key to a file of its own: gpg --armor --export FINGERPRINT > key.asc") =>
        new(Fault.KeyFileMalformed, $"The file of the expected key {what}.") { Remedy = remedy };
}
