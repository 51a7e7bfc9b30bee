namespace DotnetRelease.GitHub;

/// <summary>The <c>Link</c> header; RFC 8288.</summary>
internal static class PageLink
{
    /// <summary>The address of the next page, or null when this was the last.</summary>
    internal static Uri? Next(IEnumerable<string> headers, Uri page)
    {
        foreach (var header in headers)
        {
            for (var at = 0; header.IndexOf('<', at) is >= 0 and var start && header.IndexOf('>', start) is >= 0 and var end; at = end + 1)
            {
                // The parameters end where the next link begins.
                var stop = header.IndexOf('<', end);
                var parameters = header[(end + 1)..(stop < 0 ? header.Length : stop)].Split([';', ','], StringSplitOptions.TrimEntries);
                if (parameters.Any(IsNext) && Uri.TryCreate(page, header[(start + 1)..end], out var next))
                {
                    return next;
                }
            }
        }

        return null;
    }

    internal static bool SameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && one.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase) && one.UserInfo.Length is 0;

    private static bool IsNext(string parameter) =>
        parameter.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value]
        && name.Equals("rel", StringComparison.OrdinalIgnoreCase)
        && value.Trim('"').Split(' ').Contains("next", StringComparer.OrdinalIgnoreCase);
}
