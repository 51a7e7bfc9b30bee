using System.Buffers.Text;
using System.Text;

namespace DotnetRelease.Images;

/// <summary>
/// Reads the tar of an archive of images: files and links with their names, in the ustar, pax and GNU forms. No name becomes a path on this
/// machine, and yet those that would leave a folder are refused: no tool for images writes them, so the archive is somebody's trick.
/// </summary>
internal sealed class ArchiveTar(ArchiveBytes bytes)
{
    private const int BlockSize = 512;
    private const int LargestExtension = 64 * 1024;
    private const int LongestName = 1024;

    /// <summary>An image of 1000 layers in docker's old form has 4000.</summary>
    private const int EntryLimit = 16 * 1024;

    private readonly byte[] _block = new byte[BlockSize];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _entries;
    private long _padding;
    private long _content;
    private byte[] _start = [];
    private int _startGiven;

    /// <summary>The next file or link; null at the end, which has to be marked.</summary>
    internal ArchiveEntry? Next()
    {
        var longer = new Extension(null, null, null);
        while (true)
        {
            Leave();
            if (!ReadHeader())
            {
                return null;
            }

            if (++_entries > EntryLimit)
            {
                throw bytes.Malformed($"it has more than {EntryLimit} entries");
            }

            var type = (char)_block[156];
            Enter(Size());
            switch (type)
            {
                case 'x':
                    longer = Pax(ReadExtension(), longer);
                    break;
                case 'L':
                    longer = longer with { Name = Text(UpToNul(ReadExtension())) };
                    break;
                case 'K':
                    longer = longer with { Link = Text(UpToNul(ReadExtension())) };
                    break;
                case 'g':
                    _ = ReadExtension();
                    break;
                default:
                    if (Entry(type, longer) is { } entry)
                    {
                        return entry;
                    }

                    longer = new(null, null, null);
                    break;
            }
        }
    }

    /// <summary>The content of the entry that was read last, as a stream of exactly its size.</summary>
    internal Stream Content() => new EntryStream(this);

    private int ReadContent(Span<byte> buffer)
    {
        var room = (int)Math.Min(buffer.Length, _content);
        if (room is 0)
        {
            return 0;
        }

        var count = Math.Min(room, _start.Length - _startGiven);
        if (count > 0)
        {
            _start.AsSpan(_startGiven, count).CopyTo(buffer);
            _startGiven += count;
        }
        else
        {
            count = bytes.Read(buffer[..room]);
        }

        _content -= count;
        return count > 0 ? count : throw CutShort();
    }

    private ArchiveEntry? Entry(char type, Extension longer)
    {
        var name = longer.Name ?? Text(HeaderName());
        var isFile = type is '0' or '\0' or '7' && !name.EndsWith('/');
        Enter(isFile ? longer.Size ?? _content : 0);
        if (type is '5' || name.EndsWith('/'))
        {
            return null;
        }

        if (!isFile && type is not ('1' or '2'))
        {
            throw bytes.Malformed($"'{Printable.Of(name)}' is neither a file nor a folder nor a link (tar type '{Printable.Of(type.ToString())}')");
        }

        var clean = Clean(name, "the name");
        if (!_names.Add(clean))
        {
            throw bytes.Malformed($"'{Printable.Of(clean)}' is in it twice");
        }

        if (isFile)
        {
            return new ArchiveEntry(clean, _content) { Start = PeekStart() };
        }

        var link = longer.Link ?? Text(UpToNul(_block.AsSpan(157, 100)));
        return new ArchiveEntry(clean, 0) { Target = type is '1' ? Clean(link, "the link") : Resolve(clean, link) };
    }

    /// <summary>A name without <c>./</c> and <c>//</c>.</summary>
    private string Clean(string name, string what)
    {
        var parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part is not ".").ToArray();
        return parts.Length > 0 && name.Length <= LongestName && name[0] is not '/' && !parts.Contains("..") && !name.AsSpan().ContainsAnyInRange('\0', '\x1f')
            ? string.Join('/', parts)
            : throw bytes.Malformed($"{what} '{Printable.Of(name)}' is not one of a file inside the archive");
    }

    /// <summary>Where a symbolic link points, as a name of the archive.</summary>
    private string Resolve(string from, string link)
    {
        var parts = new List<string>(from.Split('/')[..^1]);
        foreach (var part in link.Split('/'))
        {
            if (link.StartsWith('/') || (part is ".." && parts.Count is 0))
            {
                throw bytes.Malformed($"the link '{Printable.Of(from)}' leads to '{Printable.Of(link)}', out of the archive");
            }

            if (part is "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return Clean(string.Join('/', parts), "the link");
    }

    private byte[] PeekStart()
    {
        const int enough = 16;
        var start = new byte[Math.Min(enough, _content)];
        for (var at = 0; at < start.Length;)
        {
            var count = bytes.Read(start.AsSpan(at));
            at += count > 0 ? count : throw CutShort();
        }

        (_start, _startGiven) = (start, 0);
        return start;
    }

    private void Enter(long size)
    {
        _content = size;
        _padding = -size & (BlockSize - 1);
        (_start, _startGiven) = ([], 0);
    }

    private void Leave()
    {
        var rest = _content - (_start.Length - _startGiven) + _padding;
        Enter(0);
        if (rest > 0 && !bytes.Skip(rest))
        {
            throw CutShort();
        }
    }

    /// <summary>False at the end mark, a block of zeros. A file that just ends was cut.</summary>
    private bool ReadHeader()
    {
        for (var have = 0; have < BlockSize;)
        {
            var count = bytes.Read(_block.AsSpan(have));
            have += count > 0 ? count : throw CutShort();
        }

        if (!_block.AsSpan().ContainsAnyExcept((byte)0))
        {
            return false;
        }

        long sum = 0;
        for (var at = 0; at < BlockSize; at++)
        {
            sum += at is >= 148 and < 156 ? ' ' : _block[at];
        }

        return Octal(_block.AsSpan(148, 8)) == sum ? true : throw bytes.Malformed("it is no tar, or a damaged one: a header has a wrong checksum");
    }

    private ReadOnlySpan<byte> HeaderName()
    {
        var name = UpToNul(_block.AsSpan(0, 100));
        var prefix = _block.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? UpToNul(_block.AsSpan(345, 155)) : [];
        return prefix.IsEmpty ? name : (byte[])[.. prefix, (byte)'/', .. name];
    }

    private long Size()
    {
        var field = _block.AsSpan(124, 12);
        var size = field[0] is 0x80 ? Big(field[1..]) : Octal(field);
        return size is >= 0 and <= Descriptor.SizeLimit ? size : throw bytes.Malformed($"an entry has {size} bytes; at most {Descriptor.SizeLimit} are read");
    }

    private static long Big(ReadOnlySpan<byte> field)
    {
        long number = 0;
        foreach (var digit in field)
        {
            number = number > Descriptor.SizeLimit ? number : (number << 8) | digit;
        }

        return number;
    }

    /// <summary>-1 for what is no number.</summary>
    private static long Octal(ReadOnlySpan<byte> field)
    {
        long number = 0;
        foreach (var digit in UpToNul(field).Trim((byte)' '))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return -1;
            }

            number = (number << 3) + digit - '0';
        }

        return number;
    }

    private byte[] ReadExtension()
    {
        if (_content > LargestExtension)
        {
            throw bytes.Malformed($"it has an extended header of {_content} bytes");
        }

        var extension = new byte[_content];
        for (var at = 0; at < extension.Length;)
        {
            at += ReadContent(extension.AsSpan(at));
        }

        return extension;
    }

    private Extension Pax(ReadOnlySpan<byte> records, Extension longer)
    {
        while (!records.IsEmpty)
        {
            if (!Utf8Parser.TryParse(records, out int length, out var digits) || length <= digits + 1 || length > records.Length || records[digits] is not (byte)' ')
            {
                throw bytes.Malformed("it has an extended header with a wrong length");
            }

            var record = records[(digits + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals > 0)
            {
                longer = With(longer, Text(record[..equals]), record[(equals + 1)..]);
            }

            records = records[length..];
        }

        return longer;
    }

    private Extension With(Extension longer, string key, ReadOnlySpan<byte> value) => key switch
    {
        "path" => longer with { Name = Text(value) },
        "linkpath" => longer with { Link = Text(value) },
        "size" => Utf8Parser.TryParse(value, out long size, out var used) && used == value.Length && size is >= 0 and <= Descriptor.SizeLimit
            ? longer with { Size = size }
            : throw bytes.Malformed("it has an extended header with a size that is none"),
        _ when key.StartsWith("GNU.sparse.", StringComparison.Ordinal) => throw bytes.Malformed("it has a sparse file"),
        _ => longer,
    };

    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;

    private string Text(ReadOnlySpan<byte> utf8) =>
        System.Text.Unicode.Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw bytes.Malformed("a name in it is not UTF-8");

    private ReleaseException CutShort() => bytes.Malformed("it is cut short: it ends without the two blocks of zeros of a tar");

    private sealed record Extension(string? Name, string? Link, long? Size);

    private sealed class EntryStream(ArchiveTar tar) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer) => tar.ReadContent(buffer);

        public override int Read(byte[] buffer, int offset, int count) => tar.ReadContent(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(tar.ReadContent(buffer.Span));

        public override void Flush()
        {
            // Nothing is written.
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
