using System.Net;
using System.Text.Json;
using DotnetRelease.Http;

namespace DotnetRelease.GitHub;

/// <summary>One answer of the API: its status, headers, and its JSON when there is any.</summary>
internal sealed class GitHubAnswer
{
    private const int TextLimit = 400;

    internal GitHubAnswer(HttpDocument document)
    {
        Head = document;
        Root = Parse(document.Bytes);
    }

    internal HttpHead Head { get; }

    internal HttpStatusCode Status => Head.Status;

    /// <summary>The document; undefined when the body is none.</summary>
    internal JsonElement Root { get; }

    /// <summary>GitHub's own words, without control characters and secrets, and not longer than a message needs.</summary>
    internal string Message => field ??= Clean(string.Join("; ", Words().Where(text => text.Length > 0).Distinct(StringComparer.Ordinal)));

    /// <summary>What GitHub's support asks for; empty when there is none.</summary>
    internal string Request => Head.Value("x-github-request-id") is { Length: > 0 } id ? $" (GitHub request {Clean(id)})" : "";

    /// <summary>Whether one of the validation errors has a code, such as <c>already_exists</c>.</summary>
    internal bool HasError(string code) => Errors().Any(error => Json.Text(error, "code") == code);

    /// <summary>Whether GitHub's words have a text in them.</summary>
    internal bool Says(string words) => Message.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static JsonElement Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length is 0)
        {
            return default;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // A proxy's page of HTML; the status says what it means.
            return default;
        }
    }

    private IEnumerable<string> Words()
    {
        yield return Json.Text(Root, "message") ?? "";
        foreach (var error in Errors())
        {
            yield return error.ValueKind is JsonValueKind.String
                ? error.GetString()!
                : Json.Text(error, "message") ?? string.Join(' ', new[] { Json.Text(error, "field"), Json.Text(error, "code") }.Where(word => word is not null));
        }
    }

    private JsonElement.ArrayEnumerator Errors() => Json.Find(Root, "errors") is { ValueKind: JsonValueKind.Array } errors ? errors.EnumerateArray() : default;

    private static string Clean(string text)
    {
        var plain = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
        return Redactor.Shared.Hide(plain.Length > TextLimit ? plain[..TextLimit] + "…" : plain);
    }
}
