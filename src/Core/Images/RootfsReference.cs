namespace DotnetRelease.Images;

/// <summary>A root file system in one tar file, uncompressed, gzip or zstd.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="WrittenDigest">What the file must have, when the user says so.</param>
public sealed record RootfsReference(string File, Digest? WrittenDigest) : ImageReference
{
    private const string Mark = "#sha256=";

    /// <inheritdoc/>
    public override Digest? WrittenDigest { get; } = WrittenDigest;

    /// <inheritdoc/>
    public override ImageReference RelativeTo(string folder) => new RootfsReference(Path.GetFullPath(File, folder), WrittenDigest);

    /// <summary>As it is written.</summary>
    public override string ToString() => $"rootfs:{File}{(WrittenDigest is { } digest ? Mark + digest.Hex : "")}";

    internal static RootfsReference ParseRest(string text, string rest)
    {
        var hash = rest.LastIndexOf('#');
        var file = hash < 0 ? rest : rest[..hash];
        if (file.Length is 0)
        {
            throw Malformed(text, "the form is rootfs:FILE or rootfs:FILE#sha256=HEX");
        }

        if (hash < 0)
        {
            return new RootfsReference(file, null);
        }

        return rest[hash..].StartsWith(Mark, StringComparison.Ordinal) && DotnetRelease.Digest.TryParse(rest[(hash + Mark.Length)..], out var digest)
            && rest.Length - hash - Mark.Length == digest.Hex.Length
            ? new RootfsReference(file, digest)
            : throw Malformed(text, "after '#' there must be 'sha256=' and 64 lower-case hex digits");
    }
}
