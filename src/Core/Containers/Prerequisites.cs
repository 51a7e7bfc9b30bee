using System.Globalization;
using DotnetRelease.Processes;

namespace DotnetRelease.Containers;

/// <summary>What a machine needs before it can run a container, and how to get it.</summary>
internal static class Prerequisites
{
    /// <summary>Where bubblewrap is.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.BubblewrapMissing"/>.</exception>
    internal static string FindBubblewrap() => Exec.Find("bwrap") ?? throw new ReleaseException(Fault.BubblewrapMissing, "bubblewrap is not installed; it makes the sandboxes of a container. Nothing was downloaded.")
    {
        Remedy = InstallLine(ProgramPackage.Bubblewrap),
    };

    /// <summary>Where a program of util-linux is.</summary>
    internal static string FindUtility(string program) => Exec.Find(program) ?? throw new ReleaseException(Fault.ToolMissing, $"'{program}' is not installed; it is part of util-linux. Nothing was downloaded.")
    {
        Remedy = InstallLine(ProgramPackage.Utilities),
    };

    /// <summary>What to do where a package is missing, in the words of this machine's distribution.</summary>
    internal static string InstallLine(ProgramPackage package) => $"Run: {Distribution.OfThisMachine().InstallLine(package)}";

    /// <summary>The one switch that is certain without a try; the others depend on who asks and how.</summary>
    internal static void CheckNamespaces()
    {
        if (Switch("user/max_user_namespaces") is 0)
        {
            throw NamespacesBlocked("");
        }
    }

    /// <summary>Why the namespaces could not be made, from what the kernel's switches say.</summary>
    /// <param name="words">What the programs printed.</param>
    internal static ReleaseException NamespacesBlocked(string words)
    {
        var (detail, remedy) = Blocked();
        return new ReleaseException(Fault.NamespacesBlocked, $"user namespaces cannot be used here: {detail ?? words}. Nothing was downloaded.") { Remedy = remedy };
    }

    private static (string? Detail, string Remedy) Blocked()
    {
        if (Switch("user/max_user_namespaces") is 0)
        {
            return ("user.max_user_namespaces is 0", "Run: sudo sysctl user.max_user_namespaces=65536");
        }

        if (Switch("kernel/unprivileged_userns_clone") is 0)
        {
            return ("kernel.unprivileged_userns_clone is 0", "Run: sudo sysctl kernel.unprivileged_userns_clone=1");
        }

        if (Switch("kernel/apparmor_restrict_unprivileged_userns") is 1)
        {
            return (
                "AppArmor restricts them (kernel.apparmor_restrict_unprivileged_userns is 1)",
                "Run: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0   or run this command with sudo");
        }

        return (null, "Inside a container of docker or podman they need: --privileged, or --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cap-add SYS_ADMIN");
    }

    private static long? Switch(string name)
    {
        try
        {
            return long.Parse(File.ReadAllText($"/proc/sys/{name}"), CultureInfo.InvariantCulture);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
