using System.Collections.Immutable;

namespace DotnetRelease.Building;

/// <summary>How a distro installs what a build needs. Which one an image has is found by looking, not by its name.</summary>
/// <param name="Program">Found in the image's PATH.</param>
/// <param name="InstallTools">Brings <c>rpmbuild</c> and the builddep command; runs only where <c>rpmbuild</c> is missing.</param>
/// <param name="InstallRequirements">Installs the build requirements of <c>{spec}</c>.</param>
public sealed record PackageManager(string Program, string InstallTools, string InstallRequirements)
{
    /// <summary>In the order in which an image is asked for them.</summary>
    public static readonly ImmutableArray<PackageManager> Known =
    [
        new("dnf5", "dnf5 -y install rpm-build dnf5-plugins", "dnf5 -y builddep {spec}"),
        new("dnf", "dnf -y install rpm-build dnf-plugins-core", "dnf -y builddep {spec}"),

        // microdnf has no builddep, but it can install the one that has.
        new("microdnf", "microdnf -y install dnf dnf-plugins-core rpm-build", "dnf -y builddep {spec}"),

        // zypper installs requirements only for sources that it knows; rpmspec tells us ours, with their version conditions.
        new("zypper", "zypper --non-interactive install rpm-build", "rpmspec -q --buildrequires {spec} | tr '\\n' '\\0' | xargs -0 -r zypper --non-interactive install --no-recommends --capability"),
    ];
}
