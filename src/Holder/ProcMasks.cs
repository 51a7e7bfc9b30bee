namespace DotnetRelease.Holder;

/// <summary>
/// Parts of a fresh /proc that speak about the machine, or could change it, and not about the container: podman's list and a few more.
/// There is no /sys at all.
/// </summary>
internal static class ProcMasks
{
    private static readonly string[] Hidden =
    [
        "acpi", "asound", "interrupts", "kcore", "keys", "kmsg", "latency_stats", "sched_debug", "scsi", "sysrq-trigger", "timer_list", "timer_stats",
    ];

    private static readonly string[] ReadOnly = ["bus", "fs", "irq", "sys"];

    /// <summary>For bubblewrap, behind <c>--proc</c>: hidden files read as empty, hidden folders are.</summary>
    internal static List<string> Arguments { get; } = Find();

    private static List<string> Find()
    {
        var words = new List<string>();
        foreach (var name in Hidden)
        {
            var path = $"/proc/{name}";
            if (Directory.Exists(path))
            {
                words.AddRange(["--tmpfs", path, "--remount-ro", path]);
            }
            else if (File.Exists(path))
            {
                words.AddRange(["--ro-bind", "/dev/null", path]);
            }
        }

        foreach (var name in ReadOnly)
        {
            var path = $"/proc/{name}";
            if (Directory.Exists(path))
            {
                words.AddRange(["--ro-bind", path, path]);
            }
        }

        return words;
    }
}
