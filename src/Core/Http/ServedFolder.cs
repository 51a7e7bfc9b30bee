namespace DotnetRelease.Http;

/// <summary>Finds what a request's path means in a folder, and nothing outside of it: neither by dots nor by links.</summary>
internal sealed class ServedFolder
{
    private const int MostLinks = 8;
    private readonly string _root;

    internal ServedFolder(string root) => _root = Real(Path.GetFullPath(root)) ?? Path.GetFullPath(root);

    /// <summary>The file or folder of a path as it stands in the request, or null.</summary>
    internal string? Find(string rawPath)
    {
        if (rawPath is not ['/', ..] || rawPath.Contains('\\', StringComparison.Ordinal))
        {
            return null;
        }

        var current = _root;
        foreach (var segment in rawPath.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString))
        {
            if (!IsPlain(segment) || Real(Path.Combine(current, segment)) is not { } next || !IsInside(next))
            {
                return null;
            }

            current = next;
        }

        return File.Exists(current) || Directory.Exists(current) ? current : null;
    }

    /// <summary>Names in a folder that are served, folders with a slash at the end.</summary>
    internal static IEnumerable<string> List(string folder) =>
        new DirectoryInfo(folder).EnumerateFileSystemInfos()
            .Where(entry => IsPlain(entry.Name))
            .Select(entry => entry is DirectoryInfo ? entry.Name + "/" : entry.Name)
            .Order(StringComparer.Ordinal);

    /// <summary>Names with a dot in front are locks, unfinished files, and what people did not mean to publish.</summary>
    internal static bool IsPlain(string segment) => segment is [not '.', ..] && !segment.AsSpan().ContainsAny('/', '\\', '\0');

    private bool IsInside(string path) =>
        string.Equals(path, _root, StringComparison.Ordinal) || path.StartsWith(_root.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Where a path leads when its last segment is a link; null when it leads nowhere.</summary>
    private static string? Real(string path)
    {
        for (var links = 0; links < MostLinks; links++)
        {
            if (new FileInfo(path).LinkTarget is not { } target)
            {
                return path;
            }

            path = Path.GetFullPath(target, Path.GetDirectoryName(path)!);
        }

        return null;
    }
}
