using System.Globalization;

namespace DotnetRelease.Runs;

/// <summary>Today, unless <c>SOURCE_DATE_EPOCH</c> says another day (https://reproducible-builds.org/specs/source-date-epoch/).</summary>
public static class SourceDate
{
    private const string Variable = "SOURCE_DATE_EPOCH";
    private const long LastSecond = 253_402_300_799;

    /// <summary>The day in UTC.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: the variable is no time.</exception>
    public static DateOnly Today()
    {
        var epoch = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(epoch))
        {
            return DateOnly.FromDateTime(DateTime.UtcNow);
        }

        return long.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= LastSecond
            ? DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime)
            : throw new ReleaseException(Fault.Usage, $"{Variable} is '{epoch}', which is no number of seconds since 1970.");
    }
}
