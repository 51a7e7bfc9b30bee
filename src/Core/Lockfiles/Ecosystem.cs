using NuGet.Versioning;

namespace DotnetRelease.Lockfiles;

/// <summary>Whose rules the versions of a lock follow.</summary>
/// <param name="Name">For people.</param>
/// <param name="Compare">Below zero when the left version is older; zero when both mean the same. Nothing fails: what is no version is older than all that are.</param>
public sealed record Ecosystem(string Name, Comparison<string> Compare)
{
    /// <summary>PEP 440.</summary>
    public static Ecosystem Python { get; } = new("python", PythonVersion.Compare);

    /// <summary>SemVer with a fourth part; what stands behind <c>+</c> does not count.</summary>
    public static Ecosystem NuGet { get; } = new("nuget", CompareNuGet);

    /// <summary>Ascending; of two that mean the same, the one with the smaller characters stands first, so that the order is total.</summary>
    public IComparer<string> Order { get; } = Comparer<string>.Create((left, right) => Compare(left, right) is var order and not 0 ? order : string.CompareOrdinal(left, right));

    private static int CompareNuGet(string left, string right) =>
        (NuGetVersion.TryParse(left, out var one), NuGetVersion.TryParse(right, out var other)) switch
        {
            (true, true) => VersionComparer.VersionRelease.Compare(one, other),
            (true, false) => 1,
            (false, true) => -1,
            _ => string.CompareOrdinal(left, right),
        };
}
