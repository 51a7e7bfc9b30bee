using System.Buffers;

namespace DotnetRelease.Rpm;

/// <summary>The part of a file that a digest speaks of.</summary>
public enum RpmPart
{
    /// <summary>The main header.</summary>
    Header,

    /// <summary>The compressed files.</summary>
    Payload,
}

/// <summary>A digest that does not agree.</summary>
/// <param name="Part">Where.</param>
/// <param name="Text">Which digest, what was expected and what was found.</param>
internal sealed record RpmDamage(RpmPart Part, string Text);

/// <summary>One pass over a file: headers read, payload streamed, every digest computed and compared.</summary>
/// <param name="Package">What the headers say.</param>
/// <param name="FileSha256">Digest of the whole file.</param>
/// <param name="HeaderSha256">Digest of the main header.</param>
/// <param name="Damage">The first digest that does not agree, or null.</param>
internal sealed record RpmScan(RpmPackage Package, Digest FileSha256, Digest HeaderSha256, RpmDamage? Damage)
{
    private const int ChunkSize = 1024 * 1024;

    internal static async Task<RpmScan> ReadAsync(string path, CancellationToken ct)
    {
        await using var file = RpmReader.Open(path);
        var package = await RpmReader.ReadAsync(file, path, ct);
        using var sums = new RpmDigests(package);
        try
        {
            await StreamPayloadAsync(file, sums, ct);
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message}", inner: ex);
        }

        return new RpmScan(package, sums.File(), Digest.Of(package.Header.Bytes.Span), sums.Compare());
    }

    private static async Task StreamPayloadAsync(FileStream file, RpmDigests sums, CancellationToken ct)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            for (int count; (count = await file.ReadAsync(chunk, ct)) > 0;)
            {
                sums.Append(chunk, count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
