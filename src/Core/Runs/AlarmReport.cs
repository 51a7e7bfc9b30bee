using DotnetRelease.Lockfiles;

namespace DotnetRelease.Runs;

/// <summary>How alarms are told, the same way behind both doors.</summary>
public static class AlarmReport
{
    /// <summary>Those that nobody accepted as warnings with id and place; the others for who wants details.</summary>
    public static void Tell(this IReporter reporter, IEnumerable<LockAlarm> alarms)
    {
        ArgumentNullException.ThrowIfNull(reporter);
        ArgumentNullException.ThrowIfNull(alarms);
        foreach (var alarm in alarms)
        {
            if (alarm.Accepted is { } reason)
            {
                reporter.Detail($"{alarm.Position}: {alarm.Kind.Id} is accepted ({reason}): {alarm.Text}");
            }
            else
            {
                reporter.Warning(alarm.Text, alarm.Position, alarm.Kind.Id);
            }
        }
    }
}
