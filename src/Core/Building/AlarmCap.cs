namespace DotnetRelease.Building;

/// <summary>A defect that is in every file of a package is one to a person: a few of them, and how many more there are.</summary>
internal static class AlarmCap
{
    private const int Most = 10;

    /// <summary>The first of each kind, and one more about the rest, which has no file of its own.</summary>
    public static IEnumerable<Alarm> Of(IEnumerable<Alarm> alarms) => alarms.GroupBy(alarm => alarm.Kind).SelectMany(kind =>
    {
        var all = kind.ToList();
        return all.Count <= Most + 1
            ? all
            : [.. all.Take(Most), all[Most] with { File = null, Text = $"{all[Most].Text} So it is with {all.Count - Most - 1} others." }];
    });
}
