using System.Runtime.InteropServices;

namespace DotnetRelease.Storage;

/// <summary>Compression by Zstandard (RFC 8878) through the system's libzstd, which .NET does not have; checked when it is first needed.</summary>
public static partial class Zstd
{
    /// <summary>Compresses well, and still ten megabytes a second.</summary>
    private const int Level = 12;

    /// <summary>Contents are compared with a digest anyway; the check sum of a frame finds damage for whoever has none.</summary>
    private const int CompressionLevel = 100, ChecksumFlag = 201, WindowLogMax = 100;

    /// <summary>Largest window that is allocated: 64 MiB. Metadata of whole distributions has 8.</summary>
    private const int MostWindowLog = 26;

    /// <summary>Compresses into one frame that says its size. The same library makes the same bytes; another version may make others.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ZstdMissing"/>.</exception>
    public static byte[] Compress(ReadOnlySpan<byte> plain) => WithLibrary(plain, Pack);

    /// <summary>Decompresses one frame or several in a row; null when that gives more than <paramref name="limit"/> bytes.</summary>
    /// <param name="packed">Whole frames.</param>
    /// <param name="limit">Most bytes that may come out; memory grows with what comes out, not with what is promised.</param>
    /// <exception cref="InvalidDataException">It is no zstd, is cut short, or wants a window larger than 64 MiB.</exception>
    /// <exception cref="ReleaseException"><see cref="Fault.ZstdMissing"/>.</exception>
    public static byte[]? Decompress(ReadOnlySpan<byte> packed, long limit) => WithLibrary(packed, bytes => Unpack(bytes, limit));

    private delegate T Work<T>(ReadOnlySpan<byte> bytes);

    private static T WithLibrary<T>(ReadOnlySpan<byte> bytes, Work<T> work)
    {
        try
        {
            return work(bytes);
        }
        catch (Exception ex) when (ex is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new ReleaseException(Fault.ZstdMissing, "Zstandard was asked for, and the library libzstd.so.1 could not be loaded.", inner: ex);
        }
    }

    private static unsafe byte[] Pack(ReadOnlySpan<byte> plain)
    {
        var context = ZSTD_createCCtx();
        try
        {
            Check(ZSTD_CCtx_setParameter(context, CompressionLevel, Level));
            Check(ZSTD_CCtx_setParameter(context, ChecksumFlag, 1));
            var packed = new byte[(int)ZSTD_compressBound((nuint)plain.Length)];
            fixed (byte* from = plain, to = packed)
            {
                var count = Check(ZSTD_compress2(context, to, (nuint)packed.Length, from, (nuint)plain.Length));
                return packed[..(int)count];
            }
        }
        finally
        {
            ZSTD_freeCCtx(context);
        }
    }

    private static unsafe byte[]? Unpack(ReadOnlySpan<byte> packed, long limit)
    {
        const int chunkSize = 128 * 1024;
        var (context, plain, chunk) = (ZSTD_createDCtx(), new MemoryStream(), new byte[chunkSize]);
        try
        {
            Check(ZSTD_DCtx_setParameter(context, WindowLogMax, MostWindowLog));
            fixed (byte* from = packed, to = chunk)
            {
                var input = new Buffer { Start = from, Size = (nuint)packed.Length };
                nuint pending = 1;
                while (pending is not 0 || input.Position < input.Size)
                {
                    var output = new Buffer { Start = to, Size = chunkSize };
                    pending = Check(ZSTD_decompressStream(context, ref output, ref input));
                    if (plain.Length + (long)output.Position > limit)
                    {
                        return null;
                    }

                    if (output.Position is 0 && pending is not 0 && input.Position == input.Size)
                    {
                        throw new InvalidDataException("the last frame is cut short");
                    }

                    plain.Write(chunk, 0, (int)output.Position);
                }
            }

            return plain.ToArray();
        }
        finally
        {
            ZSTD_freeDCtx(context);
        }
    }

    private static nuint Check(nuint result) => ZSTD_isError(result) is 0
        ? result
        : throw new InvalidDataException(Marshal.PtrToStringUTF8(ZSTD_getErrorName(result)));

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Buffer
    {
        internal byte* Start;
        internal nuint Size;
        internal nuint Position;
    }

    [LibraryImport("libzstd.so.1")]
    private static partial nint ZSTD_createCCtx();

    [LibraryImport("libzstd.so.1")]
    private static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport("libzstd.so.1")]
    private static partial nuint ZSTD_CCtx_setParameter(nint context, int parameter, int value);

    [LibraryImport("libzstd.so.1")]
    private static partial nuint ZSTD_compressBound(nuint size);

    [LibraryImport("libzstd.so.1")]
    private static unsafe partial nuint ZSTD_compress2(nint context, byte* to, nuint toSize, byte* from, nuint fromSize);

    [LibraryImport("libzstd.so.1")]
    private static partial nint ZSTD_createDCtx();

    [LibraryImport("libzstd.so.1")]
    private static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport("libzstd.so.1")]
    private static partial nuint ZSTD_DCtx_setParameter(nint context, int parameter, int value);

    [LibraryImport("libzstd.so.1")]
    private static partial nuint ZSTD_decompressStream(nint context, ref Buffer output, ref Buffer input);

    [LibraryImport("libzstd.so.1")]
    private static partial uint ZSTD_isError(nuint result);

    [LibraryImport("libzstd.so.1")]
    private static partial nint ZSTD_getErrorName(nuint result);
}
