using System.Formats.Tar;
using System.Text;

namespace DotnetRelease.Sources;

/// <summary>
/// What an archive of foreign code holds, judged entry by entry: one folder, and below it files, folders, and links that stay inside. How the
/// archive put it, in which order, with which times and for whom, is forgotten.
/// </summary>
/// <param name="top">Name of the one folder.</param>
internal sealed class SdistTree(string top)
{
    /// <summary>Sources with more than some ten thousand files have been seen nowhere.</summary>
    private const int EntryLimit = 100_000;

    private const int LongestPath = 1024;
    private const int LongestName = 255;
    private const int DeepestPath = 64;

    private static readonly string NoText = Bytes("\uFFFD");

    /// <summary>Path, one character per byte, to what it is. A folder comes before what is in it.</summary>
    private readonly SortedDictionary<string, SdistEntry> _entries = new(StringComparer.Ordinal) { [top] = SdistEntry.Folder };

    private long _size;

    /// <summary>In the order of their bytes.</summary>
    internal IEnumerable<KeyValuePair<string, SdistEntry>> Entries => _entries;

    /// <summary>Takes in one more entry.</summary>
    /// <exception cref="InvalidDataException">It is none that a source has. The message is the end of a sentence about the archive.</exception>
    internal void Add(TarEntry entry)
    {
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
        {
            // git and others note there what no file has: a comment.
            return;
        }

        var path = Clean(entry.Name);
        if (path.Length is 0 && entry.EntryType is TarEntryType.Directory)
        {
            return;
        }

        if (path != top && !path.StartsWith(top + "/", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"has '{Show(path)}', which is not in the folder '{top}'; another one is named by 'folder' in [[rpm.source]]");
        }

        AddParents(path);
        Add(path, Read(entry, path));
    }

    /// <summary>Judges what only all entries together show.</summary>
    /// <inheritdoc cref="Add(TarEntry)"/>
    internal void Finish()
    {
        if (_entries.Values.All(entry => entry.IsFolder))
        {
            throw new InvalidDataException("has no file");
        }

        foreach (var (path, entry) in _entries.Where(pair => pair.Value.IsLink))
        {
            RefuseWayOut(path, entry.Target);
        }
    }

    /// <summary>A path without <c>./</c> and <c>//</c>; empty for the root.</summary>
    private static string Clean(string name)
    {
        var bytes = Bytes(name);
        var parts = bytes.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part is not ".").ToArray();
        return !IsText(bytes) || bytes.Length > LongestPath || parts.Length > DeepestPath || Array.Exists(parts, part => part.Length > LongestName)
            ? throw new InvalidDataException($"has a name that no source has, '{Show(name)}'")
            : name.StartsWith('/') || parts.Contains("..", StringComparer.Ordinal) ? throw new InvalidDataException($"has the name '{Show(name)}', which leads elsewhere")
            : string.Join('/', parts);
    }

    private SdistEntry Read(TarEntry entry, string path)
    {
        RefuseSparse(entry, path);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                return SdistEntry.Folder;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                return SdistEntry.File(entry.Mode.HasFlag(UnixFileMode.UserExecute), Math.Max(0, entry.DataOffset), entry.Length);
            case TarEntryType.SymbolicLink:
                return SdistEntry.Link(Bytes(entry.LinkName));

            // Two names for one file are two files: a source package has no inodes.
            case TarEntryType.HardLink when _entries.TryGetValue(Clean(entry.LinkName), out var file) && !file.IsFolder && !file.IsLink:
                return file;
            case TarEntryType.HardLink:
                throw new InvalidDataException($"has the hard link '{Show(path)}' to '{Show(entry.LinkName)}', which is no file before it");
            default:
                throw new InvalidDataException($"has '{Show(path)}', which is neither a file nor a folder nor a link ({entry.EntryType})");
        }
    }

    /// <summary>Its content would be a map of its holes and not what the file has.</summary>
    private static void RefuseSparse(TarEntry entry, string path)
    {
        if (entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)))
        {
            throw new InvalidDataException($"has the sparse file '{Show(path)}'");
        }
    }

    private void AddParents(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            Add(path[..slash], SdistEntry.Folder);
        }
    }

    private void Add(string path, SdistEntry entry)
    {
        if (_entries.TryGetValue(path, out var there))
        {
            if (!there.IsFolder || !entry.IsFolder)
            {
                throw new InvalidDataException($"has '{Show(path)}' twice, or something below it although it is no folder");
            }

            return;
        }

        _size += entry.Size;
        _entries.Add(path, entry);
        if (_entries.Count > EntryLimit || _size > SdistArchive.SizeLimit)
        {
            throw new InvalidDataException($"has more than {EntryLimit} entries or {SdistArchive.SizeLimit} bytes");
        }
    }

    /// <summary>A link leads to a place in the folder, and not over another link, behind which <c>..</c> would be something else.</summary>
    private void RefuseWayOut(string path, string target)
    {
        var at = path.Split('/').SkipLast(1).ToList();
        var isOut = target is "" or ['/', ..] || target.Length > LongestPath || !IsText(target);
        foreach (var word in isOut ? [] : target.Split('/').Where(word => word is not ("" or ".")))
        {
            isOut |= _entries.TryGetValue(string.Join('/', at), out var there) && there.IsLink;
            if (word is ".." && at.Count > 0)
            {
                at.RemoveAt(at.Count - 1);
            }
            else
            {
                at.Add(word);
            }

            isOut |= at.Count is 0 || at[0] != top || at.Count > DeepestPath;
        }

        if (isOut)
        {
            throw new InvalidDataException($"has the link '{Show(path)}' to '{Show(target)}', which leads out of '{top}' or over another link");
        }
    }

    /// <summary>Whether bytes are plain text: the reader of the archive has put U+FFFD in the place of those that are no UTF-8.</summary>
    private static bool IsText(string bytes) => !bytes.AsSpan().ContainsAnyInRange('\0', '\x1f') && !bytes.Contains(NoText, StringComparison.Ordinal);

    private static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static string Show(string name)
    {
        const int enough = 200;
        return string.Concat(name.Take(enough).Select(c => c is >= ' ' and < '\x7f' ? c : '?'));
    }
}
