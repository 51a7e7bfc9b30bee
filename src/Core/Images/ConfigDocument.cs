using System.Collections.Immutable;
using System.Text.Json;

namespace DotnetRelease.Images;

/// <summary>
/// An image's config: what it is made for, the digests of its unpacked layers, and how to run it (OCI image specification, config.md).
/// </summary>
internal sealed record ConfigDocument(Platform Platform, ImmutableArray<Digest> DiffIds, ImageConfig Config)
{
    internal const int SizeLimit = 4 * 1024 * 1024;
    private const int EntryLimit = 1024;

    internal static ConfigDocument Read(Digest digest, ReadOnlyMemory<byte> bytes)
    {
        var json = OciJson.ParseObject($"image config {digest}", bytes);
        var rootfs = json["rootfs"].AsObject();
        return new(
            Descriptor.ReadPlatform(json),
            [.. rootfs["diff_ids"].Items(EntryLimit).Select(item => item.Digest())],
            json.Find("config") is { } config ? ReadConfig(config) : ImageConfig.Empty);
    }

    /// <summary>Writes what <see cref="ReadConfig"/> reads.</summary>
    internal static void Write(Utf8JsonWriter json, ImageConfig config)
    {
        json.WriteStartObject();
        foreach (var (key, texts) in new[] { ("Env", config.Environment), ("Entrypoint", config.Entrypoint), ("Cmd", config.Command) })
        {
            json.WriteStrings(key, texts);
        }

        json.WriteString("WorkingDir", config.WorkingDirectory);
        json.WriteString("User", config.User);
        json.WriteEndObject();
    }

    internal static ImageConfig ReadConfig(OciJson json) => new(
        Environment: Texts(json, "Env", item => item.IndexOf('=', StringComparison.Ordinal) > 0),
        Entrypoint: Texts(json, "Entrypoint", _ => true),
        Command: Texts(json, "Cmd", _ => true),
        WorkingDirectory: Single(json, "WorkingDir"),
        User: Single(json, "User"));

    // These become arguments and variables of a program: a NUL would cut them short behind our back.
    private static ImmutableArray<string> Texts(OciJson json, string key, Func<string, bool> valid) =>
        json.Find(key) is { } list ? [.. list.Items(EntryLimit).Select(item => Checked(item, valid))] : [];

    private static string Single(OciJson json, string key) => json.Find(key) is { } value ? Checked(value, _ => true) : "";

    private static string Checked(OciJson item, Func<string, bool> valid) =>
        item.Text() is var text && !text.Contains('\0', StringComparison.Ordinal) && valid(text)
            ? text
            : throw item.Wrong($"is '{Printable.Of(item.Text())}', which cannot be used");
}
