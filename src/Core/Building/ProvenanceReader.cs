using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>Reads statements that <see cref="Provenance"/> wrote, of this and of earlier releases. What is not quite one is none.</summary>
internal static class ProvenanceReader
{
    /// <summary>The statement, or null. A missing list of materials is an empty one; a record of the build is always there.</summary>
    public static BuildStatement? TryRead(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (Exception ex) when (ex is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static BuildStatement? Read(JsonElement root)
    {
        var predicate = root.GetProperty("predicate");
        var definition = predicate.GetProperty("buildDefinition");
        var parameters = definition.GetProperty("internalParameters");
        if (definition.GetProperty("buildType").GetString() != Provenance.BuildType || !Digest.TryParse(parameters.GetProperty("inputs").GetString(), out var inputs))
        {
            return null;
        }

        var (external, run) = (definition.GetProperty("externalParameters"), predicate.GetProperty("runDetails"));
        var byproducts = run.GetProperty("byproducts").EnumerateArray().ToLookup(each => each.TryGetProperty("mediaType", out _));
        var subject = ReadFile(root.GetProperty("subject").EnumerateArray().Single());
        var record = new BuildRecord(Text(external, "rpm"), Text(external, "target"), Text(external, "arch"), inputs, [subject, .. byproducts[false].Select(ReadFile)])
        {
            Documents = [.. byproducts[true].Select(each => new BuiltDocument(Text(each, "name"), Sha256(each)))],
            Parts = ReadParts(parameters),
            Root = parameters.TryGetProperty("buildRoot", out var packages) && Digest.TryParse(packages.GetString(), out var set) ? set : null,
        };
        return new BuildStatement(record, [.. definition.GetProperty("resolvedDependencies").EnumerateArray().Select(ReadMaterial)])
        {
            ToolVersion = Text(run.GetProperty("builder").GetProperty("version"), "dotnet-release"),
            Epoch = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(parameters.GetProperty("sourceDateEpoch").GetInt64(), 0, uint.MaxValue)),
        };
    }

    private static StatedMaterial ReadMaterial(JsonElement material)
    {
        // Statements of earlier releases have no roles.
        var role = material.TryGetProperty("annotations", out var annotations) && annotations.TryGetProperty("role", out var said) ? said.GetString() : null;
        var uri = material.TryGetProperty("uri", out var place) ? place.GetString() : null;
        var digest = material.TryGetProperty("digest", out var digests) && digests.EnumerateObject().Cast<JsonProperty?>().FirstOrDefault() is { } first
            ? $"{first.Name}:{first.Value.GetString()}"
            : null;
        return new StatedMaterial(role ?? "", Text(material, "name"), uri, digest);
    }

    private static ImmutableSortedDictionary<string, string> ReadParts(JsonElement parameters) => parameters.TryGetProperty("parts", out var parts)
        ? parts.EnumerateObject().ToImmutableSortedDictionary(part => part.Name, part => Text(parts, part.Name), StringComparer.Ordinal)
        : ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    private static BuiltFile ReadFile(JsonElement file) =>
        Digest.TryParse(Text(file.GetProperty("annotations"), "headerSha256"), out var header)
            ? new BuiltFile(Text(file, "name"), Sha256(file), header)
            : throw new FormatException("A package of the statement has no digest of its header.");

    private static Digest Sha256(JsonElement file) =>
        Digest.TryParse(Text(file.GetProperty("digest"), "sha256"), out var digest) ? digest : throw new FormatException("A file of the statement has no sha256.");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null.");
}
