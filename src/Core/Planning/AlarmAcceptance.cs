using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>One <c>[[accept]]</c>: somebody looked at an alarm and says why it may stay.</summary>
/// <param name="Kind">Which alarm.</param>
/// <param name="Reason">Why, for those who read it later.</param>
/// <param name="Position">Where it stands.</param>
public sealed record AlarmAcceptance(AlarmKind Kind, string Reason, SourcePosition Position)
{
    /// <summary>The package as a person writes it; null for an alarm about a lock as a whole.</summary>
    public string? Package { get; init; }

    /// <summary>Only of this locked version; null: of any.</summary>
    public string? Version { get; init; }

    /// <summary>Only of this file; null: of any.</summary>
    public string? File { get; init; }

    /// <summary>The last day on which it counts; null: for good.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>Whether it is about this alarm, today or not.</summary>
    public bool Matches(Alarm alarm)
    {
        ArgumentNullException.ThrowIfNull(alarm);
        return Kind == alarm.Kind
            && IsOf(alarm.Package)
            && (Version is null || string.Equals(Version, alarm.Version, StringComparison.Ordinal))
            && (File is null || string.Equals(File, alarm.File, StringComparison.Ordinal));
    }

    private bool IsOf(string? package) => Package is null || package is null
        ? Package == package
        : string.Equals(Package, package, StringComparison.OrdinalIgnoreCase) || string.Equals(PythonName.Normalize(Package), package, StringComparison.Ordinal);

    /// <summary>Whether its last day has passed.</summary>
    public bool HasEnded(DateOnly today) => Until < today;

    /// <summary>What it is about, for messages: <c>REL1107 of pyside6 6.9.3</c>.</summary>
    public override string ToString() =>
        Kind.Id + (Package is null ? "" : $" of {Package}") + (Version is null ? "" : $" {Version}") + (File is null ? "" : $", {File}");
}

/// <summary>Which alarms are accepted.</summary>
public static class AlarmJudge
{
    /// <summary>The alarms with the reasons of those who accepted them. One that was accepted until yesterday says so.</summary>
    public static ImmutableArray<Alarm> Judge(IEnumerable<Alarm> alarms, ImmutableArray<AlarmAcceptance> acceptances, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(alarms);
        return [.. alarms.Select(alarm => Judge(alarm, acceptances, today))];
    }

    /// <summary>An alarm for each acceptance that is about none of the alarms: it would silence the next one that nobody looked at.</summary>
    public static ImmutableArray<Alarm> Unused(IReadOnlyCollection<Alarm> alarms, ImmutableArray<AlarmAcceptance> acceptances)
    {
        ArgumentNullException.ThrowIfNull(alarms);
        return
        [
            .. from acceptance in acceptances
               where !acceptance.Kind.IsAskedFor && !alarms.Any(acceptance.Matches)
               select new Alarm(
                   AlarmKind.AcceptanceUnused,
                   acceptance.Package,
                   acceptance.Position,
                   $"{acceptance} is accepted here but is not raised. Remove it, before it silences an alarm that nobody has looked at.")
               {
                   Version = acceptance.Version,
                   File = acceptance.File,
               },
        ];
    }

    private static Alarm Judge(Alarm alarm, ImmutableArray<AlarmAcceptance> acceptances, DateOnly today)
    {
        var matching = acceptances.Where(acceptance => acceptance.Matches(alarm)).ToList();
        if (matching.Find(acceptance => !acceptance.HasEnded(today)) is { } valid)
        {
            return alarm with { Accepted = valid.Reason };
        }

        return matching is [var ended, ..]
            ? alarm with { Text = $"{alarm.Text} It was accepted until {ended.Until:yyyy-MM-dd} at {ended.Position}." }
            : alarm;
    }
}
