using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DotnetRelease.Facts;

/// <summary>
/// A fact as a line of the ledger: a JSON object with its number, the hash of the line before, and at the end its own hash over all
/// bytes before that. Whoever wants to change a line has to change every line after it.
/// </summary>
internal static class FactLine
{
    /// <summary>Longer texts are cut: a line has to stay small.</summary>
    internal const int TextLimit = 2000;

    // Relaxed as everywhere in this product; line ends are escaped all the same, so that a line is a fact.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    private static ReadOnlySpan<byte> HashKey => ",\"hash\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    private static int TailLength => HashKey.Length + 64 + End.Length;

    /// <summary>The line with its line end, and its hash for the next one.</summary>
    internal static (byte[] Line, Digest Hash) Write(Fact fact, long number, Digest previous)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            Write(json, fact, number, previous);
        }

        var hashed = buffer.WrittenSpan[..^1];
        var hash = Digest.Of(hashed);
        return ([.. hashed, .. HashKey, .. Encoding.ASCII.GetBytes(hash.Hex), .. End, (byte)'\n'], hash);
    }

    /// <summary>Reads a line, without its line end; null, with the reason, when it does not follow the one before.</summary>
    internal static (Fact Fact, Digest Hash)? TryRead(ReadOnlyMemory<byte> line, long number, Digest previous, out string problem)
    {
        if (HashOf(line.Span) is not { } hash)
        {
            problem = "is no line of a ledger, or its hash is not that of its bytes";
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(line, ReaderOptions);
            var root = document.RootElement;
            problem = Follows(root, number, previous);
            return problem.Length is 0 ? (Read(root), hash) : null;
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            problem = $"cannot be understood: {ex.Message.TrimEnd('.')}";
            return null;
        }
    }

    private static string Follows(JsonElement root, long number, Digest previous)
    {
        if (root.GetProperty("seq").GetInt64() is var found && found != number)
        {
            return $"has number {found} where {number} is due";
        }

        return root.GetProperty("prev").GetString() == previous.Hex ? "" : "does not follow the line before it";
    }

    private static Digest? HashOf(ReadOnlySpan<byte> line)
    {
        if (line.Length <= TailLength || !line.EndsWith(End))
        {
            return null;
        }

        var hashed = line[..^TailLength];
        var tail = line[^TailLength..];
        return tail.StartsWith(HashKey)
            && Digest.TryParse(Encoding.ASCII.GetString(tail[HashKey.Length..^End.Length]), out var said)
            && said == Digest.Of(hashed) ? said : null;
    }

    private static void Write(Utf8JsonWriter json, Fact fact, long number, Digest previous)
    {
        json.WriteStartObject();
        json.WriteNumber("seq", number);
        json.WriteString("prev", previous.Hex);
        json.WriteTime("at", fact.At);
        json.WriteString("kind", fact.Kind.ToWord());
        WriteText(json, "package", fact.Package);
        WriteText(json, "version", fact.Version);
        WriteText(json, "nevra", fact.Nevra);
        WriteText(json, "target", fact.Target);
        WriteText(json, "sha256", fact.Digest?.Hex);
        WriteText(json, "who", fact.Who);
        WriteText(json, "where", fact.Where);
        if (fact.IsObserved)
        {
            json.WriteBoolean("observed", true);
        }

        if (!fact.Details.IsEmpty)
        {
            json.WriteStartObject("details");
            foreach (var (name, value) in fact.Details)
            {
                WriteText(json, name, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            // The ledger is kept for years and copied freely.
            var shown = Redactor.Shared.Hide(text);
            json.WriteString(name, shown.Length <= TextLimit ? shown : string.Concat(shown.AsSpan(0, TextLimit), "…"));
        }
    }

    private static Fact Read(JsonElement root) => new(KindOf(root.GetProperty("kind").GetString()))
    {
        Package = Text(root, "package"),
        Version = Text(root, "version"),
        Nevra = Text(root, "nevra"),
        Target = Text(root, "target"),
        Digest = Text(root, "sha256") is { } hex ? Digest.TryParse(hex, out var digest) ? digest : throw new FormatException("'sha256' is no digest") : null,
        Who = Text(root, "who") ?? "",
        At = DateTimeOffset.ParseExact(root.GetProperty("at").GetString()!, JsonText.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        Where = Text(root, "where"),
        IsObserved = root.TryGetProperty("observed", out var observed) && observed.GetBoolean(),
        Details = root.TryGetProperty("details", out var details)
            ? details.EnumerateObject().ToImmutableSortedDictionary(each => each.Name, each => each.Value.GetString()!, StringComparer.Ordinal)
            : ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal),
    };

    private static FactKind KindOf(string? word) => FactKinds.TryParse(word)
        ?? throw new FormatException($"this version knows no fact of the kind '{word}'; use the version that wrote it, or a newer one");

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value.GetString() : null;
}
