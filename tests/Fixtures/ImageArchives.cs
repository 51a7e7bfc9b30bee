using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>Archives of images, right or wrong as a test wants them.</summary>
public static class ImageArchives
{
    /// <summary>The tar of an OCI layout with all blobs of a content.</summary>
    public static TarBuilder Oci(OciContent content, params string[] entries)
    {
        var tar = new TarBuilder().Folder("blobs/").Folder("blobs/sha256/");
        foreach (var (digest, (bytes, _)) in content.Blobs)
        {
            tar.File($"blobs/sha256/{digest["sha256:".Length..]}", bytes);
        }

        return tar.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}""").File("index.json", OciContent.Index(entries));
    }

    /// <summary>The configuration of an image of this machine over unpacked layers.</summary>
    public static string Config(params byte[][] layers) =>
        OciContent.Config(Images.Platform.Current.Architecture, layers.Select(layer => Digest.Of(layer).ToString()));

    /// <summary>What docker save writes for one image: layers, configuration, and then the manifest.</summary>
    public static TarBuilder Docker(string tag, params byte[][] layers)
    {
        var tar = new TarBuilder();
        foreach (var layer in layers)
        {
            tar.File($"{Digest.Of(layer).Hex}.tar", layer);
        }

        var config = Config(layers);
        var name = $"{Digest.Of(config).Hex}.json";
        return tar.File(name, config).File("manifest.json", Manifest(Item(name, tag, layers.Select(layer => $"{Digest.Of(layer).Hex}.tar"))));
    }

    public static string Manifest(params string[] items) => $"[{string.Join(',', items)}]";

    public static string Item(string config, string? tag, IEnumerable<string> layers) => new StringBuilder()
        .Append($$"""{"Config":"{{config}}","RepoTags":{{(tag is null ? "null" : $"[\"{tag}\"]")}},"Layers":[""")
        .AppendJoin(',', layers.Select(layer => $"\"{layer}\"")).Append("]}").ToString();
}
