using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// What a package consists of, in a file beside it: an SPDX document (2.3, JSON), the version that scanners and registries read today. It holds
/// no time but that of the build's epoch and no digest that a signature changes, so that a rebuild writes the same bytes.
/// </summary>
public static class Sbom
{
    /// <summary>Comes after the NEVRA in the file's name.</summary>
    public const string Suffix = ".spdx.json";

    /// <summary>Media type of the file.</summary>
    internal const string MediaType = "application/spdx+json";

    private const string Namespace = "https://github.com/dotnet-release/dotnet-release/spdx";

    /// <summary>Name of the document about a package.</summary>
    public static string FileNameFor(Nevra nevra)
    {
        ArgumentNullException.ThrowIfNull(nevra);
        return nevra.FileName[..^".rpm".Length] + Suffix;
    }

    /// <summary>The document about one of the packages that a build gave.</summary>
    /// <param name="materials">What went into the build.</param>
    /// <param name="file">The package.</param>
    /// <param name="rpm">The same package's headers.</param>
    public static string Write(BuildMaterials materials, RpmFile file, RpmPackage rpm)
    {
        ArgumentNullException.ThrowIfNull(materials);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(rpm);
        var content = new SpdxContent(materials, rpm, file.HeaderSha256);
        var packages = content.Packages;
        return JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("spdxVersion", "SPDX-2.3");
            json.WriteString("dataLicense", "CC0-1.0");
            json.WriteString("SPDXID", "SPDXRef-DOCUMENT");
            json.WriteString("name", file.Nevra.FileName[..^".rpm".Length]);
            json.WriteString("documentNamespace", $"{Namespace}/{Uri.EscapeDataString(file.Nevra.FileName)}/{Identity(materials, file).Hex}");
            WriteCreation(json, materials);
            json.WriteStartArray("packages");
            foreach (var package in packages)
            {
                package.Write(json);
            }

            json.WriteEndArray();
            WriteOwnLicenses(json, packages);
            WriteRelationships(json, content);
            json.WriteEndObject();
        }) + "\n";
    }

    /// <summary>Two documents that may differ have different names: package, inputs, build root and this program decide what is written.</summary>
    private static Digest Identity(BuildMaterials materials, RpmFile file) =>
        Digest.Of($"{file.HeaderSha256} {materials.Job.Target.InputsKey} {materials.Root.Digest} {Provenance.ToolVersion}");

    private static void WriteCreation(Utf8JsonWriter json, BuildMaterials materials)
    {
        json.WriteStartObject("creationInfo");
        json.WriteTime("created", materials.Job.Epoch);
        json.WriteStrings("creators", [$"Tool: dotnet-release-{Provenance.ToolVersion}"]);
        json.WriteEndObject();
    }

    private static void WriteOwnLicenses(Utf8JsonWriter json, ImmutableArray<SpdxPackage> packages)
    {
        var own = packages.SelectMany(package => package.OwnLicenses).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (own.Count is 0)
        {
            return;
        }

        json.WriteItems("hasExtractedLicensingInfos", own, license =>
        {
            json.WriteString("licenseId", license);
            json.WriteString("extractedText", "The package names this licence, which is not in SPDX's list; its text is in the package or its sources.");
        });
    }

    private static void WriteRelationships(Utf8JsonWriter json, SpdxContent content)
    {
        json.WriteStartArray("relationships");
        foreach (var (from, verb, to) in content.Relationships)
        {
            json.WriteStartObject();
            json.WriteString("spdxElementId", $"SPDXRef-{from}");
            json.WriteString("relationshipType", verb);
            json.WriteString("relatedSpdxElement", $"SPDXRef-{to}");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
