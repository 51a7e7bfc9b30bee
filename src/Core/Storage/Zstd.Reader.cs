namespace DotnetRelease.Storage;

public static partial class Zstd
{
    /// <summary>
    /// The plain bytes of frames in a row, decompressed while they are read: memory is the window, at most 64 MiB, whatever comes out.
    /// Whoever reads limits how much that is. A read throws <see cref="InvalidDataException"/> for what is no zstd, is cut short, or wants
    /// a larger window.
    /// </summary>
    /// <param name="packed">Whole frames; stays open.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.ZstdMissing"/>.</exception>
    public static Stream OpenRead(Stream packed) => WithLibrary<Stream>([], _ => new Reader(packed));

    private sealed class Reader : Stream
    {
        private readonly Stream _packed;
        private readonly byte[] _input = new byte[128 * 1024];
        private nint _context;
        private int _start;
        private int _end;
        private bool _ended;

        /// <summary>0 between two frames.</summary>
        private nuint _pending = 1;

        internal Reader(Stream packed)
        {
            _packed = packed;
            _context = ZSTD_createDCtx();
            Check(ZSTD_DCtx_setParameter(_context, WindowLogMax, MostWindowLog));
        }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            ObjectDisposedException.ThrowIf(_context is 0, this);
            while (!buffer.IsEmpty)
            {
                if (_start == _end && !_ended)
                {
                    (_start, _end) = (0, _packed.Read(_input));
                    _ended = _end is 0;
                }

                if (_ended && _pending is 0)
                {
                    return 0;
                }

                var count = Decompress(buffer);
                if (count > 0)
                {
                    return count;
                }

                if (_ended && _pending is not 0)
                {
                    throw new InvalidDataException("the last frame is cut short");
                }
            }

            return 0;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
            // Nothing is written.
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            ZSTD_freeDCtx(_context);
            _context = 0;
            base.Dispose(disposing);
        }

        private unsafe int Decompress(Span<byte> plain)
        {
            fixed (byte* from = _input, to = plain)
            {
                var input = new Buffer { Start = from, Size = (nuint)_end, Position = (nuint)_start };
                var output = new Buffer { Start = to, Size = (nuint)plain.Length };
                _pending = Check(ZSTD_decompressStream(_context, ref output, ref input));
                _start = (int)input.Position;
                return (int)output.Position;
            }
        }
    }
}
