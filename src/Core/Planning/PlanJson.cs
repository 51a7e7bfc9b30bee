using System.Collections.Immutable;
using System.Text.Json;

namespace DotnetRelease.Planning;

/// <summary>A plan as the JSON document of <c>plan --json</c>, and back. Reading what was written gives an equal plan.</summary>
public static class PlanJson
{
    private const string Build = "build";
    private const string UpToDate = "up-to-date";

    /// <summary>Writes the properties of the document.</summary>
    public static void Write(Utf8JsonWriter json, ReleasePlan plan)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(plan);
        json.WriteItems("rpms", plan.Rpms, item => Write(json, item));
        json.WriteItems("steps", plan.Steps, item => Write(json, item));
    }

    /// <summary>Reads a document.</summary>
    /// <param name="utf8">What <see cref="Write(Utf8JsonWriter, ReleasePlan)"/> wrote.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.PlanMalformed"/>.</exception>
    public static ReleasePlan Read(ReadOnlyMemory<byte> utf8, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            return root.GetProperty("schema").GetInt32() is JsonText.Schema
                ? new ReleasePlan(Array(root, "rpms", Rpm), Array(root, "steps", item => new PlannedStep(Text(item, "name"), Text(item, "state"), Text(item, "why"))))
                : throw new FormatException($"its schema is not {JsonText.Schema}");
        }
        catch (JsonException ex)
        {
            throw Malformed(file, ex, new SourcePosition(file, (int)(ex.LineNumber ?? -1) + 1, (int)(ex.BytePositionInLine ?? -1) + 1));
        }
        catch (Exception ex) when (ex is FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw Malformed(file, ex, new SourcePosition(file));
        }
    }

    internal static string WordOf(TargetState state) => state is TargetState.Build ? Build : UpToDate;

    private static void Write(Utf8JsonWriter json, PlannedRpm rpm)
    {
        json.WriteString("name", rpm.Name);
        json.WriteString("version", rpm.Version);
        json.WriteString("spec", rpm.Spec);
        json.WriteString("specVersion", rpm.SpecVersion);
        json.WriteStrings("reasons", rpm.Reasons);
        json.WriteItems("targets", rpm.Targets, item => Write(json, item));
        json.WriteItems("sources", rpm.Sources, item => Write(json, item));
    }

    private static void Write(Utf8JsonWriter json, PlannedTarget target)
    {
        json.WriteString("name", target.Name);
        json.WriteString("image", target.Image);
        json.WriteString("digest", target.ImageDigest?.ToString());
        json.WriteString("arch", target.Arch);
        json.WriteStrings("nevra", target.Nevras);
        json.WriteString("state", WordOf(target.State));
        json.WriteString("why", target.Why);
        json.WriteString("inputsKey", target.InputsKey.ToString());
        json.WriteStartObject("inputs");
        foreach (var (name, value) in target.Inputs.Parts)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteBoolean("hasOtherArchs", target.HasOtherArchs);
        json.WriteStrings("aside", target.Aside);
        json.WriteString("way", target.Way);
    }

    private static void Write(Utf8JsonWriter json, PlannedSource source)
    {
        json.WriteString("file", source.File);
        json.WriteString("url", source.Url);
        json.WriteString("sha256", source.Digest.Algorithm is "sha256" ? source.Digest.Hex : null);
        if ((source.Digest.Algorithm is "sha512" ? source.Digest : source.Also) is { } other)
        {
            json.WriteString("sha512", other.Hex);
        }

        json.WriteNumber("size", source.Size);
        json.WriteString("package", source.Package);
        if (source.Sdist is { } sdist)
        {
            json.WriteStartObject("sdist");
            WriteValues(json, sdist);
            json.WriteEndObject();
        }

        if (source.Lock is { } locked)
        {
            Write(json, locked);
        }

        json.WriteStartObject("origin");
        json.WritePosition(source.Origin);
        json.WriteEndObject();
    }

    /// <summary>Writes how a source is made, into an object that is open.</summary>
    internal static void WriteValues(Utf8JsonWriter json, SdistRecipe sdist)
    {
        json.WriteStrings("commands", sdist.Commands);
        json.WriteString("target", sdist.Target);
        json.WriteStrings("prepare", sdist.Prepare);
    }

    private static void Write(Utf8JsonWriter json, LockEntry locked)
    {
        json.WriteStartObject("lock");
        json.WriteString("lockfile", locked.Lockfile);
        json.WriteString("digest", locked.LockfileDigest?.ToString());
        json.WriteString("package", locked.Package);
        json.WriteString("version", locked.Version);
        json.WriteString("ecosystem", locked.Ecosystem);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PlannedStep step)
    {
        json.WriteString("name", step.Name);
        json.WriteString("state", step.State);
        json.WriteString("why", step.Why);
    }

    private static PlannedRpm Rpm(JsonElement item) => new(
        Text(item, "name"),
        Text(item, "version"),
        Array(item, "reasons", Text),
        Array(item, "targets", Target),
        Array(item, "sources", Source))
    {
        Spec = Text(item, "spec"),
        SpecVersion = Text(item, "specVersion"),
    };

    private static PlannedTarget Target(JsonElement item) => new(
        Text(item, "name"),
        Text(item, "image"),
        OptionalText(item, "digest") is { } digest ? ParseDigest(digest) : null,
        Text(item, "arch"),
        Array(item, "nevra", Text),
        Text(item, "state") switch
        {
            Build => TargetState.Build,
            UpToDate => TargetState.UpToDate,
            var other => throw new FormatException($"'{other}' is no state of a target"),
        },
        Text(item, "why"))
    {
        Inputs = new(item.GetProperty("inputs").EnumerateObject().ToImmutableSortedDictionary(part => part.Name, part => Text(part.Value), StringComparer.Ordinal)),
        HasOtherArchs = item.TryGetProperty("hasOtherArchs", out var others) && others.GetBoolean(),
        Aside = item.TryGetProperty("aside", out _) ? Array(item, "aside", Text) : [],
        Way = item.TryGetProperty("way", out _) ? Text(item, "way") : "native",
    };

    private static PlannedSource Source(JsonElement item)
    {
        var origin = item.GetProperty("origin");
        var file = Text(item, "file");
        if (SafeName.Refuse(file) is { } why)
        {
            throw new FormatException($"the file name of a source {why}");
        }

        Digest? sha512 = OptionalText(item, "sha512") is { } text ? ParseAnyDigest(text) : null;
        var isOnly = item.GetProperty("sha256").ValueKind is JsonValueKind.Null && sha512 is not null;
        return new PlannedSource(
            file, isOnly ? sha512!.Value : ParseDigest(Text(item, "sha256")), new(Text(origin, "file"), origin.GetProperty("line").GetInt32(), origin.GetProperty("column").GetInt32()))
        {
            Also = isOnly ? null : sha512,
            Url = OptionalText(item, "url"),
            Package = OptionalText(item, "package"),
            Sdist = item.TryGetProperty("sdist", out var sdist)
                ? new SdistRecipe(Array(sdist, "commands", Text), Text(sdist, "target")) { Prepare = Array(sdist, "prepare", Text) }
                : null,
            Lock = item.TryGetProperty("lock", out var locked) ? Lock(locked) : null,
            Size = item.GetProperty("size").ValueKind is JsonValueKind.Null ? null : item.GetProperty("size").GetInt64(),
        };
    }

    private static LockEntry Lock(JsonElement item) =>
        new(Text(item, "lockfile"), OptionalText(item, "digest") is { } digest ? ParseDigest(digest) : null, Text(item, "package"), Text(item, "version"))
        {
            Ecosystem = Text(item, "ecosystem"),
        };

    private static ImmutableArray<T> Array<T>(JsonElement item, string name, Func<JsonElement, T> read) => [.. item.GetProperty(name).EnumerateArray().Select(read)];

    private static string Text(JsonElement item, string name) => Text(item.GetProperty(name));

    private static string Text(JsonElement item) => item.GetString() ?? throw new FormatException("a text is null");

    private static string? OptionalText(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static Digest ParseDigest(string text) => Digest.TryParse(text, out var digest) ? digest : throw new FormatException($"'{text}' is no sha256 digest");

    private static Digest ParseAnyDigest(string text) => Digest.TryParseAny(text, out var digest) ? digest : throw new FormatException($"'{text}' is no sha512 digest");

    private static ReleaseException Malformed(string file, Exception cause, SourcePosition position) =>
        new(Fault.PlanMalformed, $"'{file}' is no plan: {cause.Message.TrimEnd('.')}.", position, cause)
        {
            Remedy = "Make one with: dotnet release plan --json",
        };
}
