using System.Buffers.Binary;
using System.IO.Hashing;

namespace DotnetRelease.Storage;

/// <summary>
/// Compresses with gzip (RFC 1952) to bytes that are the same for ever: no time, no name, and a compressor of our own (RFC 1951, one greedy pass,
/// fixed codes) that is never changed. The library's gives other bytes with each version, and a digest that somebody wrote down has to stay
/// true. It is some percent larger than gzip's.
/// </summary>
/// <param name="output">Gets the file; stays open.</param>
internal sealed class FrozenGzip(Stream output) : IDisposable
{
    /// <summary>How far back DEFLATE may point.</summary>
    private const int Window = 32 * 1024;

    /// <summary>Bytes that are compressed at once. A part of the format that we froze: blocks end here.</summary>
    private const int Chunk = 256 * 1024;

    private const int HashBits = 15;
    private const int ShortestMatch = 3;
    private const int LongestMatch = 258;

    /// <summary>Places that are tried for the longest match.</summary>
    private const int Attempts = 32;

    private static readonly byte[] Head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

    private readonly byte[] _data = new byte[Window + Chunk];
    private readonly int[] _first = new int[1 << HashBits];
    private readonly int[] _before = new int[Window + Chunk];
    private readonly Crc32 _crc = new();
    private readonly DeflateBits _bits = new(output);
    private int _start;
    private int _end;
    private uint _size;
    private bool _begun;

    /// <summary>Adds bytes. How they are cut into calls makes no difference.</summary>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        _crc.Append(bytes);
        _size += (uint)bytes.Length;
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(bytes.Length, _start + Chunk - _end);
            bytes[..count].CopyTo(_data.AsSpan(_end));
            _end += count;
            bytes = bytes[count..];
            if (_end == _start + Chunk)
            {
                Compress(isLast: false);
            }
        }
    }

    /// <summary>Ends the file.</summary>
    public void Dispose()
    {
        Compress(isLast: true);
        _bits.Flush();
        Span<byte> tail = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, _crc.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(tail[4..], _size);
        output.Write(tail);
    }

    private void Compress(bool isLast)
    {
        if (!_begun)
        {
            output.Write(Head);
            _begun = true;
        }

        Array.Fill(_first, -1);
        for (var at = 0; at < _start; at++)
        {
            Remember(at);
        }

        _bits.BeginBlock(isLast);
        for (var at = _start; at < _end;)
        {
            var (length, distance) = Longest(at);
            if (length < ShortestMatch)
            {
                _bits.Literal(_data[at]);
                length = 1;
            }
            else
            {
                _bits.Match(length, distance);
            }

            for (var end = at + length; at < end; at++)
            {
                Remember(at);
            }
        }

        _bits.EndBlock();
        var kept = Math.Min(Window, _end);
        _data.AsSpan(_end - kept, kept).CopyTo(_data);
        (_start, _end) = (kept, kept);
    }

    private (int Length, int Distance) Longest(int at)
    {
        var (best, distance) = (0, 0);
        if (at + ShortestMatch > _end)
        {
            return (best, distance);
        }

        var most = Math.Min(LongestMatch, _end - at);
        var here = _data.AsSpan(at, most);
        var candidate = _first[Hash(at)];
        for (var tried = 0; candidate >= 0 && at - candidate <= Window && tried < Attempts; tried++, candidate = _before[candidate])
        {
            var length = here.CommonPrefixLength(_data.AsSpan(candidate, most));
            if (length > best)
            {
                (best, distance) = (length, at - candidate);
                if (best == most)
                {
                    break;
                }
            }
        }

        return (best, distance);
    }

    private void Remember(int at)
    {
        if (at + ShortestMatch <= _end)
        {
            var hash = Hash(at);
            _before[at] = _first[hash];
            _first[hash] = at;
        }
    }

    private int Hash(int at)
    {
        var three = _data[at] | (_data[at + 1] << 8) | (_data[at + 2] << 16);
        return (int)(((uint)three * 0x9E3779B1u) >> (32 - HashBits));
    }
}
