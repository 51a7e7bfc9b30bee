using System.Collections.Immutable;

namespace DotnetRelease.Building;

/// <summary>
/// How a user installs a file, with what each image has. <c>{rpms}</c> stands for paths and <c>{names}</c> for names; both have no character
/// that a shell reads.
/// </summary>
/// <param name="Program">Found in the image's PATH.</param>
/// <param name="Update">Brings the image up to date.</param>
/// <param name="Require">Installs files, and what they require from the distro.</param>
/// <param name="Install">Installs or upgrades to files when nothing else is needed; asks no repository.</param>
/// <param name="Remove">Removes packages; asks no repository.</param>
internal sealed record InstallCommands(string Program, string Update, string Require, string Install, string Remove)
{
    /// <summary>In the order in which an image is asked for them.</summary>
    public static readonly ImmutableArray<InstallCommands> Known =
    [
        OfDnf("dnf5", "dnf5 -y --setopt=keepcache=1 --refresh upgrade"),
        OfDnf("dnf", "dnf -y --setopt=keepcache=1 --refresh upgrade"),

        // microdnf installs no files, but it can install the one that does.
        OfDnf("dnf", "microdnf -y install dnf && dnf -y --setopt=keepcache=1 --refresh upgrade") with { Program = "microdnf" },
        new(
            "zypper",
            "zypper --non-interactive modifyrepo --keep-packages --all; zypper --non-interactive update",
            "zypper --non-interactive install --no-recommends --allow-unsigned-rpm {rpms}",
            "zypper --non-interactive --disable-repositories install --no-recommends --allow-unsigned-rpm {rpms}",
            "zypper --non-interactive --disable-repositories remove {names}"),
    ];

    /// <summary>Weak requirements are left out: what only works with them does not work for everybody. The file was not signed yet.</summary>
    private static InstallCommands OfDnf(string program, string update)
    {
        const string options = "--setopt=install_weak_deps=False --setopt=localpkg_gpgcheck=False";
        return new(
            program,
            update,
            $"{program} -y --setopt=keepcache=1 {options} install {{rpms}}",
            $"{program} -y --disablerepo='*' {options} install {{rpms}}",
            $"{program} -y --disablerepo='*' remove {{names}}");
    }
}
