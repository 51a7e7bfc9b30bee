namespace DotnetRelease;

/// <summary>Name, epoch, version, release and architecture: the identity of one RPM.</summary>
/// <param name="Name">Package name.</param>
/// <param name="Epoch">0 when the package has none.</param>
/// <param name="Version">Upstream version.</param>
/// <param name="Release">Packaging release, dist tag included.</param>
/// <param name="Arch"><c>x86_64</c>, <c>noarch</c>, … or <c>src</c> for a source package.</param>
public sealed record Nevra(string Name, uint Epoch, string Version, string Release, string Arch)
{
    /// <summary>The file name rpmbuild and repositories use; an epoch is never part of it.</summary>
    public string FileName => $"{Name}-{Version}-{Release}.{Arch}.rpm";

    /// <summary><c>name-[epoch:]version-release.arch</c>.</summary>
    public override string ToString() => Epoch is 0
        ? $"{Name}-{Version}-{Release}.{Arch}"
        : $"{Name}-{Epoch}:{Version}-{Release}.{Arch}";
}
