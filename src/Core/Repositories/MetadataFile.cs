using System.IO.Compression;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>Reads one metadata file of a repository folder: exactly the bytes that repomd.xml promises, unpacked within limits.</summary>
internal static class MetadataFile
{
    /// <summary>The metadata of all of Fedora stays below this; it has to fit into memory.</summary>
    internal const long Limit = 768L * 1024 * 1024;

    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/> or <see cref="Fault.RepositoryUnverified"/>.</exception>
    internal static async Task<byte[]> OpenAsync(string root, RepomdEntry entry, CancellationToken ct)
    {
        var path = Path.Combine(root, entry.File.Location);
        if (!entry.File.Location.EndsWith(".gz", StringComparison.Ordinal))
        {
            throw RepomdReader.Malformed(path, $"it is compressed as '{Path.GetExtension(path)}', and only gzip can be read here");
        }

        var packed = await ReadAsync(path, entry, ct);
        var plain = await UnpackAsync(packed, path, entry, ct);
        if (entry.Open is { } open && (open.Size != plain.Length || open.Digest != Digest.Of(plain)))
        {
            throw Other(path, $"sha256 {open.Digest.Hex} and {open.Size} bytes unpacked", $"{Digest.Of(plain).Hex} and {plain.Length}");
        }

        return plain;
    }

    private static async Task<byte[]> ReadAsync(string path, RepomdEntry entry, CancellationToken ct)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length != entry.File.Size || length > Limit)
            {
                throw Other(path, $"{entry.File.Size} bytes", length.ToString());
            }

            var bytes = await File.ReadAllBytesAsync(path, ct);
            return Digest.Of(bytes) is var digest && digest == entry.File.Digest ? bytes : throw Other(path, $"sha256 {entry.File.Digest.Hex}", digest.Hex);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.RepositoryMalformed, $"'{path}', which repomd.xml names, could not be read: {ex.Message}", inner: ex);
        }
    }

    private static async Task<byte[]> UnpackAsync(byte[] packed, string path, RepomdEntry entry, CancellationToken ct)
    {
        var limit = Math.Min(entry.Open?.Size ?? Limit, Limit);
        var plain = new MemoryStream((int)Math.Min(limit, 16L * packed.Length));
        try
        {
            await using var gzip = new GZipStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
            var buffer = new byte[128 * 1024];
            for (int count; (count = await gzip.ReadAsync(buffer, ct)) > 0;)
            {
                if (plain.Length + count > limit)
                {
                    throw RepomdReader.Malformed(path, $"it unpacks to more than {limit} bytes");
                }

                plain.Write(buffer, 0, count);
            }
        }
        catch (InvalidDataException ex)
        {
            throw new ReleaseException(Fault.RepositoryMalformed, $"'{path}' is not gzip: {ex.Message}", inner: ex);
        }

        return plain.ToArray();
    }

    private static ReleaseException Other(string path, string expected, string actual) =>
        new(Fault.RepositoryUnverified, $"'{path}' is not what repomd.xml promises: expected {expected}, found {actual}.")
        {
            Remedy = "Restore the folder from a backup, or look who else writes there.",
        };
}
