using System.Buffers.Binary;
using System.Text;

namespace DotnetRelease.Rpm;

/// <summary>
/// Writes a signature header anew with one signature in it. Digests and sizes stay, because what they cover stays; every other
/// signature goes. The space that rpmbuild reserved shrinks by what the signature takes, so that the payload keeps its place; when it
/// does not suffice the file grows.
/// </summary>
internal static class SignatureHeader
{
    private const byte Rsa = 1;
    private const int ListFormat = 6;

    private static readonly int[] Dropped =
    [
        RpmSignatureTag.RsaHeader, RpmSignatureTag.DsaHeader, RpmSignatureTag.OpenPgp, RpmSignatureTag.Pgp, RpmSignatureTag.Gpg, RpmSignatureTag.Pgp5,
    ];

    /// <summary>The whole header with the padding after it. Format 6 has one tag for every kind of key and keeps signatures as text.</summary>
    internal static byte[] With(RpmPackage package, OpenPgpSignature signature)
    {
        var old = package.Signature;
        List<Value> values =
        [
            .. old.Entries.Where(entry => !Dropped.Contains(entry.Tag) && !IsReserve(entry.Tag)).Select(entry => Value.Of(old, entry)),
            package.Format >= ListFormat
                ? new(RpmSignatureTag.OpenPgp, RpmType.StringArray, 1, Encoding.ASCII.GetBytes(Convert.ToBase64String(signature.Packet.Span) + '\0'))
                : new(signature.KeyAlgorithm is Rsa ? RpmSignatureTag.RsaHeader : RpmSignatureTag.DsaHeader, RpmType.Binary, signature.Packet.Length, signature.Packet),
        ];
        var plain = Write(values);
        var reserve = old.Entries.FirstOrDefault(entry => IsReserve(entry.Tag));
        var room = old.Bytes.Length - plain.Length - RpmHeaderParser.EntryLength;
        if (reserve.Count is 0 || room <= 0)
        {
            return Padded(plain);
        }

        // Written last whatever its tag, so that nothing behind it has to be aligned anew and the length comes out exactly.
        values.Add(new(reserve.Tag, RpmType.Binary, room, new byte[room]));
        var filled = Write(values);
        return Padded(filled.Length == old.Bytes.Length ? filled : plain);
    }

    private static bool IsReserve(int tag) => tag is RpmSignatureTag.ReservedSpace or RpmSignatureTag.Reserved;

    private static byte[] Padded(byte[] header)
    {
        const int unit = 8;
        Array.Resize(ref header, (header.Length + unit - 1) & -unit);
        return header;
    }

    /// <summary>Index sorted by tag, data in the order of the index, and a region that spans both.</summary>
    private static byte[] Write(List<Value> values)
    {
        var data = new MemoryStream();
        var index = new MemoryStream();
        foreach (var value in values.OrderBy(value => value.Tag))
        {
            while (data.Length % value.Alignment is not 0)
            {
                data.WriteByte(0);
            }

            WriteEntry(index, value.Tag, value.Type, (int)data.Length, value.Count);
            data.Write(value.Data.Span);
        }

        var (count, dataLength) = (values.Count + 1, (int)data.Length + RpmHeaderParser.EntryLength);
        var header = new MemoryStream();
        header.Write(RpmHeaderParser.Magic.AsSpan());
        WriteNumber(header, count);
        WriteNumber(header, dataLength);
        WriteEntry(header, RpmTag.HeaderSignatures, RpmType.Binary, (int)data.Length, RpmHeaderParser.EntryLength);
        index.WriteTo(header);
        data.WriteTo(header);
        WriteEntry(header, RpmTag.HeaderSignatures, RpmType.Binary, -count * RpmHeaderParser.EntryLength, RpmHeaderParser.EntryLength);
        return header.ToArray();
    }

    private static void WriteEntry(MemoryStream stream, int tag, RpmType type, int offset, int count)
    {
        WriteNumber(stream, tag);
        WriteNumber(stream, (int)type);
        WriteNumber(stream, offset);
        WriteNumber(stream, count);
    }

    private static void WriteNumber(MemoryStream stream, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        stream.Write(bytes);
    }

    private sealed record Value(int Tag, RpmType Type, int Count, ReadOnlyMemory<byte> Data)
    {
        internal int Alignment => Type switch
        {
            RpmType.Int16 => 2,
            RpmType.Int32 => 4,
            RpmType.Int64 => 8,
            _ => 1,
        };

        internal static Value Of(RpmHeader header, RpmEntry entry) => new(entry.Tag, entry.Type, entry.Count, header.Bytes.Slice(entry.Start, entry.Length));
    }
}
