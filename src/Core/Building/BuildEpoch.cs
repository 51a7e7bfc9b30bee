using System.Globalization;
using System.Text.RegularExpressions;

namespace DotnetRelease.Building;

/// <summary>The one time that a build knows, taken from its inputs and not from the clock.</summary>
public static partial class BuildEpoch
{
    /// <summary>How far the first zone of the earth is ahead of UTC.</summary>
    private static readonly TimeSpan FirstZone = TimeSpan.FromHours(14);

    /// <summary>
    /// The first moment at which it was the day of the newest changelog entry anywhere on earth; null without an entry. rpm's own
    /// <c>source_date_epoch_from_changelog</c> takes noon in UTC: on the morning of that day it is still to come, and as times are only ever clamped
    /// to what is past, files would keep the time of the clock.
    /// </summary>
    /// <param name="spec">Text of the spec.</param>
    public static DateTimeOffset? OfChangelog(string spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var match = NewestEntry().Match(spec);
        return match.Success && DateOnly.TryParseExact(
            $"{match.Groups["month"].Value} {match.Groups["day"].Value} {match.Groups["year"].Value}", "MMM d yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) - FirstZone
            : null;
    }

    /// <summary><c>* Tue May 27 2024 …</c>, with or without rpm's longer form that has a time and a zone before the year.</summary>
    [GeneratedRegex(
        @"^%changelog\s*^(\s*\n)*\*\s+\w{3}\s+(?<month>\w{3})\s+0?(?<day>\d{1,2})\s+([\d:]+\s+\w+\s+)?(?<year>\d{4})\b",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NewestEntry();
}
