using System.Globalization;
using System.Text.Json;

namespace DotnetRelease.Images;

/// <summary>An image as a small file: all that a run needs when the layers are unpacked.</summary>
internal static class ImageNote
{
    private const int SizeLimit = 4 * 1024 * 1024;
    private const int EntryLimit = 1024;

    internal static byte[] Bytes(Image image)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            Write(json, image);
        }

        return bytes.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Image image)
    {
        json.WriteStartObject();
        json.WriteNumber("schema", 1);
        json.WriteString("reference", image.Reference);
        json.WriteTime("pulled", DateTimeOffset.UtcNow);
        json.WriteString("digest", image.Digest.ToString());
        json.WriteString("manifest", image.Manifest.ToString());
        json.WriteStartObject("platform");
        json.WriteString("os", image.Platform.Os);
        json.WriteString("architecture", image.Platform.Architecture);
        json.WriteString("variant", image.Platform.Variant);
        json.WriteEndObject();
        json.WriteItems("layers", image.Layers, layer =>
        {
            json.WriteString("diffId", layer.DiffId.ToString());
            json.WriteString("digest", layer.Digest.ToString());
            json.WriteNumber("size", layer.Size);
            json.WriteString("compression", layer.CompressionWord);
        });
        json.WritePropertyName("config");
        ConfigDocument.Write(json, image.Config);
        json.WriteEndObject();
    }

    /// <summary>All notes below a folder.</summary>
    internal static IEnumerable<PulledImage> ReadAll(string folder, Func<Digest, string> blobPath) => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Select(path => Read(path, blobPath)).OfType<PulledImage>();

    /// <summary>Reads a note; null for what is none, which the next pull writes again.</summary>
    internal static PulledImage? Read(string path, Func<Digest, string> blobPath)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= SizeLimit })
            {
                return null;
            }

            var json = OciJson.ParseObject(path, File.ReadAllBytes(path));
            var layers = json["layers"].Items(EntryLimit).Select(layer => ReadLayer(layer, blobPath));
            var image = new Image(json["reference"].Text(), json["digest"].Digest(), [.. layers], ConfigDocument.ReadConfig(json["config"]))
            {
                Manifest = json["manifest"].Digest(),
                Platform = Descriptor.ReadPlatform(json["platform"]),
            };
            var pulled = DateTimeOffset.Parse(json["pulled"].Text(), CultureInfo.InvariantCulture);
            return new(image, pulled) { Used = new DateTimeOffset(File.GetLastWriteTimeUtc(path)), Note = path };
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or ReleaseException or FormatException)
        {
            return null;
        }
    }

    private static LayerCompression ReadCompression(OciJson layer) => layer["compression"].Text() switch
    {
        "gzip" => LayerCompression.Gzip,
        "zstd" => LayerCompression.Zstd,
        "xz" => LayerCompression.Xz,
        "none" => LayerCompression.None,
        _ => throw layer["compression"].Wrong("is unknown"),
    };

    private static ImageLayer ReadLayer(OciJson json, Func<Digest, string> blobPath) =>
        new(json["diffId"].Digest(), blobPath(json["digest"].Digest()), ReadCompression(json))
        {
            Digest = json["digest"].Digest(),
            Size = json["size"].Number(Descriptor.SizeLimit),
        };
}
