using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>One of the two documents that a manifest URL can give. Its bytes had the digest that was asked for.</summary>
internal abstract record ManifestDocument(Digest Digest)
{
    /// <summary>The limit that registries themselves set (distribution specification, pushing manifests).</summary>
    internal const int SizeLimit = 4 * 1024 * 1024;

    private const int EntryLimit = 1024;

    /// <summary>Reads a document whose kind is told by its own <c>mediaType</c> and by whoever pointed to it.</summary>
    /// <param name="digest">What the bytes have; the caller made sure of it.</param>
    /// <param name="bytes">The document.</param>
    /// <param name="told">Type in the descriptor or the <c>Content-Type</c> header; null when nobody said.</param>
    internal static ManifestDocument Read(Digest digest, ReadOnlyMemory<byte> bytes, string? told)
    {
        var json = OciJson.ParseObject($"image manifest {digest}", bytes);
        var type = Type(json, told);
        var entries = json.Find("manifests");
        var layers = json.Find("layers");

        // CVE-2021-41190: one text that two readers take for two different images.
        return (MediaType.IsIndex(type), entries, layers) switch
        {
            (_, not null, not null) => throw json.Wrong("has both \"manifests\" and \"layers\": it could be read as two images"),
            (true, { } list, null) when !json.Has("config") => new IndexDocument(digest, [.. list.Items(EntryLimit).Select(Descriptor.Read)]),
            (false, null, { } list) => new ImageManifest(
                digest, Descriptor.Read(json["config"]), [.. list.Items(EntryLimit).Select(Descriptor.Read)]),
            _ => throw json.Wrong($"does not have the form that its type '{type}' demands"),
        };
    }

    private static string Type(OciJson json, string? told)
    {
        var written = json.FindText("mediaType");
        if (MediaType.IsSchema1(written) || MediaType.IsSchema1(told) || json["schemaVersion"].Number(int.MaxValue) is 1)
        {
            throw json.Wrong("has Docker's old schema 1, which no digest protects; the image must be pushed again with a newer tool");
        }

        // A registry may serve any document as plain JSON; a descriptor may not.
        var known = MediaType.IsIndex(told) || MediaType.IsManifest(told) ? told : null;
        if (known is not null && written is not null && !string.Equals(known, written, StringComparison.Ordinal))
        {
            throw json.Wrong($"says that it is '{Printable.Of(written)}', but was announced as '{known}'");
        }

        var type = written ?? known ?? (json.Has("manifests") ? MediaType.OciIndex : MediaType.OciManifest);
        return MediaType.IsIndex(type) || MediaType.IsManifest(type)
            ? type
            : throw json.Wrong($"has the type '{Printable.Of(type)}', which is no image");
    }
}

/// <summary>A choice of images, one per platform: an OCI index or a Docker manifest list.</summary>
internal sealed record IndexDocument(Digest Digest, ImmutableArray<Descriptor> Entries) : ManifestDocument(Digest);

/// <summary>One image: its config and its layers, lowest first.</summary>
internal sealed record ImageManifest(Digest Digest, Descriptor Config, ImmutableArray<Descriptor> Layers) : ManifestDocument(Digest);
