using System.Globalization;

namespace DotnetRelease.Runs;

/// <summary>How many builds run at once.</summary>
internal static class JobCount
{
    /// <summary>What a build of wheels or of a small C program needs at its worst moment, the compressor of its payload.</summary>
    private const long MemoryOfBuild = 2L << 30;

    /// <summary>
    /// What was asked for; else one more than there are processors, because there is always one that waits for a disk or a server, and no more
    /// than the memory that is free now can hold when each build takes its limit, or 2 GiB where it has none. Always at least one.
    /// </summary>
    /// <param name="asked">By the user or the settings; null when nobody said.</param>
    /// <param name="limits">Of each build.</param>
    /// <param name="freeMemory">Bytes.</param>
    public static int Of(int? asked, Limits limits, long freeMemory) =>
        asked ?? (int)Math.Clamp(freeMemory / (limits.Memory ?? MemoryOfBuild), 1, Environment.ProcessorCount + 1);

    /// <summary>Bytes that programs can get without swapping: what the kernel says, or less where a container has less.</summary>
    public static long FreeMemory()
    {
        var allowed = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return Math.Min(allowed, OfKernel() ?? allowed);
    }

    private static long? OfKernel()
    {
        const string file = "/proc/meminfo", name = "MemAvailable:";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) : null;
        return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..] && long.TryParse(kibibytes, CultureInfo.InvariantCulture, out var found) ? found << 10 : null;
    }
}
