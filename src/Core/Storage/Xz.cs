using System.Runtime.InteropServices;

namespace DotnetRelease.Storage;

/// <summary>Decompression of xz through the system's liblzma, which .NET does not have; checked when it is first needed.</summary>
public static partial class Xz
{
    /// <summary>What <c>xz -9</c> needs is 65 MiB; a header that asks for more is refused and not obeyed.</summary>
    private const ulong MemoryLimit = 128UL << 20;

    private const uint Concatenated = 0x08;
    private const int Run = 0, Finish = 3;
    private const int Ok = 0, StreamEnd = 1, MemoryError = 5, MemoryLimitError = 6, FormatError = 7, OptionsError = 8, DataError = 9, BufferError = 10;

    /// <summary>
    /// The plain bytes of streams in a row, decompressed while they are read: memory is the window, at most 128 MiB, whatever comes out.
    /// Whoever reads limits how much that is. A read throws <see cref="InvalidDataException"/> for what is no xz, is damaged or cut short.
    /// </summary>
    /// <param name="packed">Whole streams; stays open.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.XzMissing"/>.</exception>
    public static Stream OpenRead(Stream packed)
    {
        ArgumentNullException.ThrowIfNull(packed);
        try
        {
            return new Reader(packed);
        }
        catch (Exception ex) when (ex is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new ReleaseException(Fault.XzMissing, "Something is compressed with xz, and the library liblzma.so.5 could not be loaded.", inner: ex);
        }
    }

    private sealed unsafe class Reader : Stream
    {
        private readonly Stream _packed;
        private readonly byte[] _input = new byte[128 * 1024];

        /// <summary>On the native heap: liblzma may keep a pointer to it between calls.</summary>
        private Coder* _coder;
        private int _start;
        private int _end;
        private bool _lastInput;
        private bool _ended;

        internal Reader(Stream packed)
        {
            _packed = packed;
            _coder = (Coder*)NativeMemory.AllocZeroed((nuint)sizeof(Coder));
            try
            {
                Check(lzma_stream_decoder(_coder, MemoryLimit, Concatenated));
            }
            catch
            {
                Release();
                throw;
            }
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
            ObjectDisposedException.ThrowIf(_coder is null, this);
            var count = 0;
            while (count is 0 && !buffer.IsEmpty && !_ended)
            {
                if (_start == _end && !_lastInput)
                {
                    (_start, _end) = (0, _packed.Read(_input));
                    _lastInput = _end is 0;
                }

                count = Decompress(buffer);
            }

            return count;
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
            Release();
            base.Dispose(disposing);
        }

        private int Decompress(Span<byte> plain)
        {
            fixed (byte* from = _input, to = plain)
            {
                _coder->NextIn = from + _start;
                _coder->AvailableIn = (nuint)(_end - _start);
                _coder->NextOut = to;
                _coder->AvailableOut = (nuint)plain.Length;
                var result = lzma_code(_coder, _lastInput ? Finish : Run);
                _start = _end - (int)_coder->AvailableIn;
                _ended = result is StreamEnd;
                Check(result);
                return plain.Length - (int)_coder->AvailableOut;
            }
        }

        private void Release()
        {
            if (_coder is not null)
            {
                lzma_end(_coder);
                NativeMemory.Free(_coder);
                _coder = null;
            }
        }
    }

    private static void Check(int result)
    {
        if (result is Ok or StreamEnd)
        {
            return;
        }

        throw new InvalidDataException(result switch
        {
            MemoryError => "there is no memory for it",
            MemoryLimitError => $"it wants more than {MemoryLimit >> 20} MiB of memory",
            FormatError => "it is no xz",
            OptionsError => "it has options that this liblzma does not know",
            DataError => "its data is damaged",
            BufferError => "it is cut short",
            _ => $"liblzma says {result}",
        });
    }

    /// <summary>lzma_stream of lzma/base.h, which is the same in all versions of liblzma.so.5.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Coder
    {
        internal byte* NextIn;
        internal nuint AvailableIn;
        internal ulong TotalIn;
        internal byte* NextOut;
        internal nuint AvailableOut;
        internal ulong TotalOut;
        internal void* Allocator;
        internal void* Internal;
        internal void* Reserved1;
        internal void* Reserved2;
        internal void* Reserved3;
        internal void* Reserved4;
        internal ulong SeekPosition;
        internal ulong Reserved5;
        internal nuint Reserved6;
        internal nuint Reserved7;
        internal int Reserved8;
        internal int Reserved9;
    }

    [LibraryImport("liblzma.so.5")]
    private static unsafe partial int lzma_stream_decoder(Coder* coder, ulong memoryLimit, uint flags);

    [LibraryImport("liblzma.so.5")]
    private static unsafe partial int lzma_code(Coder* coder, int action);

    [LibraryImport("liblzma.so.5")]
    private static unsafe partial void lzma_end(Coder* coder);
}
