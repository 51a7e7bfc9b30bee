using System.Text.Json;
using DotnetRelease.Rpm;

namespace DotnetRelease.Tool.Commands;

/// <summary>The JSON of <c>sign</c>.</summary>
internal static class RpmJson
{
    /// <summary><c>{"schema","key","files":[{"path","nevra","sha256","headerSha256","signed","state"}]}</c>.</summary>
    public static void WriteFiles(Utf8JsonWriter json, string? key, IEnumerable<(RpmFile File, RpmSignature? Signature, string State)> files)
    {
        json.WriteStartObject();
        json.WriteNumber("schema", 1);
        json.WriteString("key", key);
        json.WriteStartArray("files");
        foreach (var (file, signature, state) in files)
        {
            json.WriteStartObject();
            json.WriteString("path", file.Path);
            json.WriteString("nevra", file.Nevra.ToString());
            json.WriteString("sha256", file.Sha256.Hex);
            json.WriteString("headerSha256", file.HeaderSha256.Hex);
            json.WriteString("signed", signature?.PrimaryFingerprint);
            json.WriteString("state", state);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
