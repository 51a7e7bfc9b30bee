namespace DotnetRelease.Images;

/// <summary>What is in a tar file with images.</summary>
public enum ArchiveKind
{
    /// <summary>An OCI layout folder in a tar (<c>skopeo copy … oci-archive:FILE</c>).</summary>
    Oci,

    /// <summary>What <c>docker save</c> and <c>podman save</c> write: <c>manifest.json</c>, configurations, unpacked layers.</summary>
    Docker,
}

/// <summary>An image in a tar file, plain or compressed with gzip, xz or zstd.</summary>
/// <param name="Kind">What the tar has in it.</param>
/// <param name="File">Path of the file.</param>
/// <param name="Tag">Which image of it; null means that it has one.</param>
/// <param name="FileDigest">What the file must have, when the user says so. It is not the digest of the image.</param>
public sealed record ArchiveReference(ArchiveKind Kind, string File, string? Tag, Digest? FileDigest) : ImageReference
{
    private const string Mark = "#sha256=";

    /// <inheritdoc/>
    public override Digest? WrittenDigest => null;

    /// <inheritdoc/>
    public override ImageReference RelativeTo(string folder) => this with { File = Path.GetFullPath(File, folder) };

    /// <summary>As it is written.</summary>
    public override string ToString() => $"{Prefix(Kind)}{File}{(Tag is null ? "" : ":" + Tag)}{(FileDigest is { } digest ? Mark + digest.Hex : "")}";

    /// <summary><c>oci-archive:</c> or <c>docker-archive:</c>.</summary>
    internal static string Prefix(ArchiveKind kind) => kind is ArchiveKind.Oci ? "oci-archive:" : "docker-archive:";

    /// <summary>Skopeo's rule: the first colon ends the file; what follows is the tag and may have colons.</summary>
    internal static ArchiveReference ParseRest(ArchiveKind kind, string text, string rest)
    {
        var mark = rest.LastIndexOf('#');
        var named = mark < 0 ? rest : rest[..mark];
        var colon = named.IndexOf(':', StringComparison.Ordinal);
        var (file, tag) = colon < 0 ? (named, null) : (named[..colon], named[(colon + 1)..]);
        if (file.Length is 0 || tag is "" or { Length: > 512 })
        {
            throw Malformed(text, $"the form is {Prefix(kind)}FILE[:tag][{Mark}HEX], without ':' and '#' in FILE");
        }

        if (mark < 0)
        {
            return new ArchiveReference(kind, file, tag, null);
        }

        return rest[mark..].StartsWith(Mark, StringComparison.Ordinal) && DotnetRelease.Digest.TryParse("sha256:" + rest[(mark + Mark.Length)..], out var digest)
            ? new ArchiveReference(kind, file, tag, digest)
            : throw Malformed(text, "after '#' there must be 'sha256=' and 64 lower-case hex digits");
    }
}
