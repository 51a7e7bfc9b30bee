using System.Collections.Immutable;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>The arguments of one bubblewrap call; every mount point in it exists and is no link.</summary>
internal static class Bubblewrap
{
    /// <summary>What package managers and rpmbuild use as container root. Nothing about mounts, networks, devices or other processes.</summary>
    private static readonly string[] Capabilities =
        ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_SETFCAP", "CAP_SYS_CHROOT"];

    /// <summary>Parts of /proc that speak about the machine and not about the container.</summary>
    private static readonly string[] Masked = ["kcore", "keys", "latency_stats", "timer_list", "sched_debug", "sysrq-trigger", "kmsg", "interrupts"];

    /// <summary>The whole command line.</summary>
    /// <param name="tree">The mounted tree.</param>
    /// <param name="request">What to run.</param>
    /// <param name="mounts">Volumes and single files: source, place inside, read-only.</param>
    /// <param name="descriptors">Numbers of inherited descriptors.</param>
    internal static ImmutableArray<string> Arguments(
        string tree, SandboxRequest request, ImmutableArray<(string Source, string Destination, bool ReadOnly)> mounts, SandboxDescriptors descriptors) =>
    [
        "--bind", tree, "/",
        "--dev", "/dev",
        "--proc", "/proc",
        .. from name in Masked
           where File.Exists($"/proc/{name}")
           from word in (string[])["--ro-bind", "/dev/null", $"/proc/{name}"]
           select word,
        "--perms", "1777", "--tmpfs", "/tmp",
        .. mounts.SelectMany(mount => (string[])[mount.ReadOnly ? "--ro-bind" : "--bind", mount.Source, mount.Destination]),
        "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        .. request.HostNetwork ? [] : (string[])["--unshare-net"],
        "--hostname", "container",
        "--die-with-parent",
        .. request.Interactive ? [] : (string[])["--new-session"],
        "--cap-drop", "ALL",
        .. Capabilities.SelectMany(capability => (string[])["--cap-add", capability]),
        "--seccomp", Number(descriptors.Seccomp),
        .. descriptors.Info >= 0 ? (string[])["--info-fd", Number(descriptors.Info), "--block-fd", Number(descriptors.Block)] : [],
        "--clearenv",
        .. request.Environment.SelectMany(Variable),
        "--chdir", request.WorkingDirectory.Length > 0 ? request.WorkingDirectory : "/",
        "--",
        .. request.User.Length > 0 ? (string[])["chroot", "--skip-chdir", $"--userspec={request.User}", "/"] : [],
        .. request.Command,
    ];

    private static string[] Variable(string variable)
    {
        var equals = variable.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? ["--setenv", variable[..equals], variable[(equals + 1)..]] : [];
    }

    private static string Number(int number) => number.ToString(provider: null);
}

/// <summary>Descriptors that bubblewrap itself reads or writes; negative: not used.</summary>
/// <param name="Seccomp">The filter.</param>
/// <param name="Info">Gets the number of the first process inside.</param>
/// <param name="Block">The command starts when this one has something to read.</param>
internal sealed record SandboxDescriptors(int Seccomp, int Info, int Block);
