using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.Building;

/// <summary>How a distro installs what a build needs. Which one an image has is found by looking, not by its name.</summary>
/// <param name="Program">Found in the image's PATH.</param>
/// <param name="InstallTools">Brings <c>rpmbuild</c> and the builddep command; runs only where <c>rpmbuild</c> is missing.</param>
/// <param name="InstallRequirements">Installs the build requirements of <c>{spec}</c> from <c>{repositories}</c>, and keeps what it downloaded.</param>
public sealed record PackageManager(string Program, string InstallTools, string InstallRequirements)
{
    /// <summary>In the order in which an image is asked for them.</summary>
    public static readonly ImmutableArray<PackageManager> Known =
    [
        new("dnf5", "dnf5 -y --setopt=keepcache=1 install rpm-build dnf5-plugins", "dnf5 -y --setopt=keepcache=1{repositories} builddep {spec}")
        {
            InstallExact = "dnf5 -y --setopt=keepcache=1 --setopt=install_weak_deps=False{repositories} install {packages}",
        },
        new("dnf", "dnf -y --setopt=keepcache=1 install rpm-build dnf-plugins-core", "dnf -y --setopt=keepcache=1{repositories} builddep {spec}")
        {
            InstallExact = "dnf -y --setopt=keepcache=1 --setopt=install_weak_deps=False{repositories} install {packages}",
        },

        // microdnf has no builddep, but it can install the one that has.
        new("microdnf", "microdnf -y --setopt=keepcache=1 install dnf dnf-plugins-core rpm-build", "dnf -y --setopt=keepcache=1{repositories} builddep {spec}")
        {
            InstallExact = "microdnf -y --setopt=keepcache=1 --setopt=install_weak_deps=0{repositories} install {packages}",
        },

        // zypper installs requirements only for sources that it knows; rpmspec tells us ours, with their version conditions.
        new(
            "zypper",
            "zypper --non-interactive modifyrepo --keep-packages --all; zypper --non-interactive install rpm-build",
            "rpmspec -q --buildrequires {spec} | tr '\\n' '\\0' | xargs -0 -r zypper --non-interactive{repositories} install --no-recommends --capability")
        {
            InstallExact = "zypper --non-interactive{repositories} install --no-recommends --oldpackage --allow-unsigned-rpm {packages}",
            NoRepositories = " --no-remote",
            ExactForm = "{0}.{3}={1}-{2}",
        },
    ];

    /// <summary>Installs <c>{packages}</c>, files and exact versions, and nothing that they only recommend.</summary>
    public required string InstallExact { get; init; }

    /// <summary>The option with which it knows nothing but what is installed and the files that it is given.</summary>
    public string NoRepositories { get; init; } = " --disablerepo='*'";

    /// <summary>How it calls one exact version: name, version with its epoch, release, architecture.</summary>
    public string ExactForm { get; init; } = "{0}-{1}-{2}.{3}";

    /// <summary>The command that installs what a spec asks for.</summary>
    /// <param name="spec">Path of it inside.</param>
    /// <param name="isAlone">Without repositories: it fails unless everything is installed.</param>
    public string RequirementsOf(string spec, bool isAlone = false) =>
        Fill(InstallRequirements, isAlone).Replace("{spec}", spec, StringComparison.Ordinal);

    /// <summary>The command that installs exact packages.</summary>
    /// <param name="packages">Words of the shell.</param>
    /// <param name="isAlone">Without repositories.</param>
    public string ExactInstallOf(string packages, bool isAlone) =>
        Fill(InstallExact, isAlone).Replace("{packages}", packages, StringComparison.Ordinal);

    /// <summary>The word for one exact version.</summary>
    public string WordFor(Nevra nevra)
    {
        ArgumentNullException.ThrowIfNull(nevra);
        var version = nevra.Epoch is 0 ? nevra.Version : string.Create(CultureInfo.InvariantCulture, $"{nevra.Epoch}:{nevra.Version}");
        return string.Format(CultureInfo.InvariantCulture, ExactForm, nevra.Name, version, nevra.Release, nevra.Arch);
    }

    private string Fill(string command, bool isAlone) => command.Replace("{repositories}", isAlone ? NoRepositories : "", StringComparison.Ordinal);
}
