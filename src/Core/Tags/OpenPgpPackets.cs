using System.Buffers.Binary;

namespace DotnetRelease.Tags;

/// <summary>Walks over the packets of OpenPGP data; RFC 9580 section 4.2. Lengths that are not known in advance have no place in keys.</summary>
internal ref struct OpenPgpPackets(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _next;

    /// <summary>Number of the packet's kind.</summary>
    internal int Tag { get; private set; }

    /// <summary>What is in the packet.</summary>
    internal ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>The packet with its own header.</summary>
    internal ReadOnlySpan<byte> Whole { get; private set; }

    /// <summary>Goes to the next packet.</summary>
    /// <returns>False at the end; null when what follows is no packet.</returns>
    internal bool? MoveNext()
    {
        var rest = _bytes[_next..];
        if (rest.IsEmpty)
        {
            return false;
        }

        (Tag, var start, var length) = rest switch
        {
            [>= 0xC0 and var first, < 192 and var one, ..] => (first & 0x3F, 2, (long)one),
            [>= 0xC0 and var first, < 224 and var high, var low, ..] => (first & 0x3F, 3, ((high - 192) << 8) + low + 192),
            [>= 0xC0 and var first, 255, _, _, _, _, ..] => (first & 0x3F, 6, BinaryPrimitives.ReadUInt32BigEndian(rest[2..])),
            [>= 0x80 and < 0xC0 and var first, var one, ..] when (first & 3) is 0 => ((first >> 2) & 0xF, 2, one),
            [>= 0x80 and < 0xC0 and var first, var high, var low, ..] when (first & 3) is 1 => ((first >> 2) & 0xF, 3, (high << 8) + low),
            [>= 0x80 and < 0xC0 and var first, _, _, _, _, ..] when (first & 3) is 2 => ((first >> 2) & 0xF, 5, BinaryPrimitives.ReadUInt32BigEndian(rest[1..])),
            _ => (0, 0, -1),
        };
        if (length < 0 || length > rest.Length - start)
        {
            return null;
        }

        Body = rest.Slice(start, (int)length);
        Whole = rest[..(start + (int)length)];
        _next += Whole.Length;
        return true;
    }
}
