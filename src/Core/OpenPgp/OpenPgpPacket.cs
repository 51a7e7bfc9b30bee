using System.Buffers.Binary;

namespace DotnetRelease.OpenPgp;

/// <summary>One OpenPGP packet of known length, in the old or the new form; RFC 9580 section 4.2.</summary>
/// <param name="Tag">What it is: 2 a signature, 6 a public key, 14 a public subkey.</param>
/// <param name="Body">What is in it.</param>
internal sealed record OpenPgpPacket(int Tag, byte[] Body)
{
    internal const int Signature = 2;
    internal const int SecretKey = 5;
    internal const int PublicKey = 6;
    internal const int SecretSubkey = 7;
    internal const int PublicSubkey = 14;

    /// <summary>Takes the packet at the front; null, and nothing taken, when there is no whole packet of known length.</summary>
    internal static OpenPgpPacket? TryTake(ref ReadOnlySpan<byte> bytes)
    {
        var (tag, start, length) = bytes switch
        {
            [>= 0xC0 and var first, < 192 and var one, ..] => (first & 0x3F, 2, one),
            [>= 0xC0 and var first, < 224 and var high, var low, ..] => (first & 0x3F, 3, ((high - 192) << 8) + low + 192),
            [>= 0xC0 and var first, 255, _, _, _, _, ..] => (first & 0x3F, 6, BinaryPrimitives.ReadInt32BigEndian(bytes[2..])),
            [>= 0x80 and < 0xC0 and var first, var one, ..] when (first & 3) is 0 => ((first >> 2) & 0xF, 2, one),
            [>= 0x80 and < 0xC0 and var first, var high, var low, ..] when (first & 3) is 1 => ((first >> 2) & 0xF, 3, (high << 8) + low),
            [>= 0x80 and < 0xC0 and var first, _, _, _, _, ..] when (first & 3) is 2 => ((first >> 2) & 0xF, 5, BinaryPrimitives.ReadInt32BigEndian(bytes[1..])),
            _ => (0, 0, -1),
        };
        if (length < 0 || length > bytes.Length - start)
        {
            return null;
        }

        var packet = new OpenPgpPacket(tag, bytes.Slice(start, length).ToArray());
        bytes = bytes[(start + length)..];
        return packet;
    }

    /// <summary>The packet in the old form, which every client reads; only for tags below 16.</summary>
    internal byte[] ToBytes()
    {
        const int oldForm = 0x80;
        var first = oldForm | Tag << 2;
        return Body.Length switch
        {
            <= byte.MaxValue => [(byte)first, (byte)Body.Length, .. Body],
            <= ushort.MaxValue => [(byte)(first | 1), (byte)(Body.Length >> 8), (byte)Body.Length, .. Body],
            _ => throw new InvalidOperationException("No signature is as long as this."),
        };
    }
}
