using System.CommandLine;
using System.Globalization;

namespace DotnetRelease.Tool.Commands;

/// <summary>How much of this machine a command in a container may use, by the names that podman has.</summary>
internal static class LimitOptions
{
    public static readonly Option<string> Memory = new("--memory") { HelpName = "size", Description = "Memory that the command may use, such as 512M or 4G." };

    public static readonly Option<string> Processes = new("--pids-limit") { HelpName = "number", Description = "Processes and threads that it may have at one time." };

    public static readonly Option<string> Processors = new("--cpus") { HelpName = "number", Description = "Processors that it may use, such as 2 or 1.5." };

    public static readonly Option<string> Time = new("--timeout") { HelpName = "time", Description = "When it is ended: seconds, or such as 30m or 6h." };

    public static Limits Read(ParseResult parsed) => new()
    {
        Memory = parsed.GetValue(Memory) is { } memory ? Limits.TryMemory(memory) ?? throw Wrong(Memory, memory, "a size of at least 4M such as 512M or 4G") : null,
        Processes = parsed.GetValue(Processes) is { } processes ? ReadProcesses(processes) : null,
        Processors = parsed.GetValue(Processors) is { } processors ? ReadProcessors(processors) : null,
        Time = parsed.GetValue(Time) is { } time ? Limits.TryTime(time) ?? throw Wrong(Time, time, "a time such as 90, 30m or 6h") : null,
    };

    private static int ReadProcesses(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw Wrong(Processes, text, "a number above 0");

    private static decimal ReadProcessors(string text)
    {
        const decimal least = 0.01m;
        const decimal most = 4096;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is >= least and <= most
            ? number
            : throw Wrong(Processors, text, "a number such as 2 or 1.5");
    }

    private static ReleaseException Wrong(Option option, string value, string wanted) => new(Fault.Usage, $"'{option.Name} {value}' has to be {wanted}.");
}
