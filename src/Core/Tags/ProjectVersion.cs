using System.Xml;

namespace DotnetRelease.Tags;

/// <summary>The version in an MSBuild project: <c>Version</c>, else <c>VersionPrefix</c> with <c>VersionSuffix</c>, as written; properties are not expanded.</summary>
internal static class ProjectVersion
{
    private static readonly XmlReaderSettings Strict = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true };

    internal static VersionClaim? Read(ReadOnlyMemory<byte> bytes, string label)
    {
        var found = new Dictionary<string, VersionClaim>(StringComparer.Ordinal);
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(bytes.ToArray()), Strict);
            while (reader.Read())
            {
                if (reader is { NodeType: XmlNodeType.Element, Depth: 2, LocalName: "Version" or "VersionPrefix" or "VersionSuffix" } && !reader.IsEmptyElement)
                {
                    var (name, at) = (reader.LocalName, (IXmlLineInfo)reader);
                    var position = new SourcePosition(label, at.LineNumber, at.LinePosition);
                    // The value is the next node; reading it as a whole would jump over the following element.
                    _ = reader.Read() && reader.NodeType is XmlNodeType.Text && found.TryAdd(name, new(reader.Value.Trim(), position));
                }
            }
        }
        catch (XmlException ex)
        {
            throw new ReleaseException(Fault.TagVersionDiffers, $"The version file is no XML: {ex.Message}", new SourcePosition(label, ex.LineNumber, ex.LinePosition), ex);
        }

        return found.GetValueOrDefault("Version") ?? (found.GetValueOrDefault("VersionPrefix"), found.GetValueOrDefault("VersionSuffix")) switch
        {
            (null, _) => null,
            ({ } prefix, null) => prefix,
            ({ } prefix, { } suffix) => prefix with { Version = $"{prefix.Version}-{suffix.Version}" },
        };
    }
}
