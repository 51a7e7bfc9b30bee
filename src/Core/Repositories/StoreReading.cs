using System.Security.Cryptography;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>What every reader can do with <see cref="IRepositoryReader.OpenAsync"/>.</summary>
internal static class StoreReading
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>What a person calls one file.</summary>
    internal static string At(this IRepositoryReader reader, string location) => $"{reader.Name.TrimEnd('/')}/{location}";

    /// <summary>Reads a small file; null when it is not there.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/>: it is larger than the limit.</exception>
    internal static async Task<byte[]?> ReadAsync(this IRepositoryReader reader, string location, long limit, CancellationToken ct)
    {
        await using var stream = await reader.OpenAsync(location, ct);
        if (stream is null)
        {
            return null;
        }

        var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = await stream.ReadAsync(buffer, ct)) > 0;)
        {
            if (bytes.Length + count > limit)
            {
                throw RepomdReader.Malformed(reader.At(location), $"it is larger than {limit} bytes");
            }

            bytes.Write(buffer, 0, count);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads a file as it is stored and compares it with what it has to be.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PublishedOtherBytes"/>, or <see cref="Fault.RepositoryUnverified"/>: it is not there.</exception>
    internal static async Task CheckSameAsync(this IRepositoryReader reader, RepositoryFile file, CancellationToken ct)
    {
        if (await reader.FindAsync(file.Location, ct) is { Pointer: { } pointer })
        {
            Compare(reader, file, pointer.Oid);
            return;
        }

        await using var stream = await reader.OpenAsync(file.Location, ct)
            ?? throw new ReleaseException(Fault.RepositoryUnverified, $"'{reader.At(file.Location)}' was written and is not there.");
        Compare(reader, file, await CopyAsync(stream, null, ct));
    }

    private static void Compare(IRepositoryReader reader, RepositoryFile file, Digest there)
    {
        if (there != file.Digest)
        {
            throw new ReleaseException(
                Fault.PublishedOtherBytes, $"{file.Location} already exists in '{reader.Name}' with other contents: there sha256 {there.Hex}, here {file.Digest.Hex}.");
        }
    }

    /// <summary>Copies a file to this machine, if it is what was promised.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryUnverified"/>, <see cref="Fault.WriteFailed"/> and those of reading.</exception>
    internal static async Task FetchAsync(this IRepositoryReader reader, RepositoryFile file, string path, CancellationToken ct)
    {
        await using var stream = await reader.OpenAsync(file.Location, ct)
            ?? throw new ReleaseException(Fault.RepositoryUnverified, $"'{reader.At(file.Location)}', which the metadata names, is missing.");
        try
        {
            await using var copy = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
            if (await CopyAsync(stream, copy, ct) is var digest && digest != file.Digest)
            {
                throw new ReleaseException(Fault.RepositoryUnverified, $"'{reader.At(file.Location)}' has sha256 {digest.Hex}, and the metadata promises {file.Digest.Hex}.");
            }
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{reader.At(file.Location)}' could not be copied to '{path}': {ex.Message}", inner: ex);
        }
    }

    /// <summary>Compares the served repomd.xml with the one that a change was made from.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMoved"/>.</exception>
    internal static async Task CheckUnmovedAsync(this IRepositoryReader reader, SignedRepomd? before, CancellationToken ct)
    {
        if (!(await PublishedMetadata.ReadRepomdAsync(reader, ct)).AsSpan().SequenceEqual(before?.Bytes))
        {
            throw new ReleaseException(
                Fault.RepositoryMoved, $"'{reader.At(SignedRepomd.Location)}' was changed by somebody else while new metadata was made; nothing of it was served.");
        }
    }

    /// <summary>Copies a stream, or only reads it, and gives the digest of what passed.</summary>
    internal static async Task<Digest> CopyAsync(Stream input, Stream? output, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        for (int count; (count = await input.ReadAsync(buffer, ct)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, count));
            if (output is not null)
            {
                await output.WriteAsync(buffer.AsMemory(0, count), ct);
            }
        }

        return Digest.Of(hash);
    }
}
