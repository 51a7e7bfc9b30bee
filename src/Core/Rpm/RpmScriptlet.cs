using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>
/// What a package runs as root on the machine of whoever installs it, or another package: its scriptlets and triggers. Each has two
/// tags, the script and the interpreter; one alone is enough, as with <c>%post -p /sbin/ldconfig</c>.
/// </summary>
public static class RpmScriptlet
{
    private static readonly ImmutableArray<(string Name, int Script, int Program)> All =
    [
        ("%pre", 1023, 1085),
        ("%post", 1024, 1086),
        ("%preun", 1025, 1087),
        ("%postun", 1026, 1088),
        ("%verifyscript", 1079, 1091),
        ("%pretrans", 1151, 1153),
        ("%posttrans", 1152, 1154),
        ("%preuntrans", 5104, 5106),
        ("%postuntrans", 5105, 5107),
        ("%trigger", 1065, 1092),
        ("%filetrigger", 5066, 5067),
        ("%transfiletrigger", 5076, 5077),
    ];

    /// <summary>The kinds that a package has, as a spec names them; triggers of one family together.</summary>
    public static ImmutableArray<string> In(RpmPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        return [.. All.Where(each => package.Header.Has(each.Script) || package.Header.Has(each.Program)).Select(each => each.Name)];
    }

    /// <summary>The tags of all kinds.</summary>
    internal static IEnumerable<int> Tags => All.SelectMany(each => (int[])[each.Script, each.Program]);

    /// <summary>What each kind runs: its interpreter, and its script from the next line on.</summary>
    internal static Dictionary<string, string> Texts(RpmPackage package) => All
        .Where(each => package.Header.Has(each.Script) || package.Header.Has(each.Program))
        .ToDictionary(
            each => each.Name,
            each => string.Join('\n', [.. package.Header.Texts(each.Program), .. package.Header.Texts(each.Script)]),
            StringComparer.Ordinal);
}
