using System.Globalization;
using System.Text.Json;
using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>One image that was pulled from a registry.</summary>
/// <param name="Image">The image, as it was then.</param>
/// <param name="Pulled">When.</param>
public sealed record PulledImage(Image Image, DateTimeOffset Pulled);

/// <summary>
/// Notes of what was pulled: one small file per reference and platform, at a path that a person can read. A note has all that a run needs
/// when the layers are unpacked, so that nothing else is opened then.
/// </summary>
/// <param name="folder">Its own folder.</param>
/// <param name="blobPath">Where the packed file of a layer is or would be.</param>
internal sealed class ImageNotes(string folder, Func<Digest, string> blobPath)
{
    private const int SizeLimit = 4 * 1024 * 1024;
    private const int EntryLimit = 1024;

    internal async Task WriteAsync(RegistryReference reference, Image image, CancellationToken ct)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            Write(json, image);
        }

        await Durable.WriteAsync(PathOf(reference, image.Platform), bytes.ToArray(), ct);
    }

    /// <summary>What the reference meant when it was pulled last, or null.</summary>
    internal Image? Find(RegistryReference reference, Platform platform) => Read(PathOf(reference, platform))?.Image;

    /// <summary>All of them, by reference. A note that cannot be read is no note: the next pull writes it again.</summary>
    internal IReadOnlyList<PulledImage> All() => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Select(Read).OfType<PulledImage>()
            .OrderBy(pulled => pulled.Image.Reference, StringComparer.Ordinal)
            .ThenBy(pulled => pulled.Image.Platform.ToString(), StringComparer.Ordinal)];

    // The grammar of references leaves no ".." in here, and no part of a repository name starts with ':' or '@'.
    private string PathOf(RegistryReference reference, Platform platform)
    {
        var meaning = reference.WrittenDigest is { } digest ? "@" + digest.Hex : ":" + reference.Tag;
        return Path.Combine(folder, reference.Registry, reference.Repository, meaning, platform.ToString().Replace('/', '-') + ".json");
    }

    private static void Write(Utf8JsonWriter json, Image image)
    {
        json.WriteStartObject();
        json.WriteNumber("schema", 1);
        json.WriteString("reference", image.Reference);
        json.WriteString("pulled", DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteString("digest", image.Digest.ToString());
        json.WriteString("manifest", image.Manifest.ToString());
        json.WriteStartObject("platform");
        json.WriteString("os", image.Platform.Os);
        json.WriteString("architecture", image.Platform.Architecture);
        json.WriteString("variant", image.Platform.Variant);
        json.WriteEndObject();
        json.WriteStartArray("layers");
        foreach (var layer in image.Layers)
        {
            json.WriteStartObject();
            json.WriteString("diffId", layer.DiffId.ToString());
            json.WriteString("digest", layer.Digest.ToString());
            json.WriteNumber("size", layer.Size);
            json.WriteString("compression", layer.CompressionWord);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("config");
        ConfigDocument.Write(json, image.Config);
        json.WriteEndObject();
    }

    private PulledImage? Read(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= SizeLimit })
            {
                return null;
            }

            var json = OciJson.ParseObject(path, File.ReadAllBytes(path));
            var layers = json["layers"].Items(EntryLimit).Select(ReadLayer);
            var image = new Image(json["reference"].Text(), json["digest"].Digest(), [.. layers], ConfigDocument.ReadConfig(json["config"]))
            {
                Manifest = json["manifest"].Digest(),
                Platform = Descriptor.ReadPlatform(json["platform"]),
            };
            return new(image, DateTimeOffset.Parse(json["pulled"].Text(), CultureInfo.InvariantCulture));
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
        "none" => LayerCompression.None,
        _ => throw layer["compression"].Wrong("is unknown"),
    };

    private ImageLayer ReadLayer(OciJson json) =>
        new(json["diffId"].Digest(), blobPath(json["digest"].Digest()), ReadCompression(json))
        {
            Digest = json["digest"].Digest(),
            Size = json["size"].Number(Descriptor.SizeLimit),
        };
}
