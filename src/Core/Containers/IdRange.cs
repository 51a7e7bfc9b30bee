namespace DotnetRelease.Containers;

/// <summary>A run of user or group ids of this machine that may be used for a container's ids.</summary>
/// <param name="Start">First id.</param>
/// <param name="Count">How many.</param>
internal sealed record IdRange(uint Start, uint Count)
{
    /// <summary>Fewer do not hold a distribution: <c>nobody</c> is 65534.</summary>
    private const uint Enough = 65_535;

    /// <summary>The first large enough range of a user in a file of the form of subuid(5): <c>NAME-OR-NUMBER:START:COUNT</c>.</summary>
    internal static IdRange? Find(string[] lines, string userName, uint userId)
    {
        foreach (var line in lines)
        {
            var parts = line.Split(':');
            if (parts.Length is 3
                && (string.Equals(parts[0], userName, StringComparison.Ordinal) || (uint.TryParse(parts[0], out var id) && id == userId))
                && uint.TryParse(parts[1], out var start) && uint.TryParse(parts[2], out var count)
                && start > 0 && count >= Enough && count <= uint.MaxValue - start)
            {
                return new IdRange(start, count);
            }
        }

        return null;
    }
}
