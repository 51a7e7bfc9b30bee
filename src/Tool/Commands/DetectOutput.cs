using DotnetRelease.Lockfiles;
using DotnetRelease.Runs;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary>What <c>detect</c> tells people.</summary>
internal static class DetectOutput
{
    /// <summary>One heading for each lockfile, and its changes.</summary>
    public static Page ToPage(Detection detection)
    {
        var page = new Page();
        foreach (var each in detection.Locks)
        {
            var count = each.Diff.Changes.Length;
            page.Heading($"{each.Path}: {Short(each.From)} -> {Short(each.To)}: {(count is 0 ? "no change" : count is 1 ? "1 change" : $"{count} changes")}");
            page.Table(["package", "old", "new", "kind"], each.Diff.Changes.OrderBy(change => Rank(change.Kind)).Select(Row));
        }

        return page;
    }

    /// <summary>The same for a script, which needs to know the lockfile in each row.</summary>
    public static Page ToRows(Detection detection) => new Page().Table(
        ["lockfile", "package", "old", "new", "kind"], detection.Locks.SelectMany(each => each.Diff.Changes.OrderBy(change => Rank(change.Kind)).Select(change => (string[])[each.Path, .. Row(change)])));

    private static string[] Row(LockChange change) => [change.Name, Versions(change.Old), Versions(change.New), Detection.WordOf(change.Kind) + Files(change)];

    /// <summary>Bumps first: they are what a release is made for.</summary>
    private static int Rank(LockChangeKind kind) => kind switch
    {
        LockChangeKind.Upgraded => 0,
        LockChangeKind.Downgraded => 1,
        LockChangeKind.Added => 2,
        LockChangeKind.Removed => 3,
        _ => 4,
    };

    /// <summary>Only files tell what happened when the versions do not.</summary>
    private static string Files(LockChange change) => change.Kind is LockChangeKind.Changed && !change.Files.IsEmpty
        ? $" (files: {change.Files.Added.Length} added, {change.Files.Removed.Length} removed, {change.Files.Rehashed.Length} with another digest)"
        : "";

    private static string Versions(IReadOnlyCollection<string> versions) => versions.Count is 0 ? "-" : string.Join(", ", versions);

    private static string Short(string? origin)
    {
        const int fullLength = 40, enough = 12;
        return origin switch
        {
            null => "nothing",
            { Length: >= fullLength } when origin.All(char.IsAsciiHexDigitLower) => origin[..enough],
            _ => origin,
        };
    }
}
