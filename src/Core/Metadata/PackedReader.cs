using System.IO.Compression;
using DotnetRelease.Storage;

namespace DotnetRelease.Metadata;

/// <summary>Opens a metadata file that was read: exactly the bytes that repomd.xml promises, unpacked within limits.</summary>
internal static class PackedReader
{
    /// <summary>The metadata of all of Fedora stays below this; it has to fit into memory.</summary>
    internal const long Limit = 768L * 1024 * 1024;

    /// <summary>Refuses a file whose compression nobody here can read, before it is read.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/>.</exception>
    internal static void CheckName(string name)
    {
        if (!name.EndsWith(".gz", StringComparison.Ordinal) && !IsZstd(name))
        {
            throw RepomdReader.Malformed(name, $"it is compressed as '{Path.GetExtension(name)}', and only gzip and zstd can be read here");
        }
    }

    /// <summary>Compares the file with what is promised and unpacks it.</summary>
    /// <param name="name">Of the file, for messages.</param>
    /// <param name="entry">What repomd.xml says.</param>
    /// <param name="packed">The file.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/> or <see cref="Fault.RepositoryUnverified"/>.</exception>
    internal static UnpackedMetadata Open(string name, RepomdEntry entry, byte[] packed)
    {
        CheckName(name);
        var digest = Digest.Of(packed);
        if (packed.Length != entry.File.Size || digest != entry.File.Digest)
        {
            throw Other(name, $"sha256 {entry.File.Digest.Hex} and {entry.File.Size} bytes", $"{digest.Hex} and {packed.Length}");
        }

        var unpacked = Unpack(name, entry, packed);
        return entry.Open is { } open && (open.Size != unpacked.Plain.Length || open.Digest != Digest.Of(unpacked.Plain))
            ? throw Other(name, $"sha256 {open.Digest.Hex} and {open.Size} bytes unpacked", $"{Digest.Of(unpacked.Plain).Hex} and {unpacked.Plain.Length}")
            : unpacked;
    }

    internal static ReleaseException Other(string name, string expected, string actual) =>
        new(Fault.RepositoryUnverified, $"'{name}' is not what repomd.xml promises: expected {expected}, found {actual}.")
        {
            Remedy = "Restore the folder from a backup, or look who else writes there.",
        };

    private static UnpackedMetadata Unpack(string name, RepomdEntry entry, byte[] packed)
    {
        var limit = Math.Min(entry.Open?.Size ?? Limit, Limit);
        return IsZstd(entry.File.Location)
            ? new UnpackedMetadata(packed, Decompress(name, packed, limit))
            : GzipMembers.TryOpen(packed, limit) ?? new UnpackedMetadata(packed, Inflate(name, packed, limit));
    }

    private static bool IsZstd(string name) => name.EndsWith(".zst", StringComparison.Ordinal);

    private static byte[] Decompress(string name, byte[] packed, long limit)
    {
        try
        {
            return Zstd.Decompress(packed, limit) ?? throw RepomdReader.Malformed(name, $"it unpacks to more than {limit} bytes");
        }
        catch (InvalidDataException ex)
        {
            throw new ReleaseException(Fault.RepositoryMalformed, $"'{name}' is not zstd: {ex.Message}.", inner: ex);
        }
    }

    private static byte[] Inflate(string name, byte[] packed, long limit)
    {
        const int mostRatio = 16, bufferSize = 128 * 1024;
        var plain = new MemoryStream((int)Math.Min(limit, mostRatio * (long)packed.Length));
        try
        {
            using var gzip = new GZipStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
            var buffer = new byte[bufferSize];
            for (int count; (count = gzip.Read(buffer)) > 0;)
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
}
