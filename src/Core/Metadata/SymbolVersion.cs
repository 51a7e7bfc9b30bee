using DotnetRelease.Rpm;

namespace DotnetRelease.Metadata;

/// <summary>Orders <c>libc.so.6(GLIBC_2.4)(64bit)</c> by the version inside the first parentheses, as createrepo_c does.</summary>
internal static class SymbolVersion
{
    /// <summary>Whether the candidate needs a newer library than what is known so far.</summary>
    internal static bool IsHigher(string candidate, string known) => (Of(candidate), Of(known)) switch
    {
        ({ } mine, { } other) => RpmVersion.Compare(mine, other) > 0,
        ({ }, null) => true,
        _ => false,
    };

    /// <summary>From the first digit inside the first parentheses; null without such a one.</summary>
    private static string? Of(string name)
    {
        var open = name.IndexOf('(', StringComparison.Ordinal);
        var close = open < 0 ? -1 : name.IndexOf(')', open);
        var digit = close < 0 ? -1 : name.AsSpan(open, close - open).IndexOfAnyInRange('0', '9');
        return digit < 0 ? null : name[(open + digit)..close];
    }
}
