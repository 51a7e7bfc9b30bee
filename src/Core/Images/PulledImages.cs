using System.Globalization;
using System.Text.Json;
using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>One image that was pulled from a registry.</summary>
/// <param name="Reference">In full.</param>
/// <param name="Platform">What it was pulled for.</param>
/// <param name="Digest">What the reference meant then.</param>
/// <param name="PackedSize">Bytes of its layers.</param>
/// <param name="Pulled">When.</param>
public sealed record PulledImage(string Reference, string Platform, Digest Digest, long PackedSize, DateTimeOffset Pulled);

/// <summary>Notes of what was pulled: one small file per reference and platform, at a path that a person can read.</summary>
internal sealed class PulledImages(string folder)
{
    private const int SizeLimit = 64 * 1024;

    internal async Task NoteAsync(RegistryReference reference, Image image, CancellationToken ct)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", 1);
            json.WriteString("reference", reference.ToString());
            json.WriteString("platform", image.Platform.ToString());
            json.WriteString("digest", image.Digest.ToString());
            json.WriteNumber("packedSize", image.PackedSize);
            json.WriteString("pulled", DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        await Durable.WriteAsync(PathOf(reference, image.Platform), bytes.ToArray(), ct);
    }

    /// <summary>What the reference meant when it was pulled last, or null.</summary>
    internal Digest? Find(RegistryReference reference, Platform platform) => Read(PathOf(reference, platform))?.Digest;

    /// <summary>All of them, by reference. A note that cannot be read is no note: the next pull writes it again.</summary>
    internal IReadOnlyList<PulledImage> All() => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Select(Read).OfType<PulledImage>()
            .OrderBy(image => image.Reference, StringComparer.Ordinal).ThenBy(image => image.Platform, StringComparer.Ordinal)];

    // The grammar of references leaves no ".." in here, and no part of a repository name starts with ':' or '@'.
    private string PathOf(RegistryReference reference, Platform platform) => Path.Combine(
        folder, reference.Registry, reference.Repository, reference.WrittenDigest is { } digest ? "@" + digest.Hex : ":" + reference.Tag, $"{platform.ToString().Replace('/', '-')}.json");

    private static PulledImage? Read(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > SizeLimit)
            {
                return null;
            }

            var json = OciJson.ParseObject(path, File.ReadAllBytes(path));
            return new(
                json["reference"].Text(), json["platform"].Text(), json["digest"].Digest(), json["packedSize"].Number(long.MaxValue),
                DateTimeOffset.Parse(json["pulled"].Text(), CultureInfo.InvariantCulture));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or ReleaseException or FormatException)
        {
            return null;
        }
    }
}
