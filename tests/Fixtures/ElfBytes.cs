using System.Buffers.Binary;
using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>Shared libraries of elf(5) that say what a test wants and hold no code.</summary>
public static class ElfBytes
{
    private const int Header = 64, Segment = 56, Dynamic = Header + (2 * Segment), Strings = Dynamic + 64;

    /// <summary>Writes one for a machine, with a DT_RUNPATH or without, and gives its path.</summary>
    public static string Write(string folder, int machine, string? libraryPath)
    {
        var path = Path.Combine(folder, "library.so");
        File.WriteAllBytes(path, Of(machine, libraryPath));
        return path;
    }

    /// <summary>64 bits wide, little end first.</summary>
    public static byte[] Of(int machine, string? libraryPath)
    {
        var text = Encoding.UTF8.GetBytes('\0' + (libraryPath ?? "") + '\0');
        var bytes = new byte[Strings + text.Length];
        "\u007fELF\x02\x01\x01"u8.CopyTo(bytes);
        Put16(bytes, 16, 3);
        Put16(bytes, 18, machine);
        Put64(bytes, 32, Header);
        Put16(bytes, 52, Header);
        Put16(bytes, 54, Segment);
        Put16(bytes, 56, 2);

        // One segment with all of the file, at an address that is not its offset, and the dynamic one in it.
        const int address = 0x10000;
        PutSegment(bytes, 0, 1, (0, address, bytes.Length));
        PutSegment(bytes, 1, 2, (Dynamic, address + Dynamic, 64));
        Put64(bytes, Dynamic, 5);
        Put64(bytes, Dynamic + 8, address + Strings);
        Put64(bytes, Dynamic + 16, libraryPath is null ? 0 : 29);
        Put64(bytes, Dynamic + 24, 1);
        text.CopyTo(bytes, Strings);
        return bytes;
    }

    private static void PutSegment(byte[] bytes, int index, int type, (long Offset, long Address, long Length) place)
    {
        var at = Header + (index * Segment);
        Put16(bytes, at, type);
        Put64(bytes, at + 8, place.Offset);
        Put64(bytes, at + 16, place.Address);
        Put64(bytes, at + 32, place.Length);
    }

    private static void Put16(byte[] bytes, int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);

    private static void Put64(byte[] bytes, int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
}
