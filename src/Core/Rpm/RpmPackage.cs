using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>
/// What an RPM says about itself: lead, signature header and main header, read and checked in structure. The payload was not read and
/// no digest was compared; <see cref="RpmFile"/> promises that, and <see cref="SignedRpm"/> a signature as well.
/// </summary>
public sealed class RpmPackage
{
    internal RpmPackage(string path, long fileSize, RpmHeader signature, RpmHeader header)
    {
        (Path, FileSize, Signature, Header) = (path, fileSize, signature, header);
        IsSource = header.Has(RpmTag.SourcePackage) || !header.Has(RpmTag.SourceRpm);
        Nevra = RpmNevra.From(header, IsSource, path);
    }

    /// <summary>The file, as it was named.</summary>
    public string Path { get; }

    /// <summary>Bytes of the whole file.</summary>
    public long FileSize { get; }

    /// <summary>What its lead says.</summary>
    public required RpmLead Lead { get; init; }

    /// <summary>The signature header; see <see cref="RpmSignatureTag"/>.</summary>
    public RpmHeader Signature { get; }

    /// <summary>The main header; see <see cref="RpmTag"/>. Its byte range is the <c>rpm:header-range</c> of repository metadata.</summary>
    public RpmHeader Header { get; }

    /// <summary>Its identity; the architecture of a source package is <c>src</c>.</summary>
    public Nevra Nevra { get; }

    /// <summary>Whether it holds sources to build from.</summary>
    public bool IsSource { get; }

    /// <summary>Package format: 4, 3 for a header without a region as rpm 3 wrote it, or 6 for packages that say so.</summary>
    public int Format => Header.HasRegion ? (int)(Header.Number(RpmTag.RpmFormat) ?? 4) : 3;

    /// <summary>Where the payload starts in the file; it goes on to the end of the file.</summary>
    public long PayloadOffset => Header.End;

    /// <summary>One line on what it is; empty when missing.</summary>
    public string Summary => Header.Text(RpmTag.Summary) ?? "";

    /// <summary>Several lines on what it is; empty when missing.</summary>
    public string Description => Header.Text(RpmTag.Description) ?? "";

    /// <summary>The licence; empty when missing.</summary>
    public string License => Header.Text(RpmTag.License) ?? "";

    /// <summary>The group; null when missing.</summary>
    public string? Group => Header.Text(RpmTag.Group);

    /// <summary>The upstream page; null when missing.</summary>
    public string? Url => Header.Text(RpmTag.Url);

    /// <summary>The vendor; null when missing.</summary>
    public string? Vendor => Header.Text(RpmTag.Vendor);

    /// <summary>The packager; null when missing.</summary>
    public string? Packager => Header.Text(RpmTag.Packager);

    /// <summary>File name of the source package it was built from; null for a source package.</summary>
    public string? SourceRpm => Header.Text(RpmTag.SourceRpm);

    /// <summary>The host it was built on; null when missing.</summary>
    public string? BuildHost => Header.Text(RpmTag.BuildHost);

    /// <summary>When it was built; null when missing.</summary>
    public DateTimeOffset? BuildTime => Header.Number(RpmTag.BuildTime) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds((long)(uint)seconds) : null;

    /// <summary>Sum of the sizes of its files once installed.</summary>
    public ulong InstalledSize => Header.Number(RpmTag.LongSize) ?? Header.Number(RpmTag.Size) ?? 0;

    /// <summary>Bytes of the uncompressed payload; 0 when it does not say.</summary>
    public ulong ArchiveSize =>
        Signature.Number(RpmSignatureTag.LongArchiveSize) ?? Signature.Number(RpmSignatureTag.PayloadSize)
        ?? Header.Number(RpmSignatureTag.LongArchiveSize) ?? Header.Number(RpmTag.ArchiveSize) ?? 0;

    /// <summary>How the payload is compressed: <c>gzip</c>, <c>xz</c>, <c>zstd</c>, …; rpm's default when it does not say.</summary>
    public string PayloadCompressor => Header.Text(RpmTag.PayloadCompressor) ?? "gzip";

    /// <summary>Digest of the compressed payload in hex, or null; which one says <see cref="PayloadDigestAlgorithm"/>.</summary>
    public string? PayloadDigest => Header.Text(RpmTag.PayloadDigest);

    /// <summary>OpenPGP's number of the payload's digest algorithm; 8 is SHA-256.</summary>
    public int PayloadDigestAlgorithm => (int)(Header.Number(RpmTag.PayloadDigestAlgo) ?? 8);

    /// <summary>Whether the main header, and so a signature over it, holds a digest of the payload.</summary>
    internal bool CoversPayload => PayloadDigest is not null || Header.Has(RpmTag.PayloadSha512);

    /// <summary>OpenPGP's number of the files' digest algorithm; 1 is MD5 and the default of old packages, 8 is SHA-256.</summary>
    public int FileDigestAlgorithm => (int)(Header.Number(RpmTag.FileDigestAlgo) ?? 1);

    /// <summary>The files in the header's order; decoded at the first call.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the lists do not fit together.</exception>
    public ImmutableArray<RpmFileEntry> Files { get => field.IsDefault ? field = RpmFileEntry.ReadAll(this) : field; }

    /// <summary>The change log, newest first as rpm stores it.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the lists do not fit together.</exception>
    public ImmutableArray<RpmChange> Changelog => RpmChange.ReadAll(this);

    /// <summary>What it provides, needs, conflicts with, … in the header's order.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the lists do not fit together.</exception>
    public ImmutableArray<RpmDependency> Dependencies(RpmDependencyKind kind) => RpmDependency.ReadAll(this, kind);

    /// <summary>Reads lead and headers of a file; the payload is not touched.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    public static async Task<RpmPackage> ReadAsync(string path, CancellationToken ct)
    {
        await using var file = RpmReader.Open(path);
        return await RpmReader.ReadAsync(file, path, ct);
    }
}
