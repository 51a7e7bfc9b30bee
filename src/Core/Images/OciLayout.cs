using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>A folder of the OCI image layout (OCI image specification, image-layout.md). It belongs to the user: nothing is written to it.</summary>
internal sealed class OciLayout(LayoutReference reference, KnownDigests known)
{
    private const int VersionLimit = 4096;

    /// <summary>Finds the image; its layers are not looked at.</summary>
    internal async Task<Image> FindAsync(Platform platform, CancellationToken ct)
    {
        var top = await TopAsync(ct);
        var document = ManifestDocument.Read(top.Digest, await ReadAsync(top, ct), top.MediaType);
        return (await new ImageWalk(reference, platform, ReadAsync).FindAsync(document, ct)).ToImage(reference, top.Digest, PathOf);
    }

    /// <summary>What the reference means: the only entry of the index, or the one with the tag.</summary>
    internal async Task<Descriptor> TopAsync(CancellationToken ct)
    {
        var index = new LayoutIndex(reference, reference.Tag);
        index.CheckVersion(await BytesAsync("oci-layout", VersionLimit, ct));
        return index.Choose(await BytesAsync("index.json", ManifestDocument.SizeLimit, ct));
    }

    /// <summary>Makes sure of the bytes of a layer; quick when nobody touched the file since the last time.</summary>
    internal async Task ProveAsync(ImageLayer layer, CancellationToken ct)
    {
        var descriptor = new Descriptor("", layer.Digest, layer.Size);
        CheckLength(descriptor);

        // Nothing is opened for zero bytes: a FIFO, which has that length too, would never give an end.
        var actual = layer.Size is 0 ? Digest.OfNothing : await known.OfFileAsync(layer.BlobPath, ct);
        if (actual != layer.Digest)
        {
            throw descriptor.Mismatch(reference, $"'{layer.BlobPath}' with {actual}");
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(Descriptor descriptor, CancellationToken ct)
    {
        CheckLength(descriptor);
        return descriptor.Check(reference, await BytesAsync(RelativePath(descriptor.Digest), ManifestDocument.SizeLimit, ct));
    }

    private string PathOf(Digest digest) => Path.Combine(Path.GetFullPath(reference.Folder), RelativePath(digest));

    private void CheckLength(Descriptor descriptor)
    {
        var file = new FileInfo(PathOf(descriptor.Digest));
        if (!file.Exists || file.Length != descriptor.Size)
        {
            throw descriptor.Mismatch(reference, file.Exists ? $"'{file.FullName}' with {file.Length} bytes" : $"no file '{file.FullName}'");
        }
    }

    private static string RelativePath(Digest digest) => Path.Combine("blobs", "sha256", digest.Hex);

    private async Task<byte[]> BytesAsync(string name, int limit, CancellationToken ct)
    {
        var path = Path.Combine(reference.Folder, name);
        try
        {
            var length = new FileInfo(path).Length;
            return length <= limit ? await File.ReadAllBytesAsync(path, ct)
                : throw reference.Failure(Fault.ImageMalformed, $"'{name}' has {length} bytes; at most {limit} were expected");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw reference.Failure(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message.TrimEnd('.')}", inner: ex);
        }
    }
}
