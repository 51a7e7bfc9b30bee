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

    private const string StatementType = "https://in-toto.io/Statement/v1";
    private const string PredicateType = "https://slsa.dev/provenance/v1";
    private const string BuildType = "https://github.com/dotnet-release/dotnet-release/blob/main/docs/provenance.md";

    /// <summary>A statement is small; more than this is not ours.</summary>
    private const int SizeLimit = 1024 * 1024;

    private static readonly string ToolVersion =
        typeof(Provenance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Name of the statement about a package.</summary>
    public static string FileNameFor(Nevra nevra)
    {
        ArgumentNullException.ThrowIfNull(nevra);
        return nevra.FileName[..^".rpm".Length] + Suffix;
    }

    /// <summary>The statement about one of the packages that a job gave.</summary>
    public static string Write(BuildJob job, RpmFile file, ImmutableArray<RpmFile> all)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(file);
        return JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("_type", StatementType);
            WriteFiles(json, "subject", [file]);
            json.WriteString("predicateType", PredicateType);
            json.WriteStartObject("predicate");
            WriteDefinition(json, job);
            json.WriteStartObject("runDetails");
            json.WriteStartObject("builder");
            json.WriteString("id", "https://github.com/dotnet-release/dotnet-release");
            json.WriteStartObject("version");
            json.WriteString("dotnet-release", ToolVersion);
            json.WriteEndObject();
            json.WriteEndObject();
            WriteFiles(json, "byproducts", all.Where(other => other != file));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }) + "\n";
    }

    /// <summary>What the statement says about its build, or null when the file is no statement of ours.</summary>
    /// <param name="utf8">The file.</param>
    public static BuildRecord? TryRead(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > SizeLimit)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var predicate = document.RootElement.GetProperty("predicate");
            var definition = predicate.GetProperty("buildDefinition");
            var external = definition.GetProperty("externalParameters");
            if (definition.GetProperty("buildType").GetString() != BuildType
                || !Digest.TryParse(definition.GetProperty("internalParameters").GetProperty("inputs").GetString(), out var inputs))
            {
                return null;
            }

            var files = document.RootElement.GetProperty("subject").EnumerateArray()
                .Concat(predicate.GetProperty("runDetails").GetProperty("byproducts").EnumerateArray());
            return new BuildRecord(Text(external, "rpm"), Text(external, "target"), Text(external, "arch"), inputs, [.. files.Select(ReadFile)]);
        }
        catch (Exception ex) when (ex is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void WriteDefinition(Utf8JsonWriter json, BuildJob job)
    {
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
        json.WriteNumber("sourceDateEpoch", job.Epoch.ToUnixTimeSeconds());
        json.WriteEndObject();
        json.WriteStartArray("resolvedDependencies");
        WriteDependency(json, job.Target.Image, null, job.Image.Digest);
        foreach (var source in job.Rpm.Sources)
        {
            WriteDependency(json, source.File, source.Url, source.Digest);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDependency(Utf8JsonWriter json, string name, string? uri, Digest digest)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        if (uri is not null)
        {
            json.WriteString("uri", uri);
        }

        WriteDigest(json, digest);
        json.WriteEndObject();
    }

    private static void WriteFiles(Utf8JsonWriter json, string name, IEnumerable<RpmFile> files)
    {
        json.WriteStartArray(name);
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Nevra.FileName);
            WriteDigest(json, file.Sha256);
            json.WriteStartObject("annotations");
            json.WriteString("nevra", file.Nevra.ToString());
            json.WriteString("headerSha256", file.HeaderSha256.Hex);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDigest(Utf8JsonWriter json, Digest digest)
    {
        json.WriteStartObject("digest");
        json.WriteString(digest.Algorithm, digest.Hex);
        json.WriteEndObject();
    }

    private static BuiltFile ReadFile(JsonElement file) =>
        Digest.TryParse(Text(file.GetProperty("digest"), "sha256"), out var digest) && Digest.TryParse(Text(file.GetProperty("annotations"), "headerSha256"), out var header)
            ? new BuiltFile(Text(file, "name"), digest, header)
            : throw new FormatException("A file of the statement has no sha256.");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null.");
}
