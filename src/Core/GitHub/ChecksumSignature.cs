using DotnetRelease.Processes;

namespace DotnetRelease.GitHub;

/// <summary>Makes and checks the detached signature of a checksum file, in a keyring that knows the expected keys alone.</summary>
public static class ChecksumSignature
{
    /// <summary>An armored signature has a kilobyte.</summary>
    internal const int SizeLimit = 64 * 1024;

    /// <summary>Signs, and checks what came out as a stranger would.</summary>
    /// <param name="checksums">The file's bytes.</param>
    /// <param name="gpg">The home with the secret key.</param>
    /// <param name="key">A full fingerprint, with or without a closing <c>!</c>.</param>
    /// <param name="ct">Ends gpg.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.SigningFailed"/> and what else signing says; <see cref="Fault.ReleaseUnverified"/>.</exception>
    public static async Task<ReadOnlyMemory<byte>> MakeAsync(ReadOnlyMemory<byte> checksums, Gpg gpg, string key, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(gpg);
        var signature = await gpg.SignAsync(key, checksums, armor: true, ct);
        _ = await VerifyAsync(checksums, signature, await gpg.ExportAsync(key, armor: false, ct), ct);
        return signature;
    }

    /// <summary>The fingerprint of the certificate that signed.</summary>
    /// <param name="checksums">The file's bytes.</param>
    /// <param name="signature">The detached signature.</param>
    /// <param name="certificate">Public keys that may have signed, as they stand in one file.</param>
    /// <param name="ct">Ends gpg.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.ReleaseUnverified"/>: nobody of them signed these bytes.</exception>
    public static async Task<string> VerifyAsync(ReadOnlyMemory<byte> checksums, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> certificate, CancellationToken ct)
    {
        await using var home = await GpgHome.CreateAsync(ct);
        var imported = await home.Gpg.ImportAsync(certificate, ct);
        if (imported.Count("IMPORT_OK") is 0)
        {
            throw new ReleaseException(Fault.KeyFileMalformed, "The file of the expected key holds no public key that gpg can read.");
        }

        var (data, detached) = (Path.Combine(home.Path, Checksums.FileName), Path.Combine(home.Path, Checksums.SignatureName));
        await File.WriteAllBytesAsync(data, checksums, ct);
        await File.WriteAllBytesAsync(detached, signature, ct);
        var status = await home.Gpg.VerifyAsync(detached, data, ct);
        return status.Good() is { } good && Gpg.IsStrong(good.HashAlgorithm)
            ? good.PrimaryFingerprint
            : throw new ReleaseException(Fault.ReleaseUnverified, $"{Checksums.SignatureName} is no good signature of {Checksums.FileName} by an expected key: {Why(status)}.");
    }

    private static string Why(GpgStatus status) =>
        status.Find("BADSIG") is not null ? "the file was changed after it was signed"
        : status.Find("NO_PUBKEY") is [.., var key] ? $"it was made by the unknown key {key}"
        : status.Find("EXPKEYSIG") is not null ? "the key has expired"
        : status.Find("REVKEYSIG") is not null ? "the key was revoked"
        : status.Good() is not null ? "its hash is weak"
        : "gpg cannot read it";
}
