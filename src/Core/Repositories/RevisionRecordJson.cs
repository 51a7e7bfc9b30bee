using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// A <see cref="RevisionRecord"/> as text: JSON whose lines people can read, the same value giving the same bytes. Reading is
/// strict: whoever can sign has no reason to write anything else, and paths of a record are deleted one day.
/// </summary>
internal static class RevisionRecordJson
{
    /// <summary>Enough for the names of a distribution.</summary>
    internal const int Limit = 16 * 1024 * 1024;

    private const string Format = "dotnet-release repository record 1";

    internal static byte[] Write(RevisionRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteString("repository", record.Repository);
            json.WriteTime("signed", record.Signed);
            json.WriteItems("revisions", record.Revisions, item => Write(json, item));
            json.WriteItems("highest", record.Highest, item => Write(json, item));
            json.WriteItems("removed", record.Removed, item => Write(json, item));
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="ReleaseException"><see cref="Fault.RecordMalformed"/>.</exception>
    internal static RevisionRecord Read(ReadOnlyMemory<byte> utf8, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (Required(root, "format") is not Format)
            {
                throw new FormatException($"its format is not '{Format}'");
            }

            var record = new RevisionRecord(Required(root, "repository"), Time(root, "signed"))
            {
                Revisions = All(root, "revisions", Revision),
                Highest = All(root, "highest", Highest),
                Removed = All(root, "removed", Removed),
            };
            return record.Revisions.IsEmpty ? throw new FormatException("it has no revision") : record;
        }
        catch (Exception ex) when (ex is JsonException or FormatException or InvalidOperationException)
        {
            throw Malformed(name, ex.Message.TrimEnd('.'), ex);
        }
    }

    internal static ReleaseException Malformed(string name, string why, Exception? inner = null) => new(Fault.RecordMalformed, $"'{name}' is not usable: {why}.", inner: inner);

    private static void Write(Utf8JsonWriter json, RecordedRevision revision)
    {
        json.WriteNumber("revision", revision.Revision);
        json.WriteString("repomd", revision.Repomd.Hex);
        json.WriteTime("time", revision.Time);
        json.WriteString("act", revision.Act);
        json.WriteNumber("packages", revision.Packages);
        if (revision.Restores is { } restores)
        {
            json.WriteNumber("restores", restores);
        }
    }

    private static void Write(Utf8JsonWriter json, HighestVersion version)
    {
        json.WriteString("name", version.Name);
        json.WriteString("arch", version.Arch);
        json.WriteString("evr", version.Evr.ToString());
    }

    private static void Write(Utf8JsonWriter json, RemovedPackage package)
    {
        var nevra = package.Nevra;
        json.WriteString("name", nevra.Name);
        json.WriteString("arch", nevra.Arch);
        json.WriteString("evr", Evr.Of(nevra).ToString());
        json.WriteString("path", package.File.Location);
        json.WriteNumber("size", package.File.Size);
        json.WriteString("sha256", package.File.Digest.Hex);
        json.WriteNumber("revision", package.Revision);
        json.WriteTime("time", package.Time);
        json.WriteString("act", package.Act);
    }

    private static RecordedRevision Revision(JsonElement item) =>
        new(Number(item, "revision"), Hash(item, "repomd"), Time(item, "time"), Act(item))
        {
            Packages = (int)Math.Min(Number(item, "packages"), int.MaxValue),
            Restores = item.TryGetProperty("restores", out _) ? Number(item, "restores") : null,
        };

    private static HighestVersion Highest(JsonElement item) => new(Required(item, "name"), Required(item, "arch"), EvrOf(item));

    private static RemovedPackage Removed(JsonElement item)
    {
        var (evr, path) = (EvrOf(item), Required(item, "path"));
        return RepositoryPath.IsSafe(path) && path.EndsWith(".rpm", StringComparison.Ordinal)
            ? new RemovedPackage(
                new Nevra(Required(item, "name"), evr.Epoch ?? 0, evr.Version, evr.Release!, Required(item, "arch")),
                new RepositoryFile(path, Number(item, "size"), Hash(item, "sha256")))
            {
                Revision = Number(item, "revision"),
                Time = Time(item, "time"),
                Act = Act(item),
            }
            : throw new FormatException("the path of a removed package is no plain path of an RPM inside the repository");
    }

    private static ImmutableArray<T> All<T>(JsonElement parent, string name, Func<JsonElement, T> read) =>
        parent.TryGetProperty(name, out var items) && items.ValueKind is JsonValueKind.Array
            ? [.. items.EnumerateArray().Select(read)]
            : throw new FormatException($"it has no list '{name}'");

    private static string Required(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 and <= 1024 } text
            ? text
            : throw new FormatException($"it has no text '{name}' of a sensible length");

    private static long Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0
            ? number
            : throw new FormatException($"it has no whole number '{name}'");

    private static Digest Hash(JsonElement parent, string name) =>
        Digest.TryParse(Required(parent, name), out var digest) ? digest : throw new FormatException($"its '{name}' is no sha256 in lower-case hex");

    private static DateTimeOffset Time(JsonElement parent, string name) =>
        DateTimeOffset.TryParseExact(Required(parent, name), JsonText.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new FormatException($"its '{name}' is no time such as 2026-01-31T12:00:00Z");

    private static string Act(JsonElement parent) =>
        Required(parent, "act") is var act && RecordedAct.All.Contains(act, StringComparer.Ordinal) ? act : throw new FormatException($"it knows an act '{act}' that this version does not");

    private static Evr EvrOf(JsonElement parent) =>
        Evr.Parse(Required(parent, "evr")) is { Release: not null } evr ? evr : throw new FormatException("its 'evr' is no version with a release");
}
