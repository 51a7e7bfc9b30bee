using System.Text.Json;

namespace DotnetRelease.GitHub;

/// <summary>Reads the few fields that are needed, and says what is missing.</summary>
internal static class Json
{
    internal static string? Text(JsonElement element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    internal static bool Flag(JsonElement element, string name) => Find(element, name).ValueKind is JsonValueKind.True;

    internal static string RequiredText(JsonElement element, string name) => Text(element, name) ?? throw Missing(name);

    internal static long RequiredNumber(JsonElement element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : throw Missing(name);

    internal static Uri RequiredUrl(JsonElement element, string name) =>
        Uri.TryCreate(RequiredText(element, name), UriKind.Absolute, out var url) ? url : throw Missing(name);

    internal static DateTimeOffset? Time(JsonElement element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.String } value && value.TryGetDateTimeOffset(out var time) ? time : null;

    internal static JsonElement Find(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    internal static ReleaseException Missing(string name) =>
        new(Fault.GitHubFailed, $"GitHub's answer has no usable '{name}'.") { Remedy = "Try again later; if GITHUB_API_URL is set, see whether it is the address of an API." };
}
