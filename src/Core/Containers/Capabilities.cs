using System.Collections.Immutable;

namespace DotnetRelease.Containers;

/// <summary>
/// What root of a container may do beyond what the owner of a file may, by phase. They count inside only, over the container's own ids;
/// nothing in here is about mounts, networks, devices, or processes of others.
/// </summary>
public static class Capabilities
{
    /// <summary>For package managers and their scripts, and for <c>run</c>: podman's default without the one for ports below 1024.</summary>
    public static readonly ImmutableArray<string> Installing =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_SETFCAP", "CAP_SYS_CHROOT",
    ];

    /// <summary>
    /// For parsing and building a spec. These go together: as root, tar gives files to their owners in the archive, and the build then has
    /// to write and to chmod what it gave away. No other user, no capabilities on files, no other root folder.
    /// </summary>
    public static readonly ImmutableArray<string> Building = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID"];
}
