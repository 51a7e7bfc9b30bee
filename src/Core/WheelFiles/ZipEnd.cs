using System.Runtime.InteropServices;

namespace DotnetRelease.WheelFiles;

/// <summary>Where the directory of an archive lies, as its end record says (APPNOTE 4.3.14 to 4.3.16).</summary>
/// <param name="Offset">First byte of the directory.</param>
/// <param name="Size">Bytes of the directory.</param>
/// <param name="Count">Entries in it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ZipEnd(long Offset, long Size, long Count)
{
    private const uint LocatorSignature = 0x07064b50, End64Signature = 0x06064b50;
    private const int EndSize = 22, LocatorSize = 20, End64Size = 56, LongestComment = ushort.MaxValue;

    /// <summary>Reads it. The end of the file can be read in one way only, else it is refused: readers that search differently would see different archives.</summary>
    public static ZipEnd Read(ZipBytes bytes)
    {
        var tailSize = (int)Math.Min(bytes.Length, EndSize + LongestComment);
        var tail = bytes.Read(bytes.Length - tailSize, tailSize, "its end");
        var at = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (at < 0 || at + EndSize > tailSize)
        {
            throw bytes.Refuse("it has no end record of a ZIP archive");
        }

        var record = tail.AsSpan(at);
        if (ZipBytes.Short(record, 20) != record.Length - EndSize)
        {
            throw bytes.Refuse("something follows its end record that is no comment of it");
        }

        var position = bytes.Length - record.Length;
        var end = OfRecord(record, bytes);
        var after = position;
        if (position >= LocatorSize && bytes.Read(position - LocatorSize, LocatorSize, "its locator") is var locator && ZipBytes.Int(locator, 0) == LocatorSignature)
        {
            (end, after) = Of64(bytes, locator, (position, end));
        }
        else if (ZipBytes.Short(record, 10) is ushort.MaxValue || ZipBytes.Int(record, 12) is uint.MaxValue || ZipBytes.Int(record, 16) is uint.MaxValue)
        {
            throw bytes.Refuse("its end record asks for a ZIP64 record, and there is none");
        }

        // Nothing lies between directory and end, so nobody finds another directory there.
        return end.Offset >= 0 && end.Size >= 0 && end.Offset <= after && end.Size == after - end.Offset
            ? end
            : throw bytes.Refuse($"its directory should be the {end.Size} bytes at {end.Offset}, but it has to end at {after}");
    }

    private static ZipEnd OfRecord(ReadOnlySpan<byte> record, ZipBytes bytes)
    {
        var (disk, directoryDisk, here) = (ZipBytes.Short(record, 4), ZipBytes.Short(record, 6), ZipBytes.Short(record, 8));
        var count = ZipBytes.Short(record, 10);
        return disk is 0 && directoryDisk is 0 && here == count
            ? new ZipEnd(ZipBytes.Int(record, 16), ZipBytes.Int(record, 12), count)
            : throw bytes.Refuse("it is one part of an archive of several");
    }

    private static (ZipEnd End, long Position) Of64(ZipBytes bytes, ReadOnlySpan<byte> locator, (long Position, ZipEnd Old) end)
    {
        var position = ZipBytes.Long(locator, 8);
        if (ZipBytes.Int(locator, 4) is not 0 || ZipBytes.Int(locator, 16) is not (0 or 1) || position != end.Position - LocatorSize - End64Size)
        {
            throw bytes.Refuse("its ZIP64 locator does not point to the record before it");
        }

        var record = bytes.Read(position, End64Size, "its ZIP64 record");
        if (ZipBytes.Int(record, 0) != End64Signature || ZipBytes.Long(record, 4) != End64Size - 12
            || ZipBytes.Int(record, 16) is not 0 || ZipBytes.Int(record, 20) is not 0 || ZipBytes.Long(record, 24) != ZipBytes.Long(record, 32))
        {
            throw bytes.Refuse("its ZIP64 record is malformed");
        }

        var large = new ZipEnd(ZipBytes.Long(record, 48), ZipBytes.Long(record, 40), ZipBytes.Long(record, 32));
        var old = end.Old;
        return Agree(old.Count, large.Count, ushort.MaxValue) && Agree(old.Size, large.Size, uint.MaxValue) && Agree(old.Offset, large.Offset, uint.MaxValue)
            ? (large, position)
            : throw bytes.Refuse("its end record and its ZIP64 record contradict each other");
    }

    private static bool Agree(long old, long large, long unsaid) => old == large || old == unsaid;
}
