using System.Globalization;
using System.Text;
using DotnetRelease.Processes;

namespace DotnetRelease.Sources;

/// <summary>One line of <c>git ls-tree -r -t -l -z</c>.</summary>
/// <param name="Mode">As git keeps it: <c>100644</c>, <c>100755</c>, <c>120000</c>, <c>040000</c> or <c>160000</c>.</param>
/// <param name="Id">Of the object.</param>
/// <param name="Size">Bytes of a file or link; 0 for others.</param>
/// <param name="Path">From the root of the tree, one character per byte.</param>
internal sealed record GitTreeEntry(int Mode, string Id, long Size, string Path)
{
    internal const int Folder = 0x4000;
    internal const int Link = 0xA000;
    internal const int Submodule = 0xE000;
    private const int TypeBits = 0xF000;

    /// <summary>Which of them it is; anything else is a file.</summary>
    internal int Type => Mode & TypeBits;

    internal bool IsFile => Type is 0x8000;

    /// <summary>The object to read.</summary>
    internal GitObject Blob => new(Id, "blob", Size);

    /// <summary>Reads all of a tree's lines, parents before what is in them.</summary>
    /// <exception cref="FormatException">It is no such list, or has a path that would lead elsewhere.</exception>
    internal static List<GitTreeEntry> ReadAll(ReadOnlySpan<byte> output)
    {
        var entries = new List<GitTreeEntry>();
        foreach (var line in Encoding.Latin1.GetString(output).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab < 0 || line[..tab].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var mode, _, var id, var size])
            {
                throw new FormatException($"git printed '{line}'");
            }

            var path = line[(tab + 1)..];
            if (path.Split('/').Any(segment => segment is "" or "." or ".." || segment.Equals(".git", StringComparison.OrdinalIgnoreCase)))
            {
                throw new FormatException($"it has the path '{path}'");
            }

            entries.Add(new(Convert.ToInt32(mode, 8), id, size is "-" ? 0 : long.Parse(size, CultureInfo.InvariantCulture), path));
        }

        return entries;
    }
}
