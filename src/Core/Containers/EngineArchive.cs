using System.Formats.Tar;
using System.Text.Json;
using DotnetRelease.Images;

namespace DotnetRelease.Containers;

/// <summary>
/// An image as a stream that every version of <c>podman load</c> and <c>docker load</c> reads: the archive of <c>docker save</c>, with the
/// packed layers as they are. Its config is ours and names the layers by their diff_ids, which the engine checks.
/// </summary>
internal sealed class EngineArchive
{
    private readonly Image _image;
    private readonly byte[] _config;

    internal EngineArchive(Image image)
    {
        _image = image;
        _config = Config(image);
        Name = CommandLineEngine.ImageName(Digest.Of(_config));
    }

    /// <summary>The name that the engine gives it: the same for the same layers on the same platform.</summary>
    internal string Name { get; }

    /// <summary>Whether the engine unpacks more than gzip itself.</summary>
    internal bool ReadsEveryPacking { get; init; } = true;

    /// <summary>Where commands of an image start unless they say otherwise.</summary>
    internal static string FolderOf(ImageConfig config) => Path.GetFullPath(config.WorkingDirectory, "/");

    /// <summary>The diff_ids as the engine prints them when it has exactly this image.</summary>
    internal string Layers => JsonSerializer.Serialize(_image.Layers.Select(layer => layer.DiffId.ToString()));

    internal async Task WriteAsync(Stream archive)
    {
        await using var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
        await WriteAsync(tar, "manifest.json", new MemoryStream(Manifest()));
        await WriteAsync(tar, ConfigName, new MemoryStream(_config));
        foreach (var layer in _image.Layers.DistinctBy(layer => layer.DiffId))
        {
            await WriteAsync(tar, NameOf(layer), ReadsEveryPacking || layer.Compression is LayerCompression.None or LayerCompression.Gzip ? File.OpenRead(layer.BlobPath) : UnpackedLayer.Open(layer));
        }
    }

    private string ConfigName => $"{Digest.Of(_config).Hex}.json";

    private static async Task WriteAsync(TarWriter tar, string name, Stream content)
    {
        await using (content)
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, ModificationTime = DateTimeOffset.UnixEpoch });
        }
    }

    private static string NameOf(ImageLayer layer) => $"{layer.DiffId.Hex}.tar";

    private byte[] Manifest() => JsonSerializer.SerializeToUtf8Bytes(new[]
    {
        new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["Config"] = ConfigName,
            ["RepoTags"] = new[] { Name },
            ["Layers"] = _image.Layers.Select(NameOf),
        },
    });

    /// <summary>What the image itself says about running it is given with each command, so that one command's variables do not stay for the next; but only a folder of the image's own is made when it is missing.</summary>
    private static byte[] Config(Image image)
    {
        var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("architecture", image.Platform.Architecture);
            json.WriteString("os", image.Platform.Os);
            if (image.Platform.Variant is { } variant)
            {
                json.WriteString("variant", variant);
            }

            json.WriteString("created", "1970-01-01T00:00:00Z");
            json.WriteStartObject("config");
            json.WriteString("WorkingDir", FolderOf(image.Config));
            json.WriteStartObject("Labels");
            json.WriteString(CommandLineEngine.Label, "image");
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("rootfs");
            json.WriteString("type", "layers");
            WriteArray(json, "diff_ids", layer => json.WriteStringValue(layer.DiffId.ToString()));
            json.WriteEndObject();

            // Without one line for each layer podman refuses to go on from the image.
            WriteArray(json, "history", layer => json.WriteRawValue($$"""{"created":"1970-01-01T00:00:00Z","created_by":"{{layer.DiffId.Hex}}"}"""));
            json.WriteEndObject();
        }

        return text.ToArray();

        void WriteArray(Utf8JsonWriter json, string name, Action<ImageLayer> write)
        {
            json.WriteStartArray(name);
            foreach (var layer in image.Layers)
            {
                write(layer);
            }

            json.WriteEndArray();
        }
    }
}
