using DotnetRelease.Images;

namespace DotnetRelease.Containers;

/// <summary>
/// The uncompressed bytes of a layer, for an engine that cannot unpack them itself. They are gone through twice, because a tar says first how
/// many bytes come; that takes less than a copy on disk, and fills none.
/// </summary>
internal sealed class UnpackedLayer : Stream
{
    /// <summary>As for layers that we unpack: a bomb is stopped before it is sent.</summary>
    private const int Ratio = 100;
    private const long RatioFrom = 256L << 20;

    private readonly FileStream _packed;
    private readonly Stream _plain;
    private long _position;

    private UnpackedLayer(FileStream packed, LayerCompression compression, long length) =>
        (_packed, _plain, Length) = (packed, Packing.Open(packed, compression), length);

    public override bool CanRead => true;

    /// <summary>It cannot; but only who can is asked for its length.</summary>
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <summary>Measures a layer and opens it.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageUnsafe"/> for a bomb, <see cref="Fault.ImageMismatch"/> for damage.</exception>
    internal static UnpackedLayer Open(ImageLayer layer)
    {
        try
        {
            return new(File.OpenRead(layer.BlobPath), layer.Compression, Measure(layer));
        }
        catch (InvalidDataException ex)
        {
            throw new ReleaseException(Fault.ImageMismatch, $"The packed layer {layer.Digest} cannot be read: {ex.Message}", inner: ex);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = _plain.Read(buffer);
        _position += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _plain.Dispose();
            _packed.Dispose();
        }

        base.Dispose(disposing);
    }

    private static long Measure(ImageLayer layer)
    {
        const int piece = 256 * 1024;
        using var packed = File.OpenRead(layer.BlobPath);
        using var plain = Packing.Open(packed, layer.Compression);
        var buffer = new byte[piece];
        long length = 0;
        for (int count; (count = plain.Read(buffer)) > 0;)
        {
            length += count;
            if (length > RatioFrom && length / Math.Max(1, packed.Position) > Ratio)
            {
                throw new ReleaseException(Fault.ImageUnsafe, $"The layer {layer.Digest} is a decompression bomb: more than {Ratio} bytes for each packed byte after {length} bytes.");
            }
        }

        return length;
    }
}
