using System.Text.Json;
using DotnetRelease.Rpm;

namespace DotnetRelease.Tool.Commands;

/// <summary>RPM files in the documents of the commands that make or sign them.</summary>
internal static class RpmJson
{
    /// <summary><c>{"schema","key","files":[{"path","nevra","sha256","headerSha256","signed","state"}]}</c>.</summary>
    public static void WriteFiles(Utf8JsonWriter json, string? key, IEnumerable<(RpmFile File, RpmSignature? Signature, string State)> files)
    {
        json.WriteString("key", key);
        json.WriteItems("files", files, each =>
        {
            Write(json, each.File, each.Signature);
            json.WriteString("state", each.State);
        });
    }

    /// <summary>The properties of one file: <c>"path","nevra","sha256","headerSha256","signed"</c>.</summary>
    public static void Write(Utf8JsonWriter json, RpmFile file, RpmSignature? signature)
    {
        json.WriteString("path", file.Path);
        json.WriteString("nevra", file.Nevra.ToString());
        json.WriteString("sha256", file.Sha256.Hex);
        json.WriteString("headerSha256", file.HeaderSha256.Hex);
        json.WriteString("signed", signature?.PrimaryFingerprint);
    }
}
