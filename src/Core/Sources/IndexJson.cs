using System.Text.Json;
using System.Text.Unicode;

namespace DotnetRelease.Sources;

/// <summary>Reads a project page in JSON, PEP 691.</summary>
internal static class IndexJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <exception cref="FormatException">It is none; the message says why.</exception>
    internal static IndexPage Read(Uri url, ReadOnlyMemory<byte> bytes)
    {
        // The reader lets bad UTF-8 and lone surrogates pass until somebody asks for the text.
        if (!Utf8.IsValid(bytes.Span))
        {
            throw new FormatException("it is not UTF-8");
        }

        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            var root = document.RootElement;
            var version = root.GetProperty("meta").GetProperty("api-version").GetString();
            if (version?.Split('.')[0] is not "1")
            {
                throw new FormatException($"its api-version is '{version}', only 1.x is known");
            }

            return new(url, [.. root.GetProperty("files").EnumerateArray().Select(file => Link(url, file))]);
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException(ex.Message.TrimEnd('.'), ex);
        }
    }

    private static IndexLink Link(Uri page, JsonElement file)
    {
        if (!Uri.TryCreate(page, file.GetProperty("url").GetString(), out var url))
        {
            throw new FormatException($"a file has the URL '{file.GetProperty("url")}', which is none");
        }

        return new(file.GetProperty("filename").GetString() ?? "", url)
        {
            Sha256 = file.TryGetProperty("hashes", out var hashes) && hashes.TryGetProperty("sha256", out var hash) ? hash.GetString() : null,
            UploadedAt = file.TryGetProperty("upload-time", out var time) && time.ValueKind is JsonValueKind.String && time.TryGetDateTimeOffset(out var at) ? at : null,
            Yanked = file.TryGetProperty("yanked", out var yanked) ? Reason(yanked) : null,
        };
    }

    private static string? Reason(JsonElement yanked) => yanked.ValueKind switch
    {
        JsonValueKind.True => "",
        JsonValueKind.String => yanked.GetString(),
        _ => null,
    };
}
