using System.Buffers.Binary;

namespace DotnetRelease.OpenPgp;

/// <summary>OpenPGP's numbers of any length: the count of their bits in two bytes, then their bytes; RFC 9580 section 3.2.</summary>
internal static class Mpi
{
    private const int LengthSize = 2;

    /// <summary>Takes the next number from the front.</summary>
    /// <exception cref="ArgumentException">It is cut short.</exception>
    internal static byte[] Take(ref ReadOnlySpan<byte> bytes)
    {
        var length = (BinaryPrimitives.ReadUInt16BigEndian(bytes) + 7) / 8;
        var number = bytes.Slice(LengthSize, length).ToArray();
        bytes = bytes[(LengthSize + length)..];
        return number;
    }

    /// <summary>Appends a number; zeros at its front go.</summary>
    internal static void Write(Stream output, ReadOnlySpan<byte> number)
    {
        number = number.TrimStart((byte)0);
        Span<byte> bits = stackalloc byte[LengthSize];
        BinaryPrimitives.WriteUInt16BigEndian(bits, (ushort)(number.IsEmpty ? 0 : number.Length * 8 - byte.LeadingZeroCount(number[0])));
        output.Write(bits);
        output.Write(number);
    }

    /// <summary>With zeros in front, as fixed-length arithmetic wants it; null when it is longer than that.</summary>
    internal static byte[]? Padded(ReadOnlySpan<byte> number, int length)
    {
        number = number.TrimStart((byte)0);
        if (number.Length > length)
        {
            return null;
        }

        var padded = new byte[length];
        number.CopyTo(padded.AsSpan(length - number.Length));
        return padded;
    }
}
