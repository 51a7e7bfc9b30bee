using DotnetRelease.Rpm;

namespace DotnetRelease.Metadata;

/// <summary>Orders <c>libc.so.6(GLIBC_2.4)(64bit)</c> by the version inside the first parentheses, as createrepo_c does.</summary>
internal static class SymbolVersion
{
    /// <summary>Whether the candidate needs a newer library than what is known so far.</summary>
    internal static bool IsHigher(string candidate, string known)
    {
        var (mine, other) = (Of(candidate), Of(known));
        return mine.Rank == other.Rank ? mine.Version is not null && RpmVersion.Compare(mine.Version, other.Version!) > 0 : mine.Rank > other.Rank;
    }

    /// <summary>
    /// The version starts at the first digit inside the first parentheses. Below a name with one is a name without
    /// (<c>GLIBC_PRIVATE</c>), below that empty parentheses, below that none.
    /// </summary>
    private static (int Rank, string? Version) Of(string name)
    {
        var open = name.IndexOf('(', StringComparison.Ordinal);
        var close = open < 0 ? -1 : name.IndexOf(')', open);
        var digit = close < 0 ? -1 : name.AsSpan(open, close - open).IndexOfAnyInRange('0', '9');
        return (close - open, digit) switch
        {
            (_, >= 0) => (3, name[(open + digit)..close]),
            _ when close < 0 => (0, null),
            (1, _) => (1, null),
            _ => (2, null),
        };
    }
}
