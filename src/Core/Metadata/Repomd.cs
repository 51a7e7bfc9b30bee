using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.Metadata;

/// <summary>repomd.xml: what the metadata of a repository consists of. The one file that is signed.</summary>
/// <param name="Revision">Rises with every change.</param>
/// <param name="Entries">The metadata files, each with its digest.</param>
internal sealed record Repomd(long Revision, ImmutableArray<RepomdEntry> Entries)
{
    internal const string Folder = "repodata";
    internal const string FileName = "repomd.xml";
    internal const string SignatureName = "repomd.xml.asc";

    /// <summary>The entry of a type, or null.</summary>
    internal RepomdEntry? Find(string type) => Entries.FirstOrDefault(entry => string.Equals(entry.Type, type, StringComparison.Ordinal));

    /// <summary>The file's bytes; the same value gives the same bytes.</summary>
    internal byte[] ToXml()
    {
        var xml = new XmlText()
            .Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8)
            .Raw("<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n"u8)
            .Line("  "u8, "revision"u8, Revision.ToString(CultureInfo.InvariantCulture));
        foreach (var entry in Entries)
        {
            entry.AddTo(xml);
        }

        return xml.Raw("</repomd>\n"u8).Take();
    }
}

/// <summary>One metadata file.</summary>
/// <param name="Type"><c>primary</c>, <c>filelists</c>, <c>other</c>, <c>updateinfo</c>, ….</param>
/// <param name="File">Where it lies and what it is, compressed.</param>
/// <param name="Timestamp">When it was made, in seconds since 1970.</param>
internal sealed record RepomdEntry(string Type, RepositoryFile File, long Timestamp)
{
    /// <summary>The same before compression; null when nobody said.</summary>
    internal OpenPart? Open { get; init; }

    /// <summary>The entry of a file of ours. Its time is the revision: a clock would give other bytes for the same packages.</summary>
    internal static RepomdEntry Of(PackedMetadata packed, long revision) =>
        new(packed.Type, new RepositoryFile($"{Repomd.Folder}/{packed.FileName}", packed.Size, packed.Digest), revision) { Open = packed.Open };

    internal void AddTo(XmlText xml)
    {
        xml.Raw("  <data"u8).Attribute("type"u8, Type).Raw(">\n"u8);
        xml.Raw("    <checksum type=\"sha256\">"u8).Text(File.Digest.Hex).Raw("</checksum>\n"u8);
        if (Open is { } plain)
        {
            xml.Raw("    <open-checksum type=\"sha256\">"u8).Text(plain.Digest.Hex).Raw("</open-checksum>\n"u8);
        }

        xml.Raw("    <location"u8).Attribute("href"u8, File.Location).Raw("/>\n"u8);
        xml.Raw("    <timestamp>"u8).Number(Timestamp).Raw("</timestamp>\n"u8);
        xml.Raw("    <size>"u8).Number(File.Size).Raw("</size>\n"u8);
        if (Open is { } opened)
        {
            xml.Raw("    <open-size>"u8).Number(opened.Size).Raw("</open-size>\n"u8);
        }

        xml.Raw("  </data>\n"u8);
    }
}
