using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.Metadata;

/// <summary>Writes updateinfo.xml as Fedora's update system does, as far as clients read it.</summary>
internal static class NoticeXml
{
    internal const string Type = "updateinfo";

    /// <summary>What the names of files made here end in: another tool's updateinfo.xml is known by its other name.</summary>
    internal const string Name = "changelog-updateinfo.xml";

    /// <summary>The whole file.</summary>
    internal static byte[] Write(ImmutableArray<Notice> notices, string project)
    {
        var xml = new XmlText().Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>\n"u8);
        foreach (var notice in notices)
        {
            Add(notice, project, xml);
        }

        return xml.Raw("</updates>\n"u8).Take();
    }

    private static void Add(Notice notice, string project, XmlText xml)
    {
        var issued = notice.Issued.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        xml.Raw("  <update"u8).Attribute("from"u8, project).Attribute("status"u8, "stable").Attribute("type"u8, notice.Kind).Raw(" version=\"1\">\n"u8)
            .Line("    "u8, "id"u8, notice.Id)
            .Line("    "u8, "title"u8, notice.Title)
            .Raw("    <issued"u8).Attribute("date"u8, issued).Raw("/>\n"u8)
            .Line("    "u8, "description"u8, notice.Text)
            .Raw("    <references>\n"u8);
        foreach (var reference in notice.References)
        {
            xml.Raw("      <reference"u8).Attribute("href"u8, reference.Url).Attribute("id"u8, reference.Id)
                .Attribute("type"u8, reference.Kind).Attribute("title"u8, reference.Id).Raw("/>\n"u8);
        }

        xml.Raw("    </references>\n    <pkglist>\n      <collection"u8).Attribute("short"u8, project).Raw(">\n"u8).Line("        "u8, "name"u8, project);
        foreach (var package in notice.Packages)
        {
            Add(package, notice.Title, xml);
        }

        xml.Raw("      </collection>\n    </pkglist>\n  </update>\n"u8);
    }

    private static void Add(IndexedPackage package, string source, XmlText xml)
    {
        var nevra = package.Nevra;
        xml.Raw("        <package"u8).Attribute("name"u8, nevra.Name).Attribute("version"u8, nevra.Version).Attribute("release"u8, nevra.Release)
            .Attribute("epoch"u8, nevra.Epoch).Attribute("arch"u8, nevra.Arch).Attribute("src"u8, $"{source}.src.rpm").Raw(">\n"u8)
            .Line("          "u8, "filename"u8, package.File.Location)
            .Raw("          <sum type=\"sha256\">"u8).Text(package.File.Digest.Hex).Raw("</sum>\n        </package>\n"u8);
    }
}
