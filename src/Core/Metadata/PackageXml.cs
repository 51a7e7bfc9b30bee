using System.Collections.Immutable;

namespace DotnetRelease.Metadata;

/// <summary>
/// One package in the three metadata files, element by element as createrepo_c writes it. The only difference: <c>time file</c>
/// is the build time and not the age of somebody's copy, so that the same packages give the same bytes everywhere.
/// </summary>
internal static class PackageXml
{
    /// <summary>The <c>package</c> element of primary.xml.</summary>
    internal static byte[] Primary(PackageDescription package, XmlText xml)
    {
        xml.Raw("<package type=\"rpm\">\n"u8)
            .Line("  "u8, "name"u8, package.Nevra.Name)
            .Line("  "u8, "arch"u8, package.Nevra.Arch);
        Version(package.Nevra, xml);
        xml.Raw("  <checksum type=\"sha256\" pkgid=\"YES\">"u8).Text(package.File.Digest.Hex).Raw("</checksum>\n"u8)
            .Line("  "u8, "summary"u8, package.Summary)
            .Line("  "u8, "description"u8, package.Description)
            .Line("  "u8, "packager"u8, package.Packager)
            .Line("  "u8, "url"u8, package.Url)
            .Raw("  <time"u8).Attribute("file"u8, package.BuildTime).Attribute("build"u8, package.BuildTime).Raw("/>\n"u8)
            .Raw("  <size"u8).Attribute("package"u8, package.File.Size)
            .Attribute("installed"u8, package.InstalledSize).Attribute("archive"u8, package.ArchiveSize).Raw("/>\n"u8)
            .Raw("  <location"u8).Attribute("href"u8, package.File.Location).Raw("/>\n"u8);
        Format(package, xml);
        return xml.Raw("</package>\n"u8).Take();
    }

    /// <summary>The <c>package</c> element of filelists.xml.</summary>
    internal static byte[] Filelists(PackageDescription package, XmlText xml)
    {
        Identity(package, xml);
        foreach (var file in package.Files)
        {
            File("  "u8, file, xml);
        }

        return xml.Raw("</package>\n"u8).Take();
    }

    /// <summary>The <c>package</c> element of other.xml.</summary>
    internal static byte[] Other(PackageDescription package, XmlText xml)
    {
        Identity(package, xml);
        foreach (var change in package.Changes)
        {
            xml.Raw("  <changelog"u8).Attribute("author"u8, change.Author).Attribute("date"u8, change.Time).Raw(">"u8)
                .Text(change.Text).Raw("</changelog>\n"u8);
        }

        return xml.Raw("</package>\n"u8).Take();
    }

    private static void Format(PackageDescription package, XmlText xml)
    {
        xml.Raw("  <format>\n"u8)
            .Line("    "u8, "rpm:license"u8, package.License)
            .Line("    "u8, "rpm:vendor"u8, package.Vendor)
            .Line("    "u8, "rpm:group"u8, package.Group)
            .Line("    "u8, "rpm:buildhost"u8, package.BuildHost)
            .Line("    "u8, "rpm:sourcerpm"u8, package.SourceRpm)
            .Raw("    <rpm:header-range"u8).Attribute("start"u8, package.HeaderRange.Start).Attribute("end"u8, package.HeaderRange.End).Raw("/>\n"u8);
        Dependencies("rpm:provides"u8, package.Relations.Provides, xml);
        Dependencies("rpm:requires"u8, package.Relations.Requires, xml);
        Dependencies("rpm:conflicts"u8, package.Relations.Conflicts, xml);
        Dependencies("rpm:obsoletes"u8, package.Relations.Obsoletes, xml);
        Dependencies("rpm:suggests"u8, package.Relations.Suggests, xml);
        Dependencies("rpm:enhances"u8, package.Relations.Enhances, xml);
        Dependencies("rpm:recommends"u8, package.Relations.Recommends, xml);
        Dependencies("rpm:supplements"u8, package.Relations.Supplements, xml);
        foreach (var file in package.Files)
        {
            if (IsPrimary(file.Path))
            {
                File("    "u8, file, xml);
            }
        }

        xml.Raw("  </format>\n"u8);
    }

    /// <summary>
    /// Files that primary.xml repeats, so that clients resolve most file dependencies without filelists. The rule is yum's and
    /// takes "bin/" anywhere in the path; clients rely on exactly it.
    /// </summary>
    internal static bool IsPrimary(string path) =>
        path.StartsWith("/etc/", StringComparison.Ordinal)
        || path.Contains("bin/", StringComparison.Ordinal)
        || path is "/usr/lib/sendmail";

    private static void Identity(PackageDescription package, XmlText xml)
    {
        xml.Raw("<package"u8).Attribute("pkgid"u8, package.File.Digest.Hex)
            .Attribute("name"u8, package.Nevra.Name).Attribute("arch"u8, package.Nevra.Arch).Raw(">\n"u8);
        Version(package.Nevra, xml);
    }

    private static void Version(Nevra nevra, XmlText xml) =>
        xml.Raw("  <version"u8).Attribute("epoch"u8, nevra.Epoch).Attribute("ver"u8, nevra.Version).Attribute("rel"u8, nevra.Release).Raw("/>\n"u8);

    private static void Dependencies(ReadOnlySpan<byte> element, ImmutableArray<PackageDependency> dependencies, XmlText xml)
    {
        if (dependencies.IsEmpty)
        {
            return;
        }

        xml.Raw("    <"u8).Raw(element).Raw(">\n"u8);
        foreach (var dependency in dependencies)
        {
            xml.Raw("      <rpm:entry"u8).Attribute("name"u8, dependency.Name);
            if (dependency.Comparison is { } comparison)
            {
                xml.Attribute("flags"u8, comparison);
                Filled("epoch"u8, dependency.Version.Epoch, xml);
                Filled("ver"u8, dependency.Version.Version, xml);
                Filled("rel"u8, dependency.Version.Release, xml);
            }

            xml.Raw(dependency.BeforeScripts ? " pre=\"1\"/>\n"u8 : "/>\n"u8);
        }

        xml.Raw("    </"u8).Raw(element).Raw(">\n"u8);
    }

    private static void Filled(ReadOnlySpan<byte> name, string value, XmlText xml)
    {
        if (value.Length > 0)
        {
            xml.Attribute(name, value);
        }
    }

    private static void File(ReadOnlySpan<byte> indent, PackageFile file, XmlText xml) =>
        xml.Raw(indent)
            .Raw(file.Kind switch
            {
                PackageFileKind.Folder => "<file type=\"dir\">"u8,
                PackageFileKind.Ghost => "<file type=\"ghost\">"u8,
                _ => "<file>"u8,
            })
            .Text(file.Path).Raw("</file>\n"u8);
}
