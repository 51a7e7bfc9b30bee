using System.Security.Cryptography;
using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>A tar of a whole root file system as an image with one layer. The digest of the file is the digest of the image.</summary>
/// <param name="reference">Names the file.</param>
/// <param name="known">Spares hashing a file that nobody touched.</param>
/// <param name="unpackedDigests">Folder that remembers what a packed file unpacks to: one small file per packed digest.</param>
internal sealed class RootfsFile(RootfsReference reference, KnownDigests known, string unpackedDigests)
{
    private const int BufferSize = 256 * 1024;

    /// <summary>POSIX: a tar ends with two blocks of zeros. Without them it was cut short, and neither gzip nor tar reader would say so.</summary>
    private const int EndMarker = 1024;

    /// <summary>The image: one layer, which says nothing about running it.</summary>
    internal async Task<Image> FindAsync(Platform platform, CancellationToken ct)
    {
        var digest = await DigestAsync(ct);
        return new(reference.ToString(), digest, [await LayerAsync(digest, ct)], ImageConfig.Empty) { Platform = platform, Manifest = digest };
    }

    /// <summary>Digest of the file as it is.</summary>
    /// <exception cref="ReleaseException">Unreadable, or <see cref="Fault.ImageMismatch"/> when it is not what the reference demands.</exception>
    internal Task<Digest> DigestAsync(CancellationToken ct) => LocalFile.DigestAsync(reference, (reference.File, reference.WrittenDigest), known, ct);

    /// <summary>The one layer. Unpacks a compressed file once to learn the digest of the tar, and remembers it.</summary>
    private async Task<ImageLayer> LayerAsync(Digest digest, CancellationToken ct)
    {
        try
        {
            await using var file = Open();
            var compression = Packing.Of(reference, file);
            var diffId = compression is LayerCompression.None ? CheckTar(file, digest) : await UnpackedDigestAsync((file, compression), digest, ct);
            return new ImageLayer(diffId, Path.GetFullPath(reference.File), compression) { Digest = digest, Size = file.Length };
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw reference.Failure(Fault.FileUnreadable, $"it could not be read: {ex.Message.TrimEnd('.')}", inner: ex);
        }
    }

    private FileStream Open() => new(reference.File, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);

    private Digest CheckTar(FileStream file, Digest digest)
    {
        var end = new byte[EndMarker];
        var read = file.Length >= EndMarker ? RandomAccess.Read(file.SafeFileHandle, end, file.Length - EndMarker) : 0;
        return read is EndMarker && !end.AsSpan().ContainsAnyExcept((byte)0) ? digest : throw NoTar();
    }

    private async Task<Digest> UnpackedDigestAsync((FileStream File, LayerCompression Compression) packed, Digest digest, CancellationToken ct)
    {
        var note = Path.Combine(unpackedDigests, digest.Hex);
        if (File.Exists(note) && Digest.TryParse(await File.ReadAllTextAsync(note, ct), out var remembered))
        {
            return remembered;
        }

        var unpacked = await Task.Run(() => Unpack(packed, digest, ct), ct);
        await Durable.WriteAsync(note, System.Text.Encoding.ASCII.GetBytes(unpacked.ToString()), ct);
        return unpacked;
    }

    private Digest Unpack((FileStream File, LayerCompression Compression) source, Digest digest, CancellationToken ct)
    {
        using var packedHash = SHA256.Create();
        using var unpackedHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, tail) = (new byte[BufferSize], new byte[EndMarker]);
        using (var packed = new CryptoStream(source.File, packedHash, CryptoStreamMode.Read, leaveOpen: true))
        {
            try
            {
                using var tar = Packing.Open(packed, source.Compression);
                for (int count; (count = tar.Read(buffer)) > 0;)
                {
                    ct.ThrowIfCancellationRequested();
                    unpackedHash.AppendData(buffer, 0, count);
                    Keep(tail, buffer.AsSpan(0, count));
                }
            }
            catch (InvalidDataException ex)
            {
                throw reference.Failure(Fault.ImageMalformed, $"damaged {Packing.Word(source.Compression)}: {ex.Message.TrimEnd('.')}", inner: ex);
            }

            // What the unpacker left, such as padding, is part of the file's digest.
            packed.CopyTo(Stream.Null);
        }

        if (Convert.ToHexStringLower(packedHash.Hash!) is var hex && !string.Equals(hex, digest.Hex, StringComparison.Ordinal))
        {
            throw reference.Failure(Fault.ImageMismatch, $"the file changed while it was read: it had {digest}, then sha256:{hex}");
        }

        return tail.AsSpan().ContainsAnyExcept((byte)0) ? throw NoTar() : Digest.Of(unpackedHash);
    }

    /// <summary>Keeps the last bytes of a stream; starts with others than zero, so that a short stream does not look ended.</summary>
    private static void Keep(Span<byte> tail, ReadOnlySpan<byte> next)
    {
        var kept = Math.Max(0, tail.Length - next.Length);
        tail[^kept..].CopyTo(tail);
        next[Math.Max(0, next.Length - tail.Length)..].CopyTo(tail[kept..]);
    }

    private ReleaseException NoTar() =>
        reference.Failure(Fault.ImageMalformed, "it does not end like a tar (two blocks of zeros): it is cut short, or it is something else");
}
