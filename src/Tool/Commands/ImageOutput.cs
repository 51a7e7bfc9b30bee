using System.Globalization;
using System.Text.Json;
using DotnetRelease.Images;
using Spectre.Console;

namespace DotnetRelease.Tool.Commands;

/// <summary>Images for people and for programs.</summary>
internal static class ImageOutput
{
    public static void WriteList(Session session, IReadOnlyList<PulledImage> images)
    {
        var sharing = new ImageSharing(images.Select(pulled => pulled.Image));
        if (session.Json)
        {
            session.WriteJson(json => WriteList(json, images, sharing));
            return;
        }

        var table = Session.NewTable("IMAGE", "PLATFORM", "DIGEST", "SIZE", "SHARED", "USED", "PULLED");
        foreach (var pulled in images)
        {
            table.AddRow(
                Markup.Escape(pulled.Image.Reference), Markup.Escape(pulled.Image.Platform.ToString()), pulled.Image.Digest.ToString(),
                Size(pulled.Image.PackedSize), Size(sharing.Shared(pulled.Image)), Day(pulled.Used), Day(pulled.Pulled));
        }

        session.WriteTable(table);
        if (images.Count > 1)
        {
            session.Output.WriteLine($"{images.Count} images, {Size(sharing.Total)} together");
        }
    }

    /// <param name="session">Where to.</param>
    /// <param name="image">The image.</param>
    /// <param name="store">Tells which other images share its layers, and which of them are unpacked.</param>
    public static void WriteImage(Session session, Image image, ImageStore store)
    {
        var sharing = new ImageSharing(store.List().Select(pulled => pulled.Image));
        if (session.Json)
        {
            session.WriteJson(json => WriteImage(json, image, (sharing, store.IsUnpacked)));
            return;
        }

        session.Output.WriteLine($"{image.Reference}");
        session.Output.WriteLine($"  digest    {image.Digest}");
        session.Output.WriteLine($"  manifest  {image.Manifest}");
        session.Output.WriteLine($"  platform  {image.Platform}");
        var shared = sharing.Shared(image) is > 0 and var bytes ? $", {Size(bytes)} of it shared with other images" : "";
        session.Output.WriteLine($"  layers    {image.Layers.Length} ({Size(image.PackedSize)} packed{shared})");
        foreach (var (layer, place) in image.Layers.Select(layer => (layer, Place(layer, store.IsUnpacked))))
        {
            session.Output.WriteLine($"    {layer.Digest}  {Size(layer.Size)}{(place.Length > 0 ? "  " + place : "")}");
        }
    }

    private static void WriteList(Utf8JsonWriter json, IReadOnlyList<PulledImage> images, ImageSharing sharing)
    {
        json.WriteItems("images", images, pulled =>
        {
            WriteHead(json, pulled.Image);
            json.WriteNumber("sharedSize", sharing.Shared(pulled.Image));
            json.WriteTime("pulled", pulled.Pulled);
            json.WriteTime("used", pulled.Used);
        });
        json.WriteNumber("size", sharing.Total);
    }

    private static void WriteImage(Utf8JsonWriter json, Image image, (ImageSharing Sharing, Func<Digest, bool> IsUnpacked) known)
    {
        json.WriteStartObject("image");
        WriteHead(json, image);
        json.WriteNumber("sharedSize", known.Sharing.Shared(image));
        json.WriteItems("layers", image.Layers, layer =>
        {
            json.WriteString("digest", layer.Digest.ToString());
            json.WriteString("diffId", layer.DiffId.ToString());
            json.WriteNumber("size", layer.Size);
            json.WriteString("compression", layer.CompressionWord);
            json.WriteBoolean("downloaded", File.Exists(layer.BlobPath));
            json.WriteBoolean("unpacked", known.IsUnpacked(layer.DiffId));
            json.WriteStrings("sharedWith", [.. known.Sharing.With(image, layer)]);
        });
        json.WriteStartObject("config");
        json.WriteStrings("env", image.Config.Environment);
        json.WriteStrings("entrypoint", image.Config.Entrypoint);
        json.WriteStrings("cmd", image.Config.Command);
        json.WriteString("workingDir", image.Config.WorkingDirectory);
        json.WriteString("user", image.Config.User);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter json, Image image)
    {
        json.WriteString("reference", image.Reference);
        json.WriteString("digest", image.Digest.ToString());
        json.WriteString("manifest", image.Manifest.ToString());
        json.WriteString("platform", image.Platform.ToString());
        json.WriteNumber("size", image.PackedSize);
    }

    private static string Place(ImageLayer layer, Func<Digest, bool> isUnpacked) =>
        isUnpacked(layer.DiffId) ? "unpacked" : File.Exists(layer.BlobPath) ? "downloaded" : "";

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
