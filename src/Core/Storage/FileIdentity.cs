using System.Globalization;
using System.Runtime.InteropServices;

namespace DotnetRelease.Storage;

/// <summary>
/// What the kernel says about a regular file. Two equal identities of one path mean that nobody wrote to it, truncated, renamed or
/// replaced it in between: each of those sets the change time, which no program can set at will.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileIdentity(ulong Device, ulong Inode, long Size, long Modified, long Changed)
{
    /// <summary>
    /// Change times are as coarse as the kernel's tick, or a second on old file systems: a file that changed this recently may change
    /// again without showing it.
    /// </summary>
    private const long CoarsestTick = 2_000_000_000;

    /// <summary>The identity of a regular file, links followed; null for anything else, for nothing, and off Linux.</summary>
    internal static FileIdentity? Of(string path)
    {
        if (!OperatingSystem.IsLinux() || Libc.Status(path) is not { } status || !status.IsRegularFile)
        {
            return null;
        }

        var device = ((ulong)status.DeviceMajor << 32) | status.DeviceMinor;
        return new(device, status.Inode, (long)status.Size, status.Modified.Nanoseconds, status.Changed.Nanoseconds);
    }

    /// <summary>Whether a later change is sure to show.</summary>
    internal bool IsSettledAt(DateTimeOffset now) => now.ToUnixTimeMilliseconds() * 1_000_000 - Changed > CoarsestTick;

    /// <summary>Five numbers in one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Device} {Inode} {Size} {Modified} {Changed}");

    /// <summary>Reads what <see cref="ToString"/> wrote, or nothing.</summary>
    internal static FileIdentity? Parse(string text)
    {
        var parts = text.Split(' ');
        return parts.Length is 5
            && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var device)
            && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && long.TryParse(parts[3], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var modified)
            && long.TryParse(parts[4], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var changed)
            ? new(device, inode, size, modified, changed)
            : null;
    }
}

/// <summary>The answer of statx(2), whose layout is the same on every architecture; that of stat(2) is not.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct FileStatus
{
    internal uint Mask;
    internal uint BlockSize;
    internal ulong Attributes;
    internal uint Links;
    internal uint User;
    internal uint Group;
    internal ushort Mode;
    internal ushort Spare;
    internal ulong Inode;
    internal ulong Size;
    internal ulong Blocks;
    internal ulong AttributesMask;
    internal FileTime Accessed;
    internal FileTime Born;
    internal FileTime Changed;
    internal FileTime Modified;
    internal uint SpecialMajor;
    internal uint SpecialMinor;
    internal uint DeviceMajor;
    internal uint DeviceMinor;

    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    internal readonly bool IsRegularFile => (Mode & TypeMask) == RegularFile;
}

/// <summary>A time of statx(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileTime
{
    internal long Seconds;
    internal uint Rest;
    internal int Spare;

    internal readonly long Nanoseconds => unchecked((Seconds * 1_000_000_000) + Rest);
}
