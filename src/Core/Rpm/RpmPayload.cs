using System.Globalization;
using System.IO.Compression;
using System.Text;
using DotnetRelease.Storage;

namespace DotnetRelease.Rpm;

/// <summary>
/// The files of a package, one after the other, as the payload stores them: an archive of cpio's "newc" form, or rpm's short form of it, which
/// names files by their place in the header (packages of format 6, and those with files above 4 GiB). Memory is that of the decompressor and one
/// name. What comes out is bounded: a file has exactly the bytes that the header promises, and is there at most once.
/// </summary>
internal sealed class RpmPayload : IDisposable
{
    private const string Trailer = "TRAILER!!!";
    private const int Alignment = 4, LongestName = 4096, HeaderLength = 110, ShortHeaderLength = 14;

    private readonly RpmPackage _package;
    private readonly FileStream _file;
    private readonly Stream _plain;
    private readonly Dictionary<string, int> _places;
    private readonly HashSet<int> _seen = [];

    private HashSet<int>? _earlierLinks;

    /// <summary>Bytes of the archive so far; its parts are aligned.</summary>
    private long _position;

    /// <summary>Bytes of the current file that were not read.</summary>
    private long _rest;

    private RpmPayload(RpmPackage package, FileStream file, Stream plain)
    {
        (_package, _file, _plain) = (package, file, plain);
        _places = new Dictionary<string, int>(package.Files.Length, StringComparer.Ordinal);
        for (var index = 0; index < package.Files.Length; index++)
        {
            if (!_places.TryAdd(package.Files[index].Path, index))
            {
                throw Malformed.Rpm(package.Path, $"it has '{package.Files[index].Path}' twice");
            }
        }
    }

    /// <summary>The file that <see cref="Read"/> reads.</summary>
    public RpmFileEntry File { get; private set; }

    /// <summary>Whether the payload is compressed in a way that this machine can undo.</summary>
    public static bool CanRead(RpmPackage package) => package.PayloadCompressor is "gzip" or "xz" or "zstd";

    /// <summary>Opens the payload of a package that <see cref="CanRead"/> allows.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.FileUnreadable"/>, <see cref="Fault.RpmMalformed"/>, <see cref="Fault.ZstdMissing"/> or <see cref="Fault.XzMissing"/>.</exception>
    public static RpmPayload Open(RpmPackage package)
    {
        var file = RpmReader.Open(package.Path);
        try
        {
            file.Position = package.PayloadOffset;
            return new RpmPayload(package, file, package.PayloadCompressor switch
            {
                "zstd" => Zstd.OpenRead(file),
                "xz" => Xz.OpenRead(file),
                _ => new GZipStream(file, CompressionMode.Decompress),
            });
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Goes to the next file, passing over what was not read of this one.</summary>
    /// <returns>False at the end of the archive.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    public bool MoveNext()
    {
        Span<byte> chunk = stackalloc byte[LongestName];
        while (Read(chunk) > 0)
        {
            // Passed over.
        }

        Align();
        Span<byte> start = stackalloc byte[ShortHeaderLength];
        Fill(start);
        return start[..6].SequenceEqual("07070X"u8) ? MoveTo(Hex(start[6..]))
            : start[..5].SequenceEqual("07070"u8) && start[5] is (byte)'1' or (byte)'2' ? MoveByName(start)
            : throw Malformed.Rpm(_package.Path, $"its payload has no file where one should begin, at byte {_position}");
    }

    /// <summary>Reads bytes of the current file.</summary>
    /// <returns>How many; 0 at its end.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    public int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, _rest);
        Fill(buffer[..count]);
        _rest -= count;
        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plain.Dispose();
        _file.Dispose();
    }

    /// <summary>The short form has no size of its own; of hard links, which share a number, only the last has the content.</summary>
    private bool MoveTo(long index)
    {
        if (index >= _package.Files.Length)
        {
            throw Malformed.Rpm(_package.Path, $"its payload has a file {index}, and its header has {_package.Files.Length}");
        }

        Align();
        Enter((int)index);
        _rest = File.IsRegular && !(_earlierLinks ??= EarlierLinks(_package)).Contains((int)index) ? (long)File.Size : 0;
        return true;
    }

    private bool MoveByName(ReadOnlySpan<byte> start)
    {
        Span<byte> whole = stackalloc byte[HeaderLength];
        start.CopyTo(whole);
        Fill(whole[start.Length..]);
        var (size, length) = (Number(whole, 6), Number(whole, 11));
        if (length is < 1 or > LongestName)
        {
            throw Malformed.Rpm(_package.Path, $"its payload has a name of {length} bytes");
        }

        Span<byte> bytes = stackalloc byte[(int)length];
        Fill(bytes);
        var name = Encoding.UTF8.GetString(bytes).TrimEnd('\0');
        Align();
        if (name is Trailer)
        {
            return false;
        }

        // Names of source packages are bare.
        if (!_places.TryGetValue(name.StartsWith("./", StringComparison.Ordinal) ? name[1..] : name, out var index))
        {
            throw Malformed.Rpm(_package.Path, $"its payload has '{name}', which is not in its header");
        }

        Enter(index);
        var expected = File.IsSymbolicLink ? Encoding.UTF8.GetByteCount(File.LinkTarget) : File.IsRegular ? (long)File.Size : 0;
        if (size is not 0 && size != expected)
        {
            throw Malformed.Rpm(_package.Path, $"'{name}' has {size} bytes in its payload and {expected} in its header");
        }

        _rest = size;
        return true;
    }

    private void Enter(int index)
    {
        if (!_seen.Add(index))
        {
            throw Malformed.Rpm(_package.Path, $"its payload has '{_package.Files[index].Path}' twice");
        }

        File = _package.Files[index];
    }

    /// <summary>Hard links to a file that comes later.</summary>
    private static HashSet<int> EarlierLinks(RpmPackage package)
    {
        var (inodes, devices) = (package.Header.Numbers(RpmTag.FileInodes), package.Header.Numbers(RpmTag.FileDevices));
        var (earlier, last) = (new HashSet<int>(), new HashSet<(ulong, ulong)>());
        for (var index = Math.Min(inodes.Length, package.Files.Length) - 1; index >= 0; index--)
        {
            if (package.Files[index] is { IsRegular: true, IsGhost: false } && !last.Add((inodes[index], index < devices.Length ? devices[index] : 0)))
            {
                earlier.Add(index);
            }
        }

        return earlier;
    }

    private long Number(ReadOnlySpan<byte> header, int at)
    {
        const int magic = 6, digits = 8;
        return Hex(header.Slice(magic + (at * digits), digits));
    }

    private long Hex(ReadOnlySpan<byte> digits) => uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw Malformed.Rpm(_package.Path, $"its payload has no number where one should be, at byte {_position}");

    private void Align()
    {
        Span<byte> padding = stackalloc byte[Alignment];
        Fill(padding[..(int)(-_position & (Alignment - 1))]);
    }

    private void Fill(Span<byte> bytes)
    {
        try
        {
            _plain.ReadExactly(bytes);
            _position += bytes.Length;
        }
        catch (Exception ex) when (ex is InvalidDataException or EndOfStreamException)
        {
            throw Malformed.Rpm(_package.Path, $"its payload cannot be unpacked behind byte {_position}: {(ex is EndOfStreamException ? "it is cut short" : ex.Message)}");
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{_package.Path}' could not be read: {ex.Message}", inner: ex);
        }
    }
}
