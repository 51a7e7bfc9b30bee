using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>Makes wheels byte by byte, so that a test can make any of them wrong.</summary>
public sealed class WheelBytes
{
    private const string Info = "greeter-1.0.dist-info";
    private readonly string _info = Info;
    private readonly List<byte> _file = [];
    private readonly List<byte> _directory = [];
    private readonly StringBuilder _record = new();
    private int _count;

    /// <summary>A wheel of greeter 1.0.</summary>
    public WheelBytes()
    {
    }

    /// <summary>A wheel with another folder for what it says about itself, <c>name-version.dist-info</c>, and with that text in METADATA.</summary>
    public WheelBytes(string info, string metadata, bool isPure)
    {
        _info = info;
        Add($"{info}/METADATA", metadata);
        Add($"{info}/WHEEL", $"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: {(isPure ? "true" : "false")}\n");
    }

    /// <summary>A member in the archive and, unless it is told otherwise, in RECORD.</summary>
    public WheelBytes Add(string name, string content, Member? how = null)
    {
        return Add(name, Encoding.UTF8.GetBytes(content), how);
    }

    /// <summary>The same with content that is no text.</summary>
    public WheelBytes Add(string name, byte[] bytes, Member? how = null)
    {
        how ??= new Member();
        if (how.InRecord)
        {
            _record.Append(name).Append(",sha256=").Append(Convert.ToBase64String(SHA256.HashData(bytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_')).Append(',').Append(bytes.Length).Append('\n');
        }

        Write(Encoding.UTF8.GetBytes(name), bytes, how);
        return this;
    }

    /// <summary>A line of RECORD as it is.</summary>
    public WheelBytes Record(string line)
    {
        _record.Append(line).Append('\n');
        return this;
    }

    /// <summary>The usual content: a module and the wheel's own files.</summary>
    public static WheelBytes Greeter() => new WheelBytes()
        .Add("greeter.py", "print('hello')\n")
        .Add($"{Info}/METADATA", "Metadata-Version: 2.1\nName: greeter\nVersion: 1.0\n")
        .Add($"{Info}/WHEEL", "Wheel-Version: 1.0\n");

    /// <summary>The whole file.</summary>
    public byte[] Build(End? end = null)
    {
        _record.Append($"{_info}/RECORD,,\n");
        Write(Encoding.UTF8.GetBytes($"{_info}/RECORD"), Encoding.UTF8.GetBytes(_record.ToString()), new Member());
        end ??= new End();
        _file.AddRange(end.BeforeDirectory);
        var offset = _file.Count;
        _file.AddRange(_directory);
        _file.AddRange(end.BeforeEnd);
        Span<byte> record = stackalloc byte[22];
        "PK\u0005\u0006"u8.CopyTo(record);
        BinaryPrimitives.WriteUInt16LittleEndian(record[8..], (ushort)(_count + end.MoreCount));
        BinaryPrimitives.WriteUInt16LittleEndian(record[10..], (ushort)(_count + end.MoreCount));
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], end.Size ?? (uint)_directory.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(record[16..], (uint)(offset + end.OffsetError));
        BinaryPrimitives.WriteUInt16LittleEndian(record[20..], (ushort)end.Comment.Length);
        _file.AddRange(record);
        _file.AddRange(end.Comment);
        _file.AddRange(end.After);
        return [.. end.Prefix, .. _file];
    }

    private void Write(byte[] name, byte[] content, Member how)
    {
        var packed = how.IsDeflated ? Deflate(content) : content;
        var crc = Crc32.HashToUInt32(content) + how.CrcError;
        var offset = how.Offset ?? (uint)_file.Count;
        var header = new byte[30];
        "PK\u0003\u0004"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), how.Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), how.Method ?? (ushort)(how.IsDeflated ? 8 : 0));
        Numbers(header.AsSpan(14), crc, packed.Length, content.Length);
        var local = how.LocalName is { } other ? Encoding.UTF8.GetBytes(other) : name;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(26), (ushort)local.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), (ushort)how.LocalExtra.Length);
        _file.AddRange([.. header, .. local, .. how.LocalExtra, .. packed, .. how.After]);

        var entry = new byte[46];
        "PK\u0001\u0002"u8.CopyTo(entry);
        entry[5] = 3;
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(8), how.Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(10), how.Method ?? (ushort)(how.IsDeflated ? 8 : 0));
        Numbers(entry.AsSpan(16), crc, packed.Length, content.Length + how.SizeError);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(28), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(30), (ushort)how.Extra.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(38), (uint)how.Mode << 16);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(42), offset);
        _directory.AddRange([.. entry, .. name, .. how.Extra]);
        _count++;
    }

    private static void Numbers(Span<byte> at, uint crc, int packed, int size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(at, crc);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], (uint)packed);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], (uint)size);
    }

    private static byte[] Deflate(byte[] content)
    {
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal))
        {
            deflate.Write(content);
        }

        return packed.ToArray();
    }

    /// <summary>How a member is written.</summary>
    public sealed record Member
    {
        public bool InRecord { get; init; } = true;

        public bool IsDeflated { get; init; } = true;

        public ushort Flags { get; init; }

        public ushort? Method { get; init; }

        public int Mode { get; init; } = 0x81A4;

        public uint? Offset { get; init; }

        public uint CrcError { get; init; }

        public int SizeError { get; init; }

        public string? LocalName { get; init; }

        public byte[] Extra { get; init; } = [];

        public byte[] LocalExtra { get; init; } = [];

        public byte[] After { get; init; } = [];
    }

    /// <summary>How the end is written.</summary>
    public sealed record End
    {
        public byte[] Prefix { get; init; } = [];

        public byte[] BeforeDirectory { get; init; } = [];

        public byte[] BeforeEnd { get; init; } = [];

        public byte[] Comment { get; init; } = [];

        public byte[] After { get; init; } = [];

        public int MoreCount { get; init; }

        public uint? Size { get; init; }

        public int OffsetError { get; init; }
    }
}
