using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>Reads one metadata file of a repository: exactly the bytes that repomd.xml promises, unpacked within limits.</summary>
internal static class MetadataFile
{
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/> or <see cref="Fault.RepositoryUnverified"/>.</exception>
    internal static async Task<UnpackedMetadata> OpenAsync(IRepositoryReader reader, RepomdEntry entry, CancellationToken ct)
    {
        var name = reader.At(entry.File.Location);
        PackedReader.CheckName(name);
        return PackedReader.Open(name, entry, await ReadAsync(reader, entry, ct));
    }

    private static async Task<byte[]> ReadAsync(IRepositoryReader reader, RepomdEntry entry, CancellationToken ct)
    {
        var name = reader.At(entry.File.Location);
        if (entry.File.Size > PackedReader.Limit)
        {
            throw RepomdReader.Malformed(name, $"it has more than {PackedReader.Limit} bytes");
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
            throw PackedReader.Other(name, $"{entry.File.Size} bytes", read.Length > entry.File.Size ? "more" : $"{read.Length}");
        }

        return read.ToArray();
    }
}
