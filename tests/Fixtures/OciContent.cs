using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>
/// Blobs of OCI images made in memory, right or wrong as a test wants them. Documents are written as text, so that every byte of them is
/// the test's own.
/// </summary>
public sealed class OciContent
{
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    public const string IndexType = "application/vnd.oci.image.index.v1+json";
    public const string ConfigType = "application/vnd.oci.image.config.v1+json";
    public const string GzipLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string TarLayerType = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>Bytes and type by <c>sha256:HEX</c>.</summary>
    public Dictionary<string, (byte[] Bytes, string Type)> Blobs { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a blob and gives its descriptor.</summary>
    /// <param name="type">Media type.</param>
    /// <param name="bytes">The blob.</param>
    /// <param name="more">Further members, each with a comma in front.</param>
    public string Add(string type, byte[] bytes, string more = "")
    {
        var digest = Digest.Of(bytes);
        Blobs[digest.ToString()] = (bytes, type);
        return Descriptor(type, digest, bytes.Length, more);
    }

    /// <summary>Adds a document.</summary>
    public string Add(string type, string json, string more = "") => Add(type, Encoding.UTF8.GetBytes(json), more);

    /// <summary>A descriptor of something that may not be there.</summary>
    public static string Descriptor(string type, Digest digest, long size, string more = "") =>
        $$"""{"mediaType":"{{type}}","digest":"{{digest}}","size":{{size}}{{more}}}""";

    /// <summary>The member <c>platform</c> of an index entry, comma included.</summary>
    public static string For(string architecture, string os = "linux") => $$""","platform":{"os":"{{os}}","architecture":"{{architecture}}"}""";

    /// <summary>The member that gives a layout entry its tag, comma included.</summary>
    public static string Tagged(string tag) => $$""","annotations":{"org.opencontainers.image.ref.name":"{{tag}}"}""";

    /// <summary>A whole image for this machine, gzip layers; gives the manifest's descriptor.</summary>
    public string AddImage(params byte[][] tars) => AddImage("", Images.Platform.Current.Architecture, tars);

    /// <summary>A whole image for an architecture; gives the manifest's descriptor with further members.</summary>
    public string AddImage(string more, string architecture, params byte[][] tars)
    {
        var layers = tars.Select(tar => Add(GzipLayerType, Gzip(tar))).ToList();
        return AddManifest(Config(architecture, tars.Select(tar => Digest.Of(tar).ToString())), layers, more);
    }

    /// <summary>A manifest over a config that is given as text.</summary>
    public string AddManifest(string config, IEnumerable<string> layers, string more = "") =>
        Add(ManifestType, Manifest(Add(ConfigType, config), layers), more);

    /// <summary>An index; gives its descriptor.</summary>
    public string AddIndex(params string[] entries) => Add(IndexType, Index(entries));

    public static string Manifest(string config, IEnumerable<string> layers) =>
        $$"""{"schemaVersion":2,"mediaType":"{{ManifestType}}","config":{{config}},"layers":[{{string.Join(',', layers)}}]}""";

    public static string Index(params string[] entries) =>
        $$"""{"schemaVersion":2,"mediaType":"{{IndexType}}","manifests":[{{string.Join(',', entries)}}]}""";

    public static string Config(string architecture, IEnumerable<string> diffIds) =>
        $$"""
        {"architecture":"{{architecture}}","os":"linux","config":{"Env":["PATH=/bin","A=b=c"],"Entrypoint":["/bin/sh"],"Cmd":["-c","true"],"WorkingDir":"/w","User":"1:2"},
         "rootfs":{"type":"layers","diff_ids":[{{string.Join(',', diffIds.Select(id => $"\"{id}\""))}}]},"history":[]}
        """;

    /// <summary>A tar with one file.</summary>
    public static byte[] Tar(string name, string text)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), ModificationTime = DateTimeOffset.UnixEpoch });
        }

        return bytes.ToArray();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>The digest inside a descriptor.</summary>
    public static Digest DigestOf(string descriptor) =>
        Digest.TryParse(System.Text.Json.JsonDocument.Parse(descriptor).RootElement.GetProperty("digest").GetString(), out var digest) ? digest : throw new ArgumentException("no digest", nameof(descriptor));

    /// <summary>Writes everything as a layout folder whose index has the given entries; returns the folder.</summary>
    public string WriteLayout(string folder, params string[] entries)
    {
        var blobs = Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256")).FullName;
        File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        File.WriteAllText(Path.Combine(folder, "index.json"), Index(entries));
        foreach (var (digest, (bytes, _)) in Blobs)
        {
            File.WriteAllBytes(Path.Combine(blobs, digest["sha256:".Length..]), bytes);
        }

        return folder;
    }
}
