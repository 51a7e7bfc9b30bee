using System.Collections.Immutable;

namespace DotnetRelease.Containers;

/// <summary>Which distribution this machine has, as far as that decides how a program is installed; os-release(5).</summary>
/// <param name="Name">For people.</param>
/// <param name="Kinds">Its own id, then those that it is like.</param>
internal sealed record Distribution(string Name, ImmutableArray<string> Kinds)
{
    /// <summary>The distribution of this machine.</summary>
    internal static Distribution OfThisMachine() => Parse(((string[])["/etc/os-release", "/usr/lib/os-release"]).FirstOrDefault(File.Exists) is { } file ? File.ReadAllText(file) : "");

    /// <summary>Reads the text of an os-release file; lines that say nothing here are passed over.</summary>
    internal static Distribution Parse(string text)
    {
        var values = text.Split('\n').Select(line => line.Split('=', 2)).Where(parts => parts.Length is 2)
            .GroupBy(parts => parts[0].Trim(), StringComparer.Ordinal).ToDictionary(lines => lines.Key, lines => lines.Last()[1].Trim().Trim('"', '\''), StringComparer.Ordinal);
        ImmutableArray<string> kinds = [.. $"{values.GetValueOrDefault("ID")} {values.GetValueOrDefault("ID_LIKE")}".Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        return new Distribution(values.GetValueOrDefault("PRETTY_NAME") is { Length: > 0 } name ? name : "an unknown distribution", kinds);
    }

    /// <summary>The line that installs a package here; where nobody knows how, for every package manager that is known.</summary>
    internal string InstallLine(ProgramPackage package)
    {
        var (apt, dnf, zypper) = ($"sudo apt-get install {package.Apt}", $"sudo dnf install {package.Dnf}", $"sudo zypper install {package.Zypper}");
        return Kinds.Select(kind => kind switch
        {
            "debian" or "ubuntu" => apt,
            "fedora" or "rhel" or "centos" => dnf,
            "suse" or "sles" or "opensuse" or "opensuse-leap" or "opensuse-tumbleweed" => zypper,
            _ => null,
        }).FirstOrDefault(line => line is not null) ?? $"{apt}   or: {dnf}   or: {zypper}";
    }
}

/// <summary>What a program's package is called.</summary>
/// <param name="Apt">On Debian and Ubuntu.</param>
/// <param name="Dnf">On Fedora and RHEL.</param>
/// <param name="Zypper">On openSUSE and SLES.</param>
internal sealed record ProgramPackage(string Apt, string Dnf, string Zypper)
{
    internal static readonly ProgramPackage Bubblewrap = Same("bubblewrap");
    internal static readonly ProgramPackage IdMaps = new("uidmap", "shadow-utils", "shadow");
    internal static readonly ProgramPackage Utilities = Same("util-linux");
    internal static readonly ProgramPackage Gpg = new("gnupg", "gnupg2", "gpg2");
    internal static readonly ProgramPackage Git = new("git", "git-core", "git-core");
    internal static readonly ProgramPackage GitLfs = Same("git-lfs");
    internal static readonly ProgramPackage Ssh = new("openssh-client", "openssh-clients", "openssh-clients");
    internal static readonly ProgramPackage Zstd = new("libzstd1", "libzstd", "libzstd1");
    internal static readonly ProgramPackage Rpm = Same("rpm");
    internal static readonly ProgramPackage Podman = Same("podman");
    internal static readonly ProgramPackage Docker = new("docker.io", "moby-engine", "docker");

    internal static readonly ProgramPackage QemuUser = new("qemu-user-static binfmt-support", "qemu-user-static", "qemu-linux-user");

    private static ProgramPackage Same(string name) => new(name, name, name);
}
