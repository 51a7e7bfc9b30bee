using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>
/// Versions that came into a lock before they were public for as many days as <c>project.cooldown</c> asks for. The youngest file counts: a
/// file that was added to an old version is as new as a new version.
/// </summary>
public static class AgeAlarms
{
    /// <summary>From what the lock itself says (uv's does); a version whose lock says nothing is not among them.</summary>
    internal static IEnumerable<Alarm> Of(AlarmRules rules, Lockfile? before, Lockfile after) =>
        from package in Came(rules, before, after)
        let uploaded = package.Files.Max(file => file.UploadedAt)
        where uploaded is not null
        from alarm in Of(rules, package, uploaded)
        select alarm;

    /// <summary>The versions that only an index could tell the age of, of packages that an RPM follows.</summary>
    public static ImmutableArray<LockedPackage> OpenQuestions(AlarmRules rules, Lockfile? before, Lockfile after)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(after);
        var followed = rules.Settings.Rpms.SelectMany(rpm => rpm.Follows).ToHashSet(StringComparer.Ordinal);

        // The index of the settings is one of Python packages.
        return after.Ecosystem != Ecosystem.Python ? [] : [.. Came(rules, before, after).Where(package => followed.Contains(package.Key) && package.Files.All(file => file.UploadedAt is null))];
    }

    /// <summary>The alarm about one version, or none.</summary>
    /// <param name="rules">With the cooldown.</param>
    /// <param name="package">The version.</param>
    /// <param name="uploaded">When its youngest file was uploaded; null when nobody could tell.</param>
    public static IEnumerable<Alarm> Of(AlarmRules rules, LockedPackage package, DateTimeOffset? uploaded)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(package);
        if (uploaded is not { } time)
        {
            yield return new(
                AlarmKind.AgeUnknown, package.Name, package.Position, $"Nobody says when {package.Name} {package.Version} was uploaded, and project.cooldown is {rules.Settings.Project.Cooldown} days.")
            {
                Version = package.Version,
            };
            yield break;
        }

        var day = DateOnly.FromDateTime(time.UtcDateTime);
        var age = rules.Today.DayNumber - day.DayNumber;
        if (age < rules.Settings.Project.Cooldown)
        {
            yield return new(
                AlarmKind.TooYoung,
                package.Name,
                package.Position,
                $"{package.Name} {package.Version} was uploaded on {day:yyyy-MM-dd}, {Ago(age)}; project.cooldown is {rules.Settings.Project.Cooldown} days.")
            {
                Version = package.Version,
            };
        }
    }

    private static IEnumerable<LockedPackage> Came(AlarmRules rules, Lockfile? before, Lockfile after)
    {
        if (rules.Settings.Project.Cooldown is null)
        {
            return [];
        }

        var old = (before?.Packages ?? []).Select(package => (package.Name, package.Version)).ToHashSet();
        return after.Packages.Where(package => package.Source.Kind is LockedSourceKind.Index && !old.Contains((package.Name, package.Version)));
    }

    private static string Ago(int days) => days switch
    {
        < 0 => "which is in the future",
        0 => "today",
        1 => "a day ago",
        _ => $"{days} days ago",
    };
}
