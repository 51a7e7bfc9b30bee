using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>A folder of the OCI image layout (OCI image specification, image-layout.md). It belongs to the user: nothing is written to it.</summary>
internal sealed class OciLayout(LayoutReference reference, KnownDigests known)
{
    private const int VersionLimit = 4096;
    private const int EntryLimit = 1024;

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
        var version = await JsonAsync("oci-layout", VersionLimit, ct);
        if (version["imageLayoutVersion"].Text() is var text and not "1.0.0")
        {
            throw version.Wrong($"has the version '{Printable.Of(text)}'; 1.0.0 is supported");
        }

        var index = await JsonAsync("index.json", ManifestDocument.SizeLimit, ct);
        var entries = index["manifests"].Items(EntryLimit).Select(Descriptor.Read).ToList();
        var named = entries.Where(entry => reference.Tag is null || string.Equals(entry.RefName, reference.Tag, StringComparison.Ordinal)).ToList();
        return named.DistinctBy(entry => entry.Digest).ToList() is [var only] ? only : throw Ambiguous(entries, named.Count);
    }

    /// <summary>Makes sure of the bytes of a layer; quick when nobody touched the file since the last time.</summary>
    internal async Task ProveAsync(ImageLayer layer, CancellationToken ct)
    {
        var descriptor = new Descriptor("", layer.Digest, layer.Size);
        CheckLength(descriptor);

        // Nothing is opened for zero bytes: a FIFO, which has that length too, would never give an end.
        var actual = layer.Size is 0 ? Digest.Of([]) : await known.OfFileAsync(layer.BlobPath, ct);
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

    private async Task<OciJson> JsonAsync(string name, int limit, CancellationToken ct) =>
        OciJson.ParseObject($"'{name}' of '{Printable.Of(reference.ToString())}'", await BytesAsync(name, limit, ct));

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

    private ReleaseException Ambiguous(List<Descriptor> entries, int count)
    {
        var tags = string.Join(", ", entries.Select(entry => entry.RefName).OfType<string>().Select(Printable.Of).Order(StringComparer.Ordinal));
        var what = reference.Tag is null ? $"it has {entries.Count} images and no tag was named"
            : count is 0 ? "it has no image with this tag"
            : $"it has this tag {count} times";
        return reference.Failure(Fault.ImageNotInLayout, $"{what}. Tags: {(tags.Length is 0 ? "none" : tags)}");
    }
}
