namespace DotnetRelease.Images;

/// <summary>The uncompressed bytes of an archive file, read once from start to end, and stopped when they are a bomb.</summary>
internal sealed class ArchiveBytes : IDisposable
{
    /// <summary>Several images of a whole distribution fit; what fills a disk does not.</summary>
    private const long SizeLimit = 64L << 30;

    /// <summary>As for layers: uncompressed bytes for each packed byte, once there are many.</summary>
    private const int Ratio = 100;

    private const long RatioFrom = 256L << 20;
    private const int BufferSize = 256 * 1024;

    private readonly ArchiveReference _reference;
    private readonly FileStream _file;
    private readonly LayerCompression _compression;
    private readonly Stream _plain;
    private readonly byte[] _buffer = new byte[BufferSize];
    private long _total;

    internal ArchiveBytes(ArchiveReference reference)
    {
        _reference = reference;
        _file = new FileStream(reference.File, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        try
        {
            _compression = Packing.Of(reference, _file);
            _plain = Packing.Open(_file, _compression);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Reads some bytes; 0 at the end.</summary>
    internal int Read(Span<byte> buffer)
    {
        try
        {
            var count = _plain.Read(buffer);
            Count(count);
            return count;
        }
        catch (InvalidDataException ex)
        {
            throw Malformed($"its {Packing.Word(_compression)} is damaged: {ex.Message.TrimEnd('.')}", ex);
        }
    }

    /// <summary>Goes on behind bytes that nobody wants; false when there are not so many.</summary>
    internal bool Skip(long count)
    {
        if (_plain == _file)
        {
            Count(count);
            return _file.Seek(count, SeekOrigin.Current) <= _file.Length;
        }

        while (count > 0)
        {
            var read = Read(_buffer.AsSpan(0, (int)Math.Min(count, BufferSize)));
            if (read is 0)
            {
                return false;
            }

            count -= read;
        }

        return true;
    }

    public void Dispose()
    {
        _plain.Dispose();
        _file.Dispose();
    }

    internal ReleaseException Malformed(string why, Exception? inner = null) => _reference.Failure(Fault.ImageArchiveMalformed, why, inner: inner);

    private void Count(long count)
    {
        _total += count;
        if (_total > SizeLimit)
        {
            throw _reference.Failure(Fault.ImageUnsafe, $"it has more than {SizeLimit} bytes uncompressed");
        }

        if (_total > RatioFrom && _plain != _file && _total / Math.Max(1, _file.Position) > Ratio)
        {
            throw _reference.Failure(Fault.ImageUnsafe, $"it is a decompression bomb: more than {Ratio} bytes for each packed byte after {_total} bytes");
        }
    }
}
