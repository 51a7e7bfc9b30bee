using System.Collections.Immutable;

namespace DotnetRelease.NewSpecs;

/// <summary>
/// The folders of wheels as a list to edit: what is removed from the package if it is there, and what was known when the spec was written, so that a
/// build can tell what is new.
/// </summary>
/// <param name="Tops">The folders of the library folder that are looked into.</param>
/// <param name="Depth">How deep, below them.</param>
/// <param name="Lines"><c>+ PySide6/Qt</c> stays, <c>- PySide6/include</c> is removed.</param>
internal sealed record FolderList(ImmutableArray<string> Tops, int Depth, ImmutableArray<string> Lines)
{
    /// <summary>A longer list is none that a person reads.</summary>
    private const int Most = 120;
    private const int Deepest = 3;

    /// <summary>What only developers of the packages need.</summary>
    private static readonly string[] Removed = ["include", "tests", "test", "examples", "docs", "doc", "typesystems"];

    /// <summary>The list for the files of one library folder, as deep as it stays short; null when there is nothing to list.</summary>
    public static FolderList? Of(IEnumerable<string> files)
    {
        var folders = files.SelectMany(Parents)
            .Where(folder => !folder.Contains(".dist-info", StringComparison.Ordinal) && folder.Split('/').All(segment => SafeName.Refuse(segment) is null))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var below = folders.Where(folder => folder.Contains('/', StringComparison.Ordinal) && !Parents(folder).Any(IsRemoved)).ToList();
        for (var depth = Deepest; depth > 0; depth--)
        {
            var lines = below.Where(folder => folder.Count(c => c is '/') <= depth).Select(folder => $"{(IsRemoved(folder) ? '-' : '+')} {folder}").ToImmutableArray();
            if (lines.Length is > 0 and <= Most)
            {
                return new([.. folders.Where(folder => !folder.Contains('/', StringComparison.Ordinal))], depth, lines);
            }
        }

        return null;
    }

    private static bool IsRemoved(string folder) => folder.Contains('/', StringComparison.Ordinal) && Removed.Contains(Path.GetFileName(folder), StringComparer.Ordinal);

    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }
}
