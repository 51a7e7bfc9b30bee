using System.Collections.Immutable;
using System.Text.Json;

namespace DotnetRelease.Building;

/// <summary>
/// A thing in an SPDX document (2.3, chapter 7): everything is a package there, also one archive. What is null is not asserted. Files inside are
/// not listed: SPDX wants a SHA-1 of each.
/// </summary>
/// <param name="Id">Behind <c>SPDXRef-</c>: letters, digits, dots and dashes.</param>
/// <param name="Name">What people call it.</param>
internal sealed record SpdxPackage(string Id, string Name)
{
    private const string Unknown = "NOASSERTION";

    /// <summary>Version, as its kind writes it.</summary>
    public string? Version { get; init; }

    /// <summary>Its file, without folder.</summary>
    public string? File { get; init; }

    /// <summary>Of that file.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Where it was downloaded from.</summary>
    public string? Location { get; init; }

    /// <summary>How it was made of what is at <see cref="Location"/>; null when it is that itself.</summary>
    public string? Origin { get; init; }

    /// <summary>Package URL.</summary>
    public string? Url { get; init; }

    /// <summary>Of an RPM's main header, which signing does not change.</summary>
    public Digest? Header { get; init; }

    /// <summary>An SPDX expression, as whoever made it declares it.</summary>
    public string? License { get; init; }

    /// <summary>Who gives it to people.</summary>
    public string? Supplier { get; init; }

    /// <summary>One line on what it is.</summary>
    public string? Summary { get; init; }

    /// <summary>Where its project is at home.</summary>
    public string? HomePage { get; init; }

    /// <summary>One of SPDX's words: <c>INSTALL</c>, <c>SOURCE</c>, <c>CONTAINER</c>, ….</summary>
    public required string Purpose { get; init; }

    /// <summary>What a reader should know about it.</summary>
    public string? Comment { get; init; }

    /// <summary>How relationships name it.</summary>
    public string Reference => $"SPDXRef-{Id}";

    /// <summary>The licences of its expression that are no names of SPDX's list, each of which a document has to describe.</summary>
    public ImmutableArray<string> OwnLicenses =>
        [.. (License ?? "").Split([' ', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.StartsWith("LicenseRef-", StringComparison.Ordinal))];

    /// <summary>Writes its object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("SPDXID", Reference);
        json.WriteString("name", Name);
        WriteIfKnown(json, "versionInfo", Version);
        WriteIfKnown(json, "packageFileName", File);
        WriteIfKnown(json, "supplier", Supplier is null ? null : $"Organization: {Supplier}");
        json.WriteString("downloadLocation", Location ?? Unknown);
        json.WriteBoolean("filesAnalyzed", false);
        WriteIfKnown(json, "homepage", HomePage);
        WriteIfKnown(json, "sourceInfo", Origin);
        json.WriteString("licenseConcluded", Unknown);
        json.WriteString("licenseDeclared", License ?? Unknown);
        json.WriteString("copyrightText", Unknown);
        WriteIfKnown(json, "summary", Summary);
        WriteIfKnown(json, "comment", Comment);
        json.WriteString("primaryPackagePurpose", Purpose);
        WriteChecksum(json);
        WriteReferences(json);
        json.WriteEndObject();
    }

    private static void WriteIfKnown(Utf8JsonWriter json, string name, string? value)
    {
        if (value is { Length: > 0 })
        {
            json.WriteString(name, value);
        }
    }

    private void WriteChecksum(Utf8JsonWriter json)
    {
        if (Digest is { } digest)
        {
            json.WriteStartArray("checksums");
            json.WriteStartObject();
            json.WriteString("algorithm", digest.Algorithm.ToUpperInvariant());
            json.WriteString("checksumValue", digest.Hex);
            json.WriteEndObject();
            json.WriteEndArray();
        }
    }

    private void WriteReferences(Utf8JsonWriter json)
    {
        if (Url is null && Header is null)
        {
            return;
        }

        json.WriteStartArray("externalRefs");
        WriteReference(json, "PACKAGE-MANAGER", "purl", Url);
        WriteReference(json, "OTHER", Provenance.HeaderAlgorithm, Header?.Hex);
        json.WriteEndArray();
    }

    private static void WriteReference(Utf8JsonWriter json, string category, string type, string? locator)
    {
        if (locator is not null)
        {
            json.WriteStartObject();
            json.WriteString("referenceCategory", category);
            json.WriteString("referenceType", type);
            json.WriteString("referenceLocator", locator);
            json.WriteEndObject();
        }
    }
}
