using System.Globalization;
using System.Security.Cryptography;

namespace DotnetRelease.Containers;

/// <summary>
/// Says in the names of what an engine keeps for us which process it belongs to, so that the leftovers of a killed one can be told from
/// what is in use: <c>dotnet-release-BOOT-PID-START-RANDOM</c>.
/// </summary>
internal static class EngineOwner
{
    private const string Prefix = "dotnet-release-";

    /// <summary>One boot of one machine, and the place where process numbers mean what they mean for us.</summary>
    private static readonly string Boot = Digest.Of($"{Read("/proc/sys/kernel/random/boot_id")} {Link("/proc/self/ns/pid")} {Environment.MachineName}").Hex[..12];

    /// <summary>A new name of this process.</summary>
    internal static string NewName() =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Boot}-{Environment.ProcessId}-{StartOf(Environment.ProcessId)}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");

    /// <summary>Whether a name belongs to a process of this machine that is gone. What others made, and other machines, is not ours to judge.</summary>
    internal static bool IsAbandoned(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && name[Prefix.Length..].Split('-') is [var boot, var pid, var start, ..]
        && string.Equals(boot, Boot, StringComparison.Ordinal)
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && StartOf(number) != start;

    /// <summary>When a process started, in ticks since the boot; empty when there is no such process. Numbers are given again, both together are not.</summary>
    private static string StartOf(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            return StartElsewhere(pid);
        }

        // The second field is the program's name in parentheses, which may hold anything; the start is the 22nd.
        const int startField = 22;
        var stat = Read($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > startField - 3 ? fields[startField - 3] : "";
    }

    private static string StartElsewhere(int pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return new DateTimeOffset(process.StartTime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception ex) when (ex is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
