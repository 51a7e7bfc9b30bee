using System.IO.Compression;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>Reads one metadata file of a repository: exactly the bytes that repomd.xml promises, unpacked within limits.</summary>
internal static class MetadataFile
{
    /// <summary>The metadata of all of Fedora stays below this; it has to fit into memory.</summary>
    internal const long Limit = 768L * 1024 * 1024;

    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/> or <see cref="Fault.RepositoryUnverified"/>.</exception>
    internal static async Task<byte[]> OpenAsync(IRepositoryReader reader, RepomdEntry entry, CancellationToken ct)
    {
        var name = reader.At(entry.File.Location);
        if (!entry.File.Location.EndsWith(".gz", StringComparison.Ordinal))
        {
            throw RepomdReader.Malformed(name, $"it is compressed as '{Path.GetExtension(name)}', and only gzip can be read here");
        }

        var packed = await ReadAsync(reader, entry, ct);
        var plain = await UnpackAsync(packed, name, entry, ct);
        if (entry.Open is { } open && (open.Size != plain.Length || open.Digest != Digest.Of(plain)))
        {
            throw Other(name, $"sha256 {open.Digest.Hex} and {open.Size} bytes unpacked", $"{Digest.Of(plain).Hex} and {plain.Length}");
        }

        return plain;
    }

    private static async Task<byte[]> ReadAsync(IRepositoryReader reader, RepomdEntry entry, CancellationToken ct)
    {
        var name = reader.At(entry.File.Location);
        if (entry.File.Size > Limit)
        {
            throw RepomdReader.Malformed(name, $"it has more than {Limit} bytes");
        }

        await using var stream = await reader.OpenAsync(entry.File.Location, ct)
            ?? throw RepomdReader.Malformed(name, "repomd.xml names it, and it is not there");

        // What repomd.xml says is not signed yet, so it does not decide how much memory is taken.
        var read = new MemoryStream();
        var buffer = new byte[128 * 1024];
        for (int count; read.Length <= entry.File.Size && (count = await stream.ReadAsync(buffer, ct)) > 0;)
        {
            read.Write(buffer, 0, count);
        }

        if (read.Length != entry.File.Size)
        {
            throw Other(name, $"{entry.File.Size} bytes", read.Length > entry.File.Size ? "more" : $"{read.Length}");
        }

        var bytes = read.ToArray();
        return Digest.Of(bytes) is var digest && digest == entry.File.Digest ? bytes : throw Other(name, $"sha256 {entry.File.Digest.Hex}", digest.Hex);
    }

    private static async Task<byte[]> UnpackAsync(byte[] packed, string name, RepomdEntry entry, CancellationToken ct)
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
                    throw RepomdReader.Malformed(name, $"it unpacks to more than {limit} bytes");
                }

                plain.Write(buffer, 0, count);
            }
        }
        catch (InvalidDataException ex)
        {
            throw new ReleaseException(Fault.RepositoryMalformed, $"'{name}' is not gzip: {ex.Message}", inner: ex);
        }

        return plain.ToArray();
    }

    private static ReleaseException Other(string name, string expected, string actual) =>
        new(Fault.RepositoryUnverified, $"'{name}' is not what repomd.xml promises: expected {expected}, found {actual}.")
        {
            Remedy = "Restore it from a backup, or look who else writes there.",
        };
}
