namespace DotnetRelease.Rpm;

/// <summary>
/// An RPM on disk whose every digest was computed and agrees with what the file says about itself. It may be unsigned, and who made
/// it nobody knows: <see cref="SignedRpm"/> says that.
/// </summary>
public sealed record RpmFile
{
    internal RpmFile(RpmScan scan)
    {
        (Path, Nevra, Size) = (scan.Package.Path, scan.Package.Nevra, scan.Package.FileSize);
        (Sha256, HeaderSha256) = (scan.FileSha256, scan.HeaderSha256);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; internal init; }

    /// <summary>What it is.</summary>
    public Nevra Nevra { get; }

    /// <summary>Bytes.</summary>
    public long Size { get; }

    /// <summary>Digest of the whole file: the package id of repository metadata.</summary>
    public Digest Sha256 { get; }

    /// <summary>Digest of the main header. Signing changes the file but not this, and the header holds the digest of the payload.</summary>
    public Digest HeaderSha256 { get; }

    /// <summary>Reads the whole file as a stream and compares its digests.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>, <see cref="Fault.RpmDamaged"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    public static async Task<RpmFile> ReadAsync(string path, CancellationToken ct)
    {
        var scan = await RpmScan.ReadAsync(path, ct);
        return scan.Damage is null ? new RpmFile(scan) : throw new ReleaseException(Fault.RpmDamaged, $"'{path}' is damaged: {scan.Damage.Text}.");
    }
}
