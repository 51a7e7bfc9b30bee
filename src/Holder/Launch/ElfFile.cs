using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.Holder.Launch;

/// <summary>
/// The smallest program file of elf(5): a header, data at addresses that are known while it is written, and code. It needs no loader and
/// no library, so it runs in an image that has neither.
/// </summary>
internal sealed class ElfFile
{
    private const int HeaderSize = 64;
    private const int SegmentSize = 56;
    private const int DataStart = HeaderSize + (2 * SegmentSize);
    private const int Alignment = 8;

    /// <summary>Above what the kernel refuses to map, and a multiple of every page size.</summary>
    private const ulong CodeBase = 0x1000_0000;
    private const ulong DataBase = 0x2000_0000;
    private const ulong PageSize = 0x1_0000;

    private const uint Execute = 1;
    private const uint Write = 2;
    private const uint Read = 4;

    private byte[] _bytes = new byte[4096];
    private int _length = DataStart;

    /// <summary>Adds data and returns its address; it may be written while the program runs.</summary>
    internal ulong AddBytes(ReadOnlySpan<byte> bytes)
    {
        var start = _length;
        _length += (bytes.Length + Alignment - 1) / Alignment * Alignment;
        if (_bytes.Length < _length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length));
        }

        bytes.CopyTo(_bytes.AsSpan(start));
        return DataBase + (ulong)start;
    }

    /// <summary>A text that ends with a zero byte.</summary>
    internal ulong AddText(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return AddBytes(bytes);
    }

    /// <summary>Numbers of 32 bits.</summary>
    internal ulong AddInts(params int[] numbers)
    {
        var bytes = new byte[numbers.Length * sizeof(int)];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), numbers[i]);
        }

        return AddBytes(bytes);
    }

    /// <summary>Numbers of 64 bits, addresses for example.</summary>
    internal ulong AddLongs(params ulong[] numbers)
    {
        var bytes = new byte[numbers.Length * sizeof(ulong)];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), numbers[i]);
        }

        return AddBytes(bytes);
    }

    /// <summary>A vector of texts that ends with a null pointer, as execve(2) wants it.</summary>
    internal ulong AddTexts(ImmutableArray<string> texts)
    {
        // Queries over numbers of 64 bits are compiled anew in each run, and each container waits for that.
        var addresses = new ulong[texts.Length + 1];
        for (var i = 0; i < texts.Length; i++)
        {
            addresses[i] = AddText(texts[i]);
        }

        return AddLongs(addresses);
    }

    /// <summary>The whole file, which starts with the first instruction.</summary>
    internal byte[] Finish(MachineCode code)
    {
        var dataLength = _length;
        AddBytes(code.Bytes);
        var file = _bytes[.._length];
        WriteHeader(file, code.ElfMachine, CodeBase + (ulong)dataLength);
        new Segment(CodeBase, dataLength, file.Length - dataLength).WriteTo(file.AsSpan(HeaderSize), Read | Execute);
        new Segment(DataBase, 0, dataLength).WriteTo(file.AsSpan(HeaderSize + SegmentSize), Read | Write);
        return file;
    }

    private static void WriteHeader(Span<byte> file, ushort machine, ulong entry)
    {
        // 64 bits, little-endian, version 1.
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file[16..], 2); // e_type: executable
        BinaryPrimitives.WriteUInt16LittleEndian(file[18..], machine);
        BinaryPrimitives.WriteUInt32LittleEndian(file[20..], 1); // e_version
        BinaryPrimitives.WriteUInt64LittleEndian(file[24..], entry);
        BinaryPrimitives.WriteUInt64LittleEndian(file[32..], HeaderSize); // e_phoff
        BinaryPrimitives.WriteUInt16LittleEndian(file[52..], HeaderSize); // e_ehsize
        BinaryPrimitives.WriteUInt16LittleEndian(file[54..], SegmentSize); // e_phentsize
        BinaryPrimitives.WriteUInt16LittleEndian(file[56..], 2); // e_phnum
    }

    /// <summary>A part of the file that is mapped at its own offset above a base.</summary>
    private sealed record Segment(ulong Base, int Offset, int Length)
    {
        internal void WriteTo(Span<byte> header, uint rights)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header, 1); // p_type: load
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], rights);
            BinaryPrimitives.WriteUInt64LittleEndian(header[8..], (ulong)Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(header[16..], Base + (ulong)Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Base + (ulong)Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)Length);
            BinaryPrimitives.WriteUInt64LittleEndian(header[40..], (ulong)Length);
            BinaryPrimitives.WriteUInt64LittleEndian(header[48..], PageSize);
        }
    }
}
