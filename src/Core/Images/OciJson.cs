using System.Text.Json;
using System.Text.Unicode;

namespace DotnetRelease.Images;

/// <summary>
/// Reads the JSON of registries and images strictly: I-JSON (UTF-8, no name twice), bounded depth. Everything that is wrong with a document
/// ends as <see cref="Fault.ImageMalformed"/> with the document's name and the key.
/// </summary>
/// <param name="what">The document for messages: <c>manifest sha256:…</c>.</param>
/// <param name="path">Where the element stands in it.</param>
/// <param name="element">The value.</param>
internal sealed class OciJson(string what, string path, JsonElement element)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>The root object of a document.</summary>
    internal static OciJson ParseObject(string what, ReadOnlyMemory<byte> bytes) => Parse(what, bytes).Demand(JsonValueKind.Object, "an object");

    /// <summary>The items of a document that is an array.</summary>
    internal static List<OciJson> ParseArray(string what, ReadOnlyMemory<byte> bytes, int limit) => Parse(what, bytes).Items(limit);

    private static OciJson Parse(string what, ReadOnlyMemory<byte> bytes)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            throw new ReleaseException(Fault.ImageMalformed, $"The {what} is not UTF-8.");
        }

        try
        {
            // Not disposed: the element lives as long as its reader, and the pooled buffer is only the parsed bytes' index.
            return new OciJson(what, "", JsonDocument.Parse(bytes, Strict).RootElement);
        }
        catch (JsonException ex)
        {
            throw new ReleaseException(Fault.ImageMalformed, $"The {what} is not strict JSON: {Printable.Of(ex.Message)}", inner: ex);
        }
    }

    /// <summary>Whether the object has the key with another value than null.</summary>
    internal bool Has(string key) => element.TryGetProperty(key, out var value) && value.ValueKind is not JsonValueKind.Null;

    /// <summary>A key that must be there.</summary>
    internal OciJson this[string key] => Find(key) ?? throw Wrong($"lacks \"{key}\"");

    /// <summary>A key that may be absent or null.</summary>
    internal OciJson? Find(string key) => Has(key) ? new(what, path + "." + key, element.GetProperty(key)) : null;

    /// <summary>The object's string members, for annotations.</summary>
    internal string? FindText(string key) => Find(key)?.Text();

    /// <summary>The object itself.</summary>
    internal OciJson AsObject() => Demand(JsonValueKind.Object, "an object");

    /// <summary>The items of an array of bounded length.</summary>
    internal List<OciJson> Items(int limit)
    {
        Demand(JsonValueKind.Array, "an array");
        var count = element.GetArrayLength();
        if (count > limit)
        {
            throw Wrong($"has {count} entries; more than {limit} are not read");
        }

        var items = new List<OciJson>(count);
        foreach (var item in element.EnumerateArray())
        {
            items.Add(new(what, $"{path}[{items.Count}]", item));
        }

        return items;
    }

    /// <summary>Whether this is the word <c>true</c>.</summary>
    internal bool IsTrue => element.ValueKind is JsonValueKind.True;

    /// <summary>A string.</summary>
    internal string Text()
    {
        Demand(JsonValueKind.String, "a string");
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException ex)
        {
            // A lone surrogate written as \uD800 passes the parser and fails here.
            throw new ReleaseException(Fault.ImageMalformed, $"The {what}: {Key} is not valid text.", inner: ex);
        }
    }

    /// <summary>A whole number from 0 to <paramref name="limit"/>.</summary>
    internal long Number(long limit)
    {
        Demand(JsonValueKind.Number, "a number");
        return element.TryGetInt64(out var value) && value >= 0 && value <= limit
            ? value
            : throw Wrong($"is {Printable.Of(element.GetRawText())}; it must be a whole number from 0 to {limit}");
    }

    /// <summary>A digest with its algorithm. It becomes a path and a URL, so nothing else may stand there.</summary>
    internal Digest Digest()
    {
        var text = Text();
        return text.StartsWith("sha256:", StringComparison.Ordinal) && DotnetRelease.Digest.TryParse(text, out var digest)
            ? digest
            : throw Wrong($"is '{Printable.Of(text)}'; only 'sha256:' with 64 lower-case hex digits is supported");
    }

    /// <summary>The failure that something is wrong at this place.</summary>
    internal ReleaseException Wrong(string problem) => new(Fault.ImageMalformed, $"The {what}: {Key} {problem}.");

    private string Key => path.Length is 0 ? "the document" : path.TrimStart('.');

    private OciJson Demand(JsonValueKind kind, string words) =>
        element.ValueKind == kind ? this : throw Wrong($"must be {words}");
}
