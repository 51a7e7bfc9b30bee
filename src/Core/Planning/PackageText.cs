using System.Collections.Immutable;

namespace DotnetRelease.Planning;

/// <summary>How packages are told in one sentence.</summary>
public static class PackageText
{
    /// <summary>More of them is nothing that a message can hold.</summary>
    private const int Enough = 10;

    /// <summary>The first of many, with commas, and how many more there are.</summary>
    public static string Some(IEnumerable<string> all) => Join([.. all], ", ");

    /// <summary>Each difference with the versions of both sides, from the lock to what was found.</summary>
    public static string Tell(this ImmutableArray<PackageChange> changes) => Join([.. changes.Select(Describe)], "; ");

    private static string Describe(PackageChange change) => change switch
    {
        { To: null } => $"{change.Slot}: locked {Version(change.From!)}, missing",
        { From: null } => $"{change.Slot}: not locked, found {Version(change.To)}",
        { IsRebuilt: true } => $"{change.Slot}: {Version(change.From!)} has the header digest {change.To.Header?.Hex ?? "of no SHA-256"}, locked {change.From!.Header?.Hex ?? "without one"}",
        _ => $"{change.Slot}: locked {Version(change.From!)}, found {Version(change.To)}",
    };

    /// <summary>Without name and architecture, which stand before it.</summary>
    private static string Version(RootPackage package) => package.Nevra switch
    {
        { Epoch: 0 } nevra => $"{nevra.Version}-{nevra.Release}",
        var nevra => $"{nevra.Epoch}:{nevra.Version}-{nevra.Release}",
    };

    private static string Join(ImmutableArray<string> all, string separator) =>
        string.Join(separator, all.Take(Enough)) + (all.Length > Enough ? $"{separator}and {all.Length - Enough} more" : "");
}
