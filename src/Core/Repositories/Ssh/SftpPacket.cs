using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace DotnetRelease.Repositories.Ssh;

/// <summary>Kinds of messages of SFTP version 3, draft-ietf-secsh-filexfer-02 section 3, as far as they are used.</summary>
internal enum SftpKind : byte
{
    Init = 1,
    Version = 2,
    Open = 3,
    Close = 4,
    Read = 5,
    Write = 6,
    OpenFolder = 11,
    ReadFolder = 12,
    Remove = 13,
    MakeFolder = 14,
    Stat = 17,
    Rename = 18,
    Status = 101,
    Handle = 102,
    Data = 103,
    Name = 104,
    Attributes = 105,
    Extended = 200,
    ExtendedReply = 201,
}

/// <summary>A message in the making: its fields in the order of the protocol, numbers big-endian, texts and bytes with their length in front.</summary>
internal sealed class SftpMessage(SftpKind kind)
{
    private readonly ArrayBufferWriter<byte> _body = new();

    internal SftpKind Kind => kind;

    internal SftpMessage Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        _body.Write(bytes);
        return this;
    }

    internal SftpMessage Long(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        _body.Write(bytes);
        return this;
    }

    internal SftpMessage Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    internal SftpMessage Bytes(ReadOnlySpan<byte> value)
    {
        Number((uint)value.Length);
        _body.Write(value);
        return this;
    }

    /// <summary>Nothing is set: the server's defaults.</summary>
    internal SftpMessage NoAttributes() => Number(0);

    /// <summary>The whole message as it goes over the wire.</summary>
    internal byte[] ToBytes(uint? id)
    {
        var head = id is null ? 1 : 1 + sizeof(uint);
        var bytes = new byte[sizeof(uint) + head + _body.WrittenCount];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(head + _body.WrittenCount));
        bytes[sizeof(uint)] = (byte)kind;
        if (id is { } number)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(sizeof(uint) + 1), number);
        }

        _body.WrittenSpan.CopyTo(bytes.AsSpan(sizeof(uint) + head));
        return bytes;
    }
}

/// <summary>An answer, read field by field. A server that breaks the format is refused like one that ends the connection.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Body">Everything after kind and number.</param>
internal sealed record SftpAnswer(SftpKind Kind, ReadOnlyMemory<byte> Body)
{
    private int _at;

    internal bool IsAtEnd => _at >= Body.Length;

    internal uint Number() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)).Span);

    internal ulong Long() => BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong)).Span);

    internal string Text() => Encoding.UTF8.GetString(Bytes().Span);

    internal ReadOnlyMemory<byte> Bytes() => Number() is var length && length <= int.MaxValue ? Take((int)length) : throw new InvalidDataException("a length that nothing has");

    /// <summary>Size, kind and time of a file; draft section 5.</summary>
    internal SftpAttributes Attributes()
    {
        const uint hasSize = 1, hasOwner = 2, hasMode = 4, hasTimes = 8, hasMore = 0x80000000;
        var flags = Number();
        var size = (flags & hasSize) is 0 ? 0 : (long)Long();
        if ((flags & hasOwner) is not 0)
        {
            Long();
        }

        var mode = (flags & hasMode) is 0 ? 0 : Number();
        DateTimeOffset? modified = null;
        if ((flags & hasTimes) is not 0)
        {
            Number();
            modified = DateTimeOffset.FromUnixTimeSeconds(Number());
        }

        for (var more = (flags & hasMore) is 0 ? 0 : Number(); more > 0; more--)
        {
            Bytes();
            Bytes();
        }

        return new SftpAttributes(size, mode, modified);
    }

    private ReadOnlyMemory<byte> Take(int count)
    {
        if (count > Body.Length - _at)
        {
            throw new InvalidDataException("an answer that is too short");
        }

        _at += count;
        return Body.Slice(_at - count, count);
    }
}

/// <summary>What a server says about a file.</summary>
internal sealed record SftpAttributes(long Size, uint Mode, DateTimeOffset? Modified)
{
    private const uint KindMask = 0xF000, Folder = 0x4000, Regular = 0x8000;

    internal bool IsFolder => (Mode & KindMask) == Folder;

    internal bool IsRegular => (Mode & KindMask) == Regular;
}

/// <summary>The server said no; draft section 7.</summary>
internal sealed class SftpException(uint code, string text) : Exception(text)
{
    internal const uint Ok = 0;
    internal const uint EndOfFile = 1;
    internal const uint NoSuchFile = 2;
    internal const uint NotSupported = 8;

    /// <summary>The number of the protocol.</summary>
    internal uint Code => code;
}
