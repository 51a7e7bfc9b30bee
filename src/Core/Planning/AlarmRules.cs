using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>What a project's settings say about its locks: which changes are alarms because of them, and which alarms were accepted.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="Today">The day, for acceptances that end and for the cooldown.</param>
public sealed record AlarmRules(Settings Settings, DateOnly Today)
{
    /// <summary>All alarms of one lock, judged: those of the difference first, then those that only this project has.</summary>
    public ImmutableArray<Alarm> Of(LockDiff diff, Lockfile? before, Lockfile? after)
    {
        ArgumentNullException.ThrowIfNull(diff);
        return AlarmJudge.Judge(diff.Alarms.Concat(after is null ? [] : OfProject(before, after)), Settings.Accepted, Today);
    }

    /// <summary>The same for a state of long ago: today's targets and today's day say nothing about it.</summary>
    public ImmutableArray<Alarm> OfHistory(LockDiff diff, Lockfile? before, Lockfile? after)
    {
        ArgumentNullException.ThrowIfNull(diff);
        var families = before is null || after is null ? [] : Settings.Rpms.SelectMany(rpm => FamilyAlarms.Of(rpm, before, after));
        return AlarmJudge.Judge(diff.Alarms.Concat(families), Settings.Accepted, Today);
    }

    private IEnumerable<Alarm> OfProject(Lockfile? before, Lockfile after)
    {
        foreach (var alarm in AgeAlarms.Of(this, before, after))
        {
            yield return alarm;
        }

        var wheels = new WheelAlarms(Settings);
        foreach (var rpm in Settings.Rpms)
        {
            foreach (var alarm in (before is null ? [] : FamilyAlarms.Of(rpm, before, after)).Concat(wheels.Of(rpm, before, after)))
            {
                yield return alarm;
            }
        }
    }
}
