using System.Text.Json;

namespace DotnetRelease.Images;

/// <summary>Reads why a registry said no. Only its codes: the free text of a stranger may echo what it was sent.</summary>
internal static class RegistryErrors
{
    private const int SizeLimit = 64 * 1024;

    /// <summary><c>, NAME_UNKNOWN</c>; empty when the body is no error document.</summary>
    internal static async Task<string> CodesAsync(Stream body, CancellationToken ct)
    {
        var bytes = new byte[SizeLimit];
        var count = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        try
        {
            using var json = JsonDocument.Parse(bytes.AsMemory(0, count));
            var errors = json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("errors", out var list) ? list : default;
            return errors.ValueKind is JsonValueKind.Array
                ? string.Concat(errors.EnumerateArray().Select(Code).OfType<string>().Distinct(StringComparer.Ordinal).Take(3).Select(code => ", " + code))
                : "";
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    private static string? Code(JsonElement error) =>
        error.ValueKind is JsonValueKind.Object && error.TryGetProperty("code", out var code) && code.ValueKind is JsonValueKind.String
        && code.GetString() is { Length: > 0 and <= 40 } text && text.All(character => char.IsAsciiLetterUpper(character) || character is '_')
            ? text
            : null;
}
