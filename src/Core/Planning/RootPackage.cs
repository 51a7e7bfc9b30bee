namespace DotnetRelease.Planning;

/// <summary>One package that is installed in a build root.</summary>
/// <param name="Nevra">What it is.</param>
/// <param name="Header">
/// rpm's <c>SHA256HEADER</c>, the digest of the package's main header, in which the digest of its payload stands. Unlike the digest of the
/// file it is the same after a distro signed its packages anew, on every mirror, and in the database of a root that has the file no more.
/// Null for what an rpm older than 4.14 made, which wrote none.
/// </param>
public sealed record RootPackage(Nevra Nevra, Digest? Header)
{
    /// <summary>What can be there once only, so that it has one version: name and architecture.</summary>
    public string Slot => $"{Nevra.Name}.{Nevra.Arch}";

    /// <summary>Name, epoch, version, release and architecture.</summary>
    public override string ToString() => Nevra.ToString();
}
