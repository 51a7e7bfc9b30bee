using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.WheelFiles;

/// <summary>A file that is read at places which it names itself: every place is checked before.</summary>
/// <param name="file">Open for reading.</param>
/// <param name="name">For messages.</param>
internal sealed class ZipBytes(SafeFileHandle file, string name)
{
    /// <summary>Bytes of the whole file.</summary>
    public long Length { get; } = RandomAccess.GetLength(file);

    /// <summary>Exactly these bytes.</summary>
    /// <param name="offset">From the start of the file.</param>
    /// <param name="count">How many.</param>
    /// <param name="what">What they are, for the message when they are not there.</param>
    public byte[] Read(long offset, int count, string what)
    {
        if (offset < 0 || count < 0 || offset > Length - count)
        {
            throw Refuse($"{what} should be {count} bytes at byte {offset}, but the file has {Length}");
        }

        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(done), offset + done);
            done += read > 0 ? read : throw Refuse($"{what} ends early, at byte {offset + done}");
        }

        return bytes;
    }

    /// <summary>A stream over a part of the file, of its own position: several may be read at once.</summary>
    public Stream Part(long offset, long length) => new FilePart(file, offset, length);

    /// <summary>A refusal that names the file.</summary>
    public ReleaseException Refuse(string why) => new(Fault.WheelRefused, $"'{name}' is no wheel to build from: {why}.");

    internal static ushort Short(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    internal static uint Int(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    internal static long Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private sealed class FilePart(SafeFileHandle file, long offset, long length) : Stream
    {
        private long _done;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _done;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var read = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, length - _done)], offset + _done);
            _done += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
