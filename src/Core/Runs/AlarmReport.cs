using System.Text.Json;

namespace DotnetRelease.Runs;

/// <summary>How alarms are told, the same way behind both doors.</summary>
public static class AlarmReport
{
    /// <summary>Those that nobody accepted as warnings with id and place; the others for who wants details.</summary>
    public static void Tell(this IReporter reporter, IEnumerable<Alarm> alarms)
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

    /// <summary>Ends a run with an alarm that somebody has to accept first.</summary>
    /// <param name="alarms">All of them, judged.</param>
    /// <param name="fault">How it ends.</param>
    /// <param name="whose">What they are about, with a capital letter: <c>The lock</c>.</param>
    /// <exception cref="ReleaseException">The fault, at the first of them.</exception>
    internal static void Refuse(IEnumerable<Alarm> alarms, Fault fault, string whose)
    {
        if (alarms.Where(alarm => alarm.Refuses).ToList() is not [var first, ..] refusing)
        {
            return;
        }

        var ids = string.Join(", ", refusing.Select(alarm => $"{alarm.Kind.Id} ({alarm.Package})"));
        throw new ReleaseException(
            fault,
            refusing is [_] ? $"{first.Kind.Id}, {first.Kind.Title}: {first.Text}" : $"{whose} has {refusing.Count} alarms that nobody accepted: {ids}. The first: {first.Text}",
            first.Position);
    }

    /// <summary><c>"alarms":[{"id","severity","package","version","artifact","file","line","column","text","accepted"}]</c>.</summary>
    public static void WriteAlarms(this Utf8JsonWriter json, IEnumerable<Alarm> alarms)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(alarms);
        json.WriteItems("alarms", alarms, alarm =>
        {
            json.WriteString("id", alarm.Kind.Id);
            json.WriteString("severity", alarm.Kind.SeverityWord);
            json.WriteString("package", alarm.Package);
            json.WriteString("version", alarm.Version);
            json.WriteString("artifact", alarm.File);
            json.WritePosition(alarm.Position);
            json.WriteString("text", alarm.Text);
            json.WriteString("accepted", alarm.Accepted);
        });
    }
}
