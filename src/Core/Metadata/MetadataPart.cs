using System.Globalization;

namespace DotnetRelease.Metadata;

/// <summary>One of the three files that describe packages; the formats differ in their root element and in which fragment they take.</summary>
/// <param name="Type">As repomd.xml names it.</param>
/// <param name="Root">Name of the root element.</param>
/// <param name="Namespaces">Its declarations, exactly; fragments rely on the prefix.</param>
/// <param name="FragmentOf">A package's own part.</param>
internal sealed record MetadataPart(string Type, string Root, string Namespaces, Func<IndexedPackage, ReadOnlyMemory<byte>> FragmentOf)
{
    internal const string CommonNamespace = "http://linux.duke.edu/metadata/common";
    internal const string RpmNamespace = "http://linux.duke.edu/metadata/rpm";

    internal static readonly MetadataPart Primary = new(
        "primary", "metadata", $"xmlns=\"{CommonNamespace}\" xmlns:rpm=\"{RpmNamespace}\"", package => package.Primary)
    {
        TextOf = group => group.Primary,
    };

    internal static readonly MetadataPart Filelists = new(
        "filelists", "filelists", "xmlns=\"http://linux.duke.edu/metadata/filelists\"", package => package.Filelists)
    {
        TextOf = group => group.Filelists,
    };

    internal static readonly MetadataPart Other = new(
        "other", "otherdata", "xmlns=\"http://linux.duke.edu/metadata/other\"", package => package.Other)
    {
        TextOf = group => group.Other,
    };

    /// <summary>A served group's own part.</summary>
    internal required Func<PackedGroup, GroupText> TextOf { get; init; }

    /// <summary>What stands before the packages.</summary>
    internal string Head(int packages) => string.Create(
        CultureInfo.InvariantCulture, $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{Root} {Namespaces} packages=\"{packages}\">\n");

    /// <summary>What stands after them.</summary>
    internal string Tail => $"</{Root}>\n";
}
