using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.WheelFiles;

/// <summary>
/// The members of a ZIP archive (APPNOTE 6.3), read so that there is one way to read them: directory and local headers agree, the members
/// fill the file from its first byte to the directory without a gap, and no name can be understood in two ways.
/// </summary>
internal static class ZipDirectory
{
    private const uint EntrySignature = 0x02014b50;
    private const int EntrySize = 46;
    private const int MostEntries = 200_000;
    private const int LargestDirectory = 64 * 1024 * 1024;
    private const int Stored = 0, Deflated = 8;
    private const int Encrypted = 1, Patched = 1 << 5, StrongEncryption = 1 << 6, Utf8Name = 1 << 11, Masked = 1 << 13;
    private const int Unix = 3, TypeMask = 0xF000, Folder = 0x4000, Regular = 0x8000;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the directory and every local header.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelRefused"/>.</exception>
    public static ImmutableArray<ZipEntry> Read(ZipBytes bytes)
    {
        var end = ZipEnd.Read(bytes);
        if (end.Count > MostEntries || end.Size > LargestDirectory)
        {
            throw bytes.Refuse($"it has {end.Count} members in a directory of {end.Size} bytes; at most {MostEntries} in {LargestDirectory} are read");
        }

        var directory = bytes.Read(end.Offset, (int)end.Size, "its directory");
        var found = new List<ZipHeader>((int)end.Count);
        var rest = directory.AsSpan();
        while (found.Count < end.Count)
        {
            var (header, size) = ReadOne(rest, bytes);
            found.Add(header);
            rest = rest[size..];
        }

        if (!rest.IsEmpty)
        {
            throw bytes.Refuse($"its directory has {rest.Length} bytes more than its {end.Count} members need");
        }

        var entries = ImmutableArray.CreateBuilder<ZipEntry>(found.Count);
        var next = 0L;
        foreach (var header in found.OrderBy(header => header.Offset))
        {
            next = header.ReadLocal(bytes, next, end.Offset, out var entry);
            entries.Add(entry);
        }

        return next == end.Offset ? entries.MoveToImmutable() : throw bytes.Refuse($"nobody owns the bytes {next} to {end.Offset}");
    }

    private static (ZipHeader Header, int Size) ReadOne(ReadOnlySpan<byte> rest, ZipBytes bytes)
    {
        if (rest.Length < EntrySize || ZipBytes.Int(rest, 0) != EntrySignature)
        {
            throw bytes.Refuse("its directory has fewer members than its end record says");
        }

        var (nameSize, extraSize, commentSize) = (ZipBytes.Short(rest, 28), ZipBytes.Short(rest, 30), ZipBytes.Short(rest, 32));
        var size = EntrySize + nameSize + extraSize + commentSize;
        if (rest.Length < size)
        {
            throw bytes.Refuse("a member of its directory is longer than the directory");
        }

        var flags = ZipBytes.Short(rest, 8);
        var name = Name(rest.Slice(EntrySize, nameSize), flags, bytes);
        var method = ZipBytes.Short(rest, 10);
        if ((flags & (Encrypted | Patched | StrongEncryption | Masked)) is not 0 || method is not (Stored or Deflated))
        {
            throw bytes.Refuse($"its member '{name}' is encrypted or compressed by another method than deflate");
        }

        RefuseSpecial(rest, name, bytes);
        var sizes = new ZipSizes(ZipBytes.Int(rest, 24), ZipBytes.Int(rest, 20), ZipBytes.Int(rest, 42)).With64(rest.Slice(EntrySize + nameSize, extraSize), name, bytes);
        return ZipBytes.Short(rest, 34) is 0
            ? (new ZipHeader(name, rest.Slice(EntrySize, nameSize).ToArray(), sizes) { Flags = flags, Method = method, Crc = ZipBytes.Int(rest, 16) }, size)
            : throw bytes.Refuse($"its member '{name}' is said to be in another archive");
    }

    private static string Name(ReadOnlySpan<byte> raw, int flags, ZipBytes bytes)
    {
        string name;
        try
        {
            name = StrictUtf8.GetString(raw);
        }
        catch (DecoderFallbackException)
        {
            throw bytes.Refuse($"the name of a member is not UTF-8: {Convert.ToHexStringLower(raw[..Math.Min(raw.Length, 32)])}");
        }

        if ((flags & Utf8Name) is 0 && !Ascii.IsValid(raw))
        {
            throw bytes.Refuse($"the name '{MemberName.Show(name)}' is not said to be UTF-8, so readers differ on what it is");
        }

        return MemberName.Refuse(name) is { } why ? throw bytes.Refuse($"the member '{MemberName.Show(name)}' {why}") : name;
    }

    /// <summary>A link or a device has no business in a wheel.</summary>
    private static void RefuseSpecial(ReadOnlySpan<byte> entry, string name, ZipBytes bytes)
    {
        var type = (int)(ZipBytes.Int(entry, 38) >> 16) & TypeMask;
        if (entry[5] is Unix && type is not 0 && type != (name.EndsWith('/') ? Folder : Regular))
        {
            throw bytes.Refuse($"its member '{name}' is neither a file nor a folder (type {Convert.ToString(type, 8)})");
        }
    }
}
