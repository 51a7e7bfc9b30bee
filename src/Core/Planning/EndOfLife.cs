using System.Globalization;

namespace DotnetRelease.Planning;

/// <summary>The day after which a distro gets no updates, and what that means today.</summary>
/// <param name="Day">The last day.</param>
public readonly record struct EndOfLife(DateOnly Day)
{
    private const int SoonDays = 90;

    /// <summary>Whether it is over or will be soon; worth a word to a maintainer.</summary>
    public bool IsNear(DateOnly today) => Day.DayNumber - today.DayNumber <= SoonDays;

    /// <summary><c>ended on 2026-12-02, 5 days ago</c>.</summary>
    public string Say(DateOnly today)
    {
        var (day, days) = (Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Day.DayNumber - today.DayNumber);
        return days switch
        {
            0 => $"ends today, on {day}",
            1 => $"ends tomorrow, on {day}",
            > 1 => $"ends on {day}, in {days} days",
            -1 => $"ended on {day}, yesterday",
            _ => $"ended on {day}, {-days} days ago",
        };
    }
}
