namespace DotnetRelease.Storage;

/// <summary>Writes the symbols of DEFLATE with its fixed codes; RFC 1951, 3.2.5 and 3.2.6.</summary>
internal sealed class DeflateBits(Stream output)
{
    private const int EndOfBlock = 256;

    private static readonly int[] LengthBases = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
    private static readonly int[] DistanceBases =
    [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ];

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _count;
    private ulong _bits;
    private int _filled;

    internal void BeginBlock(bool isLast)
    {
        const int fixedCodes = 1;
        Put(isLast ? 1u : 0u, 1);
        Put(fixedCodes, 2);
    }

    internal void EndBlock() => Symbol(EndOfBlock);

    internal void Literal(byte value) => Symbol(value);

    internal void Match(int length, int distance)
    {
        var code = Code(LengthBases, length);
        Symbol(EndOfBlock + 1 + code);
        Put((uint)(length - LengthBases[code]), LengthExtra(code));
        code = Code(DistanceBases, distance);
        Put(Reversed((uint)code, 5), 5);
        Put((uint)(distance - DistanceBases[code]), code < 4 ? 0 : (code / 2) - 1);
    }

    /// <summary>Fills up the last byte and hands everything over.</summary>
    internal void Flush()
    {
        Put(0, (8 - (_filled % 8)) % 8);
        output.Write(_buffer, 0, _count);
        _count = 0;
    }

    private static int LengthExtra(int code) => code is < 8 or 28 ? 0 : (code / 4) - 1;

    private static int Code(int[] bases, int value) => Array.BinarySearch(bases, value) is var found && found >= 0 ? found : ~found - 1;

    private void Symbol(int symbol)
    {
        var (code, length) = symbol switch
        {
            < 144 => (0x30 + symbol, 8),
            < 256 => (0x190 + symbol - 144, 9),
            < 280 => (symbol - 256, 7),
            _ => (0xC0 + symbol - 280, 8),
        };
        Put(Reversed((uint)code, length), length);
    }

    /// <summary>Codes stand with their first bit first, numbers with their last.</summary>
    private static uint Reversed(uint code, int length)
    {
        var reversed = 0u;
        for (var i = 0; i < length; i++)
        {
            reversed = (reversed << 1) | ((code >> i) & 1);
        }

        return reversed;
    }

    private void Put(uint value, int length)
    {
        _bits |= (ulong)value << _filled;
        for (_filled += length; _filled >= 8; _filled -= 8, _bits >>= 8)
        {
            _buffer[_count++] = (byte)_bits;
            if (_count == _buffer.Length)
            {
                output.Write(_buffer, 0, _count);
                _count = 0;
            }
        }
    }
}
