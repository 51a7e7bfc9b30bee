using DotnetRelease.Lockfiles;
using DotnetRelease.Runs;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary>What <c>detect</c> tells people: first what this project's RPMs are made of, then alarms, then everything else.</summary>
internal static class DetectOutput
{
    private static readonly string[] Columns = ["package", "old", "new", "kind"];

    /// <summary>One heading for each lockfile, and its changes.</summary>
    /// <param name="detection">What was found.</param>
    /// <param name="isAlone">The page is all that its reader gets; at a terminal the texts of alarms stand above it.</param>
    public static Page ToPage(Detection detection, bool isAlone)
    {
        var page = new Page();
        foreach (var each in detection.Locks)
        {
            page.Heading($"{each.Path}: {Short(each.From)} -> {Short(each.To)}: {Count(each.Diff.Changes.Length, "change", "no change")}{CountOpen(each.Alarms)}");
            Add(page, detection, each, isAlone);
        }

        if (!detection.Alarms.IsEmpty)
        {
            AddAlarms(page.Heading("Settings"), detection.Alarms, isAlone);
        }

        return page;
    }

    /// <summary>The same for a script, which needs to know the lockfile in each row.</summary>
    public static Page ToRows(Detection detection) => new Page().Table(
        ["lockfile", .. Columns], detection.Locks.SelectMany(each => Ordered(each.Diff.Changes).Select(change => (string[])[each.Path, .. Row(change)])));

    private static void Add(Page page, Detection detection, DetectedLock each, bool isAlone)
    {
        var followed = Ordered(each.Diff.Changes).Where(change => !detection.FollowersOf(change).IsEmpty).ToList();
        var others = Ordered(each.Diff.Changes).Except(followed).ToList();
        if (followed.Count > 0)
        {
            page.Subheading("RPMs are made of these");
            page.Table([.. Columns, "rpm"], followed.Select(change => (string[])[.. Row(change), string.Join(", ", detection.FollowersOf(change))]), ToneOf);
        }

        if (!each.Alarms.IsEmpty)
        {
            AddAlarms(page.Subheading("Alarms"), each.Alarms, isAlone);
        }

        // Without anything before it, it needs no title; in a comment with something before it, few will unfold it.
        var rest = new Page().Table(Columns, others.Select(Row), ToneOf);
        if (others.Count > 0 && (followed.Count > 0 || !each.Alarms.IsEmpty))
        {
            page.Fold($"Other packages: {Count(others.Count, "change", "none")}", rest);
        }
        else
        {
            page.Table(Columns, others.Select(Row), ToneOf);
        }
    }

    private static void AddAlarms(Page page, IEnumerable<Alarm> alarms, bool isAlone) => page.Table(
        ["alarm", "severity", "package", isAlone ? "text" : "what"],
        alarms.OrderBy(alarm => alarm.Accepted is not null).ThenByDescending(alarm => alarm.Kind.Severity).Select(alarm => (string[])
        [
            alarm.Kind.Id,
            alarm.Accepted is null ? alarm.Kind.SeverityWord : "accepted",
            alarm.Package ?? "-",
            (isAlone ? alarm.Sentence : alarm.Kind.Title) + (alarm.Accepted is { } reason ? $" (accepted: {reason})" : ""),
        ]),
        static row => row[1] switch
        {
            "error" => Tone.Bad,
            "warning" => Tone.Doubtful,
            _ => Tone.Faint,
        });

    private static IEnumerable<LockChange> Ordered(IEnumerable<LockChange> changes) => changes.OrderBy(change => Rank(change.Kind));

    private static string[] Row(LockChange change) => [change.Name, Versions(change.Old), Versions(change.New), Detection.WordOf(change.Kind) + Files(change)];

    private static Tone ToneOf(string[] row) => row[3].Split(' ')[0] switch
    {
        "upgraded" => Tone.Good,
        "downgraded" => Tone.Bad,
        "changed" => Tone.Doubtful,
        _ => Tone.Plain,
    };

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

    private static string Count(int count, string one, string none) => count switch
    {
        0 => none,
        1 => $"1 {one}",
        _ => $"{count} {one}s",
    };

    private static string CountOpen(IEnumerable<Alarm> alarms) =>
        alarms.Count(alarm => alarm.Accepted is null) is > 0 and var count ? $", {Count(count, "alarm", "")}" : "";

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
