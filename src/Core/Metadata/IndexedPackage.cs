using DotnetRelease.Rpm;

namespace DotnetRelease.Metadata;

/// <summary>One package of a repository: what we decide by, and its three fragments of metadata as bytes.</summary>
/// <param name="Nevra">Identity.</param>
/// <param name="File">Where it lies and what it is.</param>
/// <param name="BuildTime">Seconds since 1970.</param>
internal sealed record IndexedPackage(Nevra Nevra, RepositoryFile File, long BuildTime)
{
    /// <summary>Its <c>package</c> element of primary.xml, line end included.</summary>
    public required ReadOnlyMemory<byte> Primary { get; init; }

    /// <summary>Its <c>package</c> element of filelists.xml.</summary>
    public required ReadOnlyMemory<byte> Filelists { get; init; }

    /// <summary>Its <c>package</c> element of other.xml.</summary>
    public required ReadOnlyMemory<byte> Other { get; init; }

    /// <summary>Where it was read from, when that can be served again as it is; else null.</summary>
    public PackedGroup? Group { get; init; }

    /// <summary>The entry of an RPM that is to lie at a place in the repository.</summary>
    internal static IndexedPackage From(RpmPackage package, RepositoryFile file)
    {
        var (description, xml) = (PackageDescriber.Describe(package, file), new XmlText());
        return new IndexedPackage(description.Nevra, file, description.BuildTime)
        {
            Primary = PackageXml.Primary(description, xml),
            Filelists = PackageXml.Filelists(description, xml),
            Other = PackageXml.Other(description, xml),
        };
    }
}
