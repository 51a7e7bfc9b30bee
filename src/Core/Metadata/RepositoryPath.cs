namespace DotnetRelease.Metadata;

/// <summary>Paths inside a repository, as metadata names them. A client joins them to its own folder: CVE-2020-14352 was a "../".</summary>
internal static class RepositoryPath
{
    private const int Longest = 1024;

    /// <summary>Whether a path stays inside the repository and means the same as a file name and as a URL.</summary>
    internal static bool IsSafe(string path) =>
        path.Length is > 0 and <= Longest
        && path.All(c => char.IsAsciiLetterOrDigit(c) || "-._+~^:@,=/".Contains(c, StringComparison.Ordinal))
        && path.Split('/') is var segments
        && segments.All(segment => segment.Length > 0 && segment[0] is not ('.' or '-'))
        && !segments[0].Contains(':', StringComparison.Ordinal);
}
