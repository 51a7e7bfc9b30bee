using System.Buffers.Binary;

namespace DotnetRelease.OpenPgp;

/// <summary>One statement of a signature about itself; RFC 9580 section 5.2.3.7.</summary>
/// <param name="Type">Its number, without the bit of <paramref name="IsCritical"/>.</param>
/// <param name="IsCritical">Whether a reader that does not know it has to refuse the signature.</param>
/// <param name="Content">What it states.</param>
internal sealed record OpenPgpSubpacket(int Type, bool IsCritical, ReadOnlyMemory<byte> Content)
{
    private const int TypeBits = 0x7F;

    /// <summary>All of them, in order.</summary>
    /// <exception cref="ArgumentException">A length points out of the area.</exception>
    internal static List<OpenPgpSubpacket> ReadAll(ReadOnlySpan<byte> area)
    {
        List<OpenPgpSubpacket> all = [];
        while (!area.IsEmpty)
        {
            var (start, length) = area switch
            {
                [< 192 and var one, ..] => (1, one),
                [< 255 and var high, var low, ..] => (2, ((high - 192) << 8) + low + 192),
                [255, _, _, _, _, ..] => (5, BinaryPrimitives.ReadInt32BigEndian(area[1..])),
                _ => throw new ArgumentOutOfRangeException(nameof(area), "truncated"),
            };
            if (area.Slice(start, length) is not [var type, .. var content])
            {
                throw new ArgumentOutOfRangeException(nameof(area), "a subpacket without a type");
            }

            all.Add(new OpenPgpSubpacket(type & TypeBits, type > TypeBits, content.ToArray()));
            area = area[(start + length)..];
        }

        return all;
    }
}
