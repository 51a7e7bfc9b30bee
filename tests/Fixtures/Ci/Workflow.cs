using System.Text.Json;
using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures.Ci;

/// <summary>A workflow or an action of GitHub as JSON, read by the judges of <c>eng/npm</c>.</summary>
public static class Workflow
{
    /// <summary>Reads a file of the checkout.</summary>
    public static async Task<JsonElement> ReadAsync(string path, CancellationToken ct)
    {
        var outcome = await Exec.ReadAsync(Command("json", Checkout.At(path.Split('/'))), ct);
        using var document = JsonDocument.Parse(outcome.OutputBytes);
        return document.RootElement.Clone();
    }

    /// <summary>What actionlint has to say about files of the checkout.</summary>
    public static async Task<string> LintAsync(IEnumerable<string> paths, CancellationToken ct) => (await Exec.ReadAsync(Command("lint", [.. paths]), ct)).Output;

    /// <summary>The steps of a job.</summary>
    public static IEnumerable<JsonElement> Steps(JsonElement job) => job.GetProperty("steps").EnumerateArray();

    /// <summary>A text member, or null.</summary>
    public static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? Text(value) : null;

    /// <summary>A value as an expression sees it.</summary>
    public static string Text(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>Name and value of each member of an object member; none when it is missing.</summary>
    public static IEnumerable<(string Name, string Value)> Members(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Object ? value.EnumerateObject().Select(member => (member.Name, Text(member.Value))) : [];

    private static Command Command(string what, params string[] files) =>
        new("node", [Checkout.At("eng", "npm", "workflows.mjs"), Path.GetDirectoryName(NpmPackages.At())!, what, .. files]);
}
