namespace DotnetRelease.Holder.Layers;

/// <summary>
/// Reads a tar archive in the ustar, pax and GNU forms. Stricter than most: every header has its checksum, every extension a size
/// limit, names are bytes, and unknown types are refused. Formats: POSIX.1-2017 pax, "Extended Header" and "ustar
/// Interchange Format"; GNU tar manual, "Basic Tar Format" and "Storing Sparse Files".
/// </summary>
internal sealed class TarReader(LayerStream source)
{
    internal const int BlockSize = 512;

    private const int LargestExtension = 1024 * 1024;

    /// <summary>Honest programs write at most one of each kind.</summary>
    private const int MostExtensions = 8;

    private const char OldSparse = 'S';

    private readonly byte[] _block = new byte[BlockSize];
    private long _content;
    private int _padding;

    /// <summary>The next entry, or null at the end of the archive.</summary>
    internal TarEntry? Next()
    {
        var extended = new PaxRecords();
        byte[]? longName = null;
        byte[]? longLink = null;
        for (var headers = 0; ; headers++)
        {
            if (headers > MostExtensions)
            {
                throw Malformed($"has more than {MostExtensions} extended headers for one entry");
            }

            SkipContent();
            if (!ReadHeader())
            {
                return null;
            }

            var header = new TarHeader(_block);
            var type = header.Type;
            _content = header.Size;
            _padding = Padding(_content);
            switch (type)
            {
                case 'x':
                    extended = PaxRecords.Parse(ReadExtension());
                    break;
                case 'g' or 'V':
                    // Global records carry a comment (git archive) or nothing we use; 'V' names the volume.
                    break;
                case 'L':
                    longName = ReadText();
                    break;
                case 'K':
                    longLink = ReadText();
                    break;
                default:
                    return Finish(header, extended, (longName, longLink));
            }
        }
    }

    /// <summary>The next part of the current entry's content, at most so many bytes; empty at its end.</summary>
    internal ReadOnlySpan<byte> ReadContent(long most = long.MaxValue)
    {
        if (_content is 0)
        {
            return [];
        }

        var part = source.Read(Math.Min(most, _content));
        if (part.IsEmpty)
        {
            throw Malformed("ends inside a file");
        }

        _content -= part.Length;
        return part;
    }

    private TarEntry Finish(TarHeader header, PaxRecords extended, (byte[]? Name, byte[]? Link) longer)
    {
        if ((extended.Path is not null && longer.Name is not null) || (extended.LinkPath is not null && longer.Link is not null))
        {
            // Readers differ in which they believe.
            throw Malformed($"has an entry with two long names, '{TarEntry.Show(longer.Name ?? longer.Link)}' and '{TarEntry.Show(extended.Path ?? extended.LinkPath)}'");
        }

        var name = extended.Sparse?.Name ?? extended.Path ?? longer.Name ?? header.Name;
        var type = header.Type is '\0' or '7' or OldSparse ? '0' : header.Type;
        if (type is '0' && name is [.., (byte)'/'])
        {
            // Before ustar a trailing slash was how a folder was marked.
            type = '5';
        }

        if (type is not (>= '0' and <= '6'))
        {
            throw Malformed($"has an entry of a kind that is not supported, '{TarEntry.Show(name)}' (type '{TarEntry.Show([(byte)type])}')");
        }

        // Only a file has content, whatever the size field of the others says.
        _content = type is '0' ? extended.Size ?? header.Size : 0;
        _padding = Padding(_content);
        var entry = new TarEntry
        {
            Type = type,
            Name = name,
            LinkName = extended.LinkPath ?? longer.Link ?? header.LinkName,
            Size = _content,
            Mode = header.Mode,
            User = extended.User ?? header.User,
            Group = extended.Group ?? header.Group,
            Modified = extended.Modified?.Seconds ?? header.Modified,
            ModifiedNanoseconds = extended.Modified?.Nanoseconds ?? 0,
            Attributes = extended.Attributes,
        };

        // Last, because the blocks of the map take the place of the header's.
        return ReadSparse(header, extended, type) is { } map ? entry with { Sparse = map, Size = _content } : entry;
    }

    private SparseMap? ReadSparse(TarHeader header, PaxRecords extended, char type)
    {
        if (extended.Sparse is null && header.Type is not OldSparse)
        {
            return null;
        }

        if (type is not '0' || (extended.Sparse is not null && header.Type is OldSparse))
        {
            throw SparseMap.Wrong();
        }

        if (extended.Sparse is null)
        {
            // The blocks of the map are not part of the content.
            return SparseMap.ReadOld(_block.ToArray(), _content, () => ReadBlock() ? _block : throw SparseMap.Wrong());
        }

        return extended.Sparse.Map(_content, ReadContentBlock);
    }

    private ReadOnlySpan<byte> ReadContentBlock()
    {
        for (var have = 0; have < BlockSize;)
        {
            var part = ReadContent(BlockSize - have);
            if (part.IsEmpty)
            {
                throw SparseMap.Wrong();
            }

            part.CopyTo(_block.AsSpan(have));
            have += part.Length;
        }

        return _block;
    }

    /// <summary>False at the end of the archive: blocks of zeros, or no more bytes. Whether the archive is whole is what its digest proves.</summary>
    private bool ReadHeader()
    {
        if (!ReadBlock())
        {
            return false;
        }

        if (_block.AsSpan().ContainsAnyExcept((byte)0))
        {
            return true;
        }

        // Readers differ in whether one such block is an end.
        return ReadBlock() && _block.AsSpan().ContainsAnyExcept((byte)0) ? throw Malformed("goes on behind a block of zeros") : false;
    }

    /// <summary>False: there are no more bytes.</summary>
    private bool ReadBlock()
    {
        for (var have = 0; have < BlockSize;)
        {
            var part = source.Read(BlockSize - have);
            if (part.IsEmpty)
            {
                return have is 0 ? false : throw Malformed("ends inside a header");
            }

            part.CopyTo(_block.AsSpan(have));
            have += part.Length;
        }

        return true;
    }

    private byte[] ReadExtension()
    {
        if (_content > LargestExtension)
        {
            throw Malformed($"has an extended header of {_content} bytes");
        }

        var bytes = new byte[_content];
        for (var at = 0; at < bytes.Length;)
        {
            var part = ReadContent();
            part.CopyTo(bytes.AsSpan(at));
            at += part.Length;
        }

        return bytes;
    }

    private byte[] ReadText() => TarHeader.UpToNul(ReadExtension()).ToArray();

    private void SkipContent()
    {
        while (!ReadContent().IsEmpty)
        {
            // Whoever wanted it has read it.
        }

        while (_padding > 0)
        {
            var part = source.Read(_padding);
            if (part.IsEmpty)
            {
                throw Malformed("ends inside a file's padding");
            }

            _padding -= part.Length;
        }
    }

    private static int Padding(long size) => (int)(-size & (BlockSize - 1));

    internal static ReleaseException Malformed(string what) => new(Fault.ImageMalformed, $"the layer is no good tar archive: it {what}");
}
