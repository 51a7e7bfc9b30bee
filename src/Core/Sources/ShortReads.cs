namespace DotnetRelease.Sources;

/// <summary>A file that is read a little at a time. A header that says it is longer than that is a trick to make its reader ask for memory.</summary>
internal sealed class ShortReads(FileStream file) : Stream
{
    private const int Longest = 1024 * 1024;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position { get => file.Position; set => file.Position = value; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => buffer.Length <= Longest
        ? file.Read(buffer)
        : throw new InvalidDataException($"a header has {buffer.Length} bytes; at most {Longest} are read");

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void Flush()
    {
        // Nothing is written.
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
