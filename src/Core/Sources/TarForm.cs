using System.Globalization;
using System.Text;

namespace DotnetRelease.Sources;

/// <summary>
/// Headers of a tar archive as <c>git archive</c> writes them since 2005: POSIX ustar with pax records for what does not fit (IEEE 1003.1, pax),
/// owner root, one time for all. Frozen: the digests of archives are written down.
/// </summary>
/// <param name="time">Seconds since 1970.</param>
internal sealed class TarForm(long time)
{
    internal const int Block = 512;
    private const int NameLength = 100;
    private const int PrefixLength = 155;

    /// <summary>The first record: which commit it is, where <c>git get-tar-commit-id</c> finds it.</summary>
    internal byte[] Commit(string id) => [.. Header("pax_global_header", 'g', 0x1B6, Record("comment", id).Length), .. Padded(Record("comment", id))];

    /// <summary>What stands before the content of an entry.</summary>
    /// <param name="entry">Its mode, id and size.</param>
    /// <param name="path">In the archive, one character per byte; a folder's ends in a slash.</param>
    /// <param name="link">Where a link leads, one character per byte.</param>
    internal byte[] Entry(GitTreeEntry entry, string path, string link)
    {
        var records = "";
        var (prefix, name) = Split(path);
        if (name is null)
        {
            name = $"{entry.Id}.data";
            records = Record("path", path);
        }

        var shown = link;
        if (link.Length > NameLength)
        {
            shown = $"see {entry.Id}.paxheader";
            records += Record("linkpath", link);
        }

        var (type, mode) = entry.Type switch
        {
            GitTreeEntry.Folder => ('5', 0x1FD),
            GitTreeEntry.Link => ('2', 0x1FF),
            _ => ('0', (entry.Mode & 0x40) > 0 ? 0x1FD : 0x1B4),
        };
        var header = Header(name, type, mode, entry.IsFile ? entry.Size : 0, prefix, shown);
        return records.Length is 0 ? header : [.. Header($"{entry.Id}.paxheader", 'x', 0x1B6, records.Length), .. Padded(records), .. header];
    }

    /// <summary>Zeros after so many bytes to the end of their block.</summary>
    internal static byte[] Padding(long length, int block = Block) => new byte[(block - (length % block)) % block];

    // A name of at most 100 bytes, and what is before it of at most 155; the longest prefix that git would take.
    private static (string Prefix, string? Name) Split(string path)
    {
        if (path.Length <= NameLength)
        {
            return ("", path);
        }

        var at = path.Length;
        if (at > 1 && path[at - 1] is '/')
        {
            at--;
        }

        at = Math.Min(at, PrefixLength + 1);
        do
        {
            at--;
        }
        while (at > 0 && path[at] is not '/');

        return at > 0 && path.Length - at - 1 <= NameLength ? (path[..at], path[(at + 1)..]) : ("", null);
    }

    private byte[] Header(string name, char type, int mode, long size, string prefix = "", string link = "")
    {
        var header = new byte[Block];
        Text(0, name);
        Octal(100, 7, mode);
        Octal(108, 7, 0);
        Octal(116, 7, 0);
        Octal(124, 11, size);
        Octal(136, 11, time);
        Text(148, "        ");
        Text(156, type.ToString());
        Text(157, link);
        Text(257, "ustar\0" + "00");
        Text(265, "root");
        Text(297, "root");
        Octal(329, 7, 0);
        Octal(337, 7, 0);
        Text(345, prefix);
        Octal(148, 7, header.Sum(each => each));
        header[155] = 0;
        return header;

        void Text(int at, string text) => Encoding.Latin1.GetBytes(text, header.AsSpan(at));

        void Octal(int at, int digits, long number) => Text(at, Convert.ToString(number, 8).PadLeft(digits, '0'));
    }

    /// <summary>A pax record, which begins with its own length.</summary>
    private static string Record(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var length = rest.Length + 1;
        while (length.ToString(CultureInfo.InvariantCulture).Length + rest.Length > length)
        {
            length++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{length}{rest}");
    }

    private static byte[] Padded(string records) => [.. Encoding.Latin1.GetBytes(records), .. Padding(records.Length)];
}
