using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// Where a package comes from, in a file beside it: an in-toto statement (v1) with SLSA provenance (v1). It holds no time and no path
/// of the machine, so that a rebuild of the same inputs writes the same bytes. It is also how a later run finds out that a build is
/// up to date.
/// </summary>
public static class Provenance
{
    /// <summary>Comes after the NEVRA in the file's name.</summary>
    public const string Suffix = ".provenance.json";

    internal const string StatementType = "https://in-toto.io/Statement/v1";
    internal const string PredicateType = "https://slsa.dev/provenance/v1";
    internal const string BuildType = "https://github.com/dotnet-release/dotnet-release/blob/main/docs/provenance.md";

    /// <summary>
    /// A larger file is no statement of ours. A package of the build root takes about 330 bytes, so that 50 000 of them fit; a usual root has 200
    /// to 600.
    /// </summary>
    public const int SizeLimit = 16 * 1024 * 1024;

    /// <summary>
    /// Name of a digest that in-toto does not define: SHA-256 of an RPM's main header in lower-case hex, rpm's SHA256HEADER. A signature does not
    /// change it, and the header holds the digest of the payload.
    /// </summary>
    internal const string HeaderAlgorithm = "rpmHeaderSha256";

    internal static readonly string ToolVersion =
        typeof(Provenance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Name of the statement about a package.</summary>
    public static string FileNameFor(Nevra nevra)
    {
        ArgumentNullException.ThrowIfNull(nevra);
        return nevra.FileName[..^".rpm".Length] + Suffix;
    }

    /// <summary>The statement about one of the packages that a build gave.</summary>
    /// <param name="materials">What went into the build.</param>
    /// <param name="file">The package.</param>
    /// <param name="all">All packages of the build.</param>
    /// <param name="documents">Other files of the build.</param>
    public static string Write(BuildMaterials materials, RpmFile file, ImmutableArray<RpmFile> all, ImmutableArray<BuiltDocument> documents)
    {
        ArgumentNullException.ThrowIfNull(materials);
        ArgumentNullException.ThrowIfNull(file);
        return JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("_type", StatementType);
            json.WriteStartArray("subject");
            WriteFiles(json, [file]);
            json.WriteEndArray();
            json.WriteString("predicateType", PredicateType);
            json.WriteStartObject("predicate");
            WriteDefinition(json, materials);
            json.WriteStartObject("runDetails");
            json.WriteStartObject("builder");
            json.WriteString("id", "https://github.com/dotnet-release/dotnet-release");
            json.WriteStartObject("version");
            json.WriteString("dotnet-release", ToolVersion);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartArray("byproducts");
            WriteFiles(json, all.Where(other => other != file));
            WriteDocuments(json, documents);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }) + "\n";
    }

    /// <summary>What the statement says about its build, or null when the file is no statement of ours.</summary>
    /// <param name="utf8">The file.</param>
    public static BuildRecord? TryRead(ReadOnlyMemory<byte> utf8) => TryReadStatement(utf8)?.Record;

    /// <summary>Everything that the statement says, or null when the file is no statement of ours.</summary>
    /// <param name="utf8">The file.</param>
    public static BuildStatement? TryReadStatement(ReadOnlyMemory<byte> utf8) => utf8.Length > SizeLimit ? null : ProvenanceReader.TryRead(utf8);

    private static void WriteDefinition(Utf8JsonWriter json, BuildMaterials materials)
    {
        var job = materials.Job;
        json.WriteStartObject("buildDefinition");
        json.WriteString("buildType", BuildType);
        json.WriteStartObject("externalParameters");
        json.WriteString("rpm", job.Rpm.Name);
        json.WriteString("target", job.Target.Name);
        json.WriteString("arch", job.Target.Arch);
        json.WriteString("spec", job.Rpm.Spec);
        json.WriteEndObject();
        json.WriteStartObject("internalParameters");
        json.WriteString("inputs", job.Target.InputsKey.Hex);
        json.WriteStartObject("parts");
        foreach (var (name, value) in job.Target.Inputs.Parts)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteNumber("sourceDateEpoch", job.Epoch.ToUnixTimeSeconds());
        json.WriteString("buildRoot", materials.Root.Digest.Hex);
        json.WriteEndObject();
        json.WriteStartArray("resolvedDependencies");
        foreach (var material in ProvenanceMaterial.Of(materials))
        {
            material.Write(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFiles(Utf8JsonWriter json, IEnumerable<RpmFile> files)
    {
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Nevra.FileName);
            json.WriteStartObject("digest");
            json.WriteString(file.Sha256.Algorithm, file.Sha256.Hex);
            json.WriteString(HeaderAlgorithm, file.HeaderSha256.Hex);
            json.WriteEndObject();
            json.WriteStartObject("annotations");
            json.WriteString("nevra", file.Nevra.ToString());
            json.WriteString("headerSha256", file.HeaderSha256.Hex);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private static void WriteDocuments(Utf8JsonWriter json, ImmutableArray<BuiltDocument> documents)
    {
        foreach (var document in documents)
        {
            json.WriteStartObject();
            json.WriteString("name", document.Name);
            json.WriteStartObject("digest");
            json.WriteString(document.Digest.Algorithm, document.Digest.Hex);
            json.WriteEndObject();
            json.WriteString("mediaType", Sbom.MediaType);
            json.WriteEndObject();
        }
    }
}
