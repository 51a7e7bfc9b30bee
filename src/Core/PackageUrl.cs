using System.Text;

namespace DotnetRelease;

/// <summary>
/// Names of packages of every ecosystem as SBOM and vulnerability tools compare them
/// (<see href="https://github.com/package-url/purl-spec">package URL</see>).
/// </summary>
public static class PackageUrl
{
    /// <summary><c>pkg:rpm/NAME@VERSION-RELEASE?arch=ARCH</c>. The vendor, which would stand before the name, is not known.</summary>
    public static string Of(Nevra nevra)
    {
        ArgumentNullException.ThrowIfNull(nevra);
        var url = new StringBuilder($"pkg:rpm/{Escape(nevra.Name)}@{Escape($"{nevra.Version}-{nevra.Release}")}?arch={Escape(nevra.Arch)}");
        return (nevra.Epoch is 0 ? url : url.Append("&epoch=").Append(nevra.Epoch)).ToString();
    }

    /// <summary>A locked package of an ecosystem: <c>pkg:pypi/NAME@VERSION</c>, <c>pkg:npm/%40SCOPE/NAME@VERSION</c>, ….</summary>
    /// <param name="ecosystem">Its name here: <c>python</c>, <c>npm</c>, <c>nuget</c>, <c>cargo</c> or <c>go</c>.</param>
    /// <param name="name">Normalised as the ecosystem does it.</param>
    /// <param name="version">As the lock writes it.</param>
    public static string Of(string ecosystem, string name, string version)
    {
        ArgumentNullException.ThrowIfNull(name);
        var type = ecosystem switch
        {
            "python" => "pypi",
            "go" => "golang",
            _ => ecosystem,
        };
        return $"pkg:{type}/{string.Join('/', name.Split('/').Select(Escape))}@{Escape(version)}";
    }

    // A colon stays as it is everywhere in a package URL.
    private static string Escape(string part) => Uri.EscapeDataString(part).Replace("%3A", ":", StringComparison.Ordinal);
}
