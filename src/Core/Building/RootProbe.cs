using DotnetRelease.Containers;

namespace DotnetRelease.Building;

/// <summary>What a root says about itself before anything is installed.</summary>
/// <param name="Manager">The package manager, or null when it has none that is known.</param>
/// <param name="HasRpmbuild">Whether it can build already.</param>
/// <param name="Distro">Name and version, <c>fedora-43</c>; null when it does not say, or not in plain words.</param>
internal sealed record RootProbe(PackageManager? Manager, bool HasRpmbuild, string? Distro)
{
    private const string Program = "program ";
    private const string System = "system ";

    private static readonly string Script =
        $"for p in rpmbuild {string.Join(' ', PackageManager.Known.Select(manager => manager.Program))}; do command -v $p > /dev/null && echo \"{Program}$p\"; done; "
        + $"[ -r /etc/os-release ] && . /etc/os-release && echo \"{System}$ID${{VERSION_ID:+-$VERSION_ID}}\"; :";

    /// <summary>Looks. Which package manager an image has is found by looking, not by its name.</summary>
    public static async Task<RootProbe> LookAsync(IContainer container, CancellationToken ct) =>
        Parse((await container.ReadAsync(new Sandbox("sh", "-c", Script), ct)).Output);

    internal static RootProbe Parse(string output)
    {
        var lines = output.Split('\n');
        var programs = lines.Where(line => line.StartsWith(Program, StringComparison.Ordinal)).Select(line => line[Program.Length..]).ToHashSet(StringComparer.Ordinal);
        var system = lines.FirstOrDefault(line => line.StartsWith(System, StringComparison.Ordinal))?[System.Length..];
        return new(
            PackageManager.Known.FirstOrDefault(manager => programs.Contains(manager.Program)),
            programs.Contains("rpmbuild"),
            system is not null && SafeName.Refuse(system) is null && system[0] is not '.' ? system : null);
    }
}
