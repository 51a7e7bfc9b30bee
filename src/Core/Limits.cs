using System.Globalization;

namespace DotnetRelease;

/// <summary>How much of the machine the commands of a container may use; null: as much as there is.</summary>
public sealed record Limits
{
    /// <summary>Less than this starts no program of interest.</summary>
    private const long LeastMemory = 4 * 1024 * 1024;

    /// <summary>No limit at all.</summary>
    public static Limits None { get; } = new();

    /// <summary>Bytes of memory.</summary>
    public long? Memory { get; init; }

    /// <summary>Processes and threads at one time.</summary>
    public int? Processes { get; init; }

    /// <summary>Processors, also parts of one.</summary>
    public decimal? Processors { get; init; }

    /// <summary>Time from start to end.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Reads a size such as <c>512M</c> or <c>4G</c>, in steps of 1024 as podman has them; null when it is none or too small.</summary>
    public static long? TryMemory(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var shift = text is [.., var unit] ? char.ToUpperInvariant(unit) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 } : 0;
        return long.TryParse(shift > 0 ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= long.MaxValue >> shift && number << shift is >= LeastMemory and var bytes ? bytes : null;
    }

    /// <summary>Reads a time such as <c>90s</c>, <c>30m</c> or <c>6h</c>, or seconds alone; null when it is none.</summary>
    public static TimeSpan? TryTime(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const int most = 10_000_000;
        var unit = text is [.., var last] ? last switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 } : 0;
        return int.TryParse(unit > 0 ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && (long)number * Math.Max(unit, 1) is > 0 and <= most and var seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>A size as a person writes it.</summary>
    public static string SizeText(long bytes)
    {
        var (shift, unit) = (bytes & ((1L << 30) - 1)) is 0 ? (30, "GiB") : (bytes & ((1L << 20) - 1)) is 0 ? (20, "MiB") : (10, "KiB");
        return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift} {unit}");
    }

    /// <summary>A time as a person writes it.</summary>
    public static string TimeText(TimeSpan time) => (long)time.TotalSeconds switch
    {
        var seconds when seconds % 3600 is 0 => Count(seconds / 3600, "hour"),
        var seconds when seconds % 60 is 0 => Count(seconds / 60, "minute"),
        var seconds => Count(seconds, "second"),
    };

    private static string Count(long number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number} {unit}{(number is 1 ? "" : "s")}");
}
