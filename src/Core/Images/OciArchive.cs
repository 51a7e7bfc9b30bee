using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>The documents of an OCI layout that is packed into a tar (OCI image specification, image-layout.md).</summary>
internal sealed class OciArchive(ArchiveReference reference, ArchiveCatalog catalog)
{
    internal async Task<ArchiveContent> FindAsync(Platform platform, Func<Digest, string> pathOf)
    {
        var top = Top();
        var document = ManifestDocument.Read(top.Digest, Read(top), top.MediaType);
        var found = await new ImageWalk(reference, platform, (descriptor, _) => Task.FromResult(Read(descriptor))).FindAsync(document, CancellationToken.None);
        var image = found.ToImage(reference, top.Digest, pathOf);
        var files = found.Manifest.Layers.DistinctBy(layer => layer.Digest).ToImmutableDictionary(layer => layer.Digest, File);
        return new(image, files);
    }

    /// <summary>What the reference means, be it an image or an index.</summary>
    internal Descriptor Top()
    {
        var layout = new LayoutIndex(reference, reference.Tag);
        layout.CheckVersion(catalog.Document("oci-layout", "the file"));
        return layout.Choose(catalog.Document("index.json", "the file"));
    }

    private ReadOnlyMemory<byte> Read(Descriptor descriptor) => descriptor.Check(reference, catalog.Document(NameOf(descriptor.Digest), "the blob"));

    private string File(Descriptor layer)
    {
        var file = catalog.File(NameOf(layer.Digest), "the layer");
        return file.Size == layer.Size ? file.Name : throw layer.Mismatch(reference, $"'{Printable.Of(file.Name)}' with {file.Size} bytes");
    }

    private static string NameOf(Digest digest) => $"blobs/sha256/{digest.Hex}";
}
