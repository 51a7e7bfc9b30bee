using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>A folder of the OCI image layout (OCI image specification, image-layout.md). It belongs to the user: nothing is written to it.</summary>
internal sealed class OciLayout(LayoutReference reference, KnownDigests known)
{
    private const int VersionLimit = 4096;
    private const int EntryLimit = 1024;

    /// <summary>What the reference means: the only entry of the index, or the one with the tag.</summary>
    internal async Task<Descriptor> FindAsync(CancellationToken ct)
    {
        var version = await JsonAsync("oci-layout", VersionLimit, ct);
        if (version["imageLayoutVersion"].Text() is var text and not "1.0.0")
        {
            throw version.Wrong($"has the version '{Printable.Of(text)}'; 1.0.0 is supported");
        }

        var index = await JsonAsync("index.json", ManifestDocument.SizeLimit, ct);
        var entries = index["manifests"].Items(EntryLimit).Select(Descriptor.Read).ToList();
        var named = reference.Tag is null ? entries : entries.Where(entry => string.Equals(entry.RefName, reference.Tag, StringComparison.Ordinal)).ToList();
        return named.DistinctBy(entry => entry.Digest).ToList() is [var only] ? only : throw Ambiguous(entries, named.Count);
    }

    /// <summary>Reads a document and makes sure that it is the one pointed to.</summary>
    internal async Task<ReadOnlyMemory<byte>> ReadAsync(Descriptor descriptor, CancellationToken ct)
    {
        CheckLength(descriptor);
        return descriptor.Check(reference.ToString(), await BytesAsync(RelativePath(descriptor), ManifestDocument.SizeLimit, ct));
    }

    /// <summary>The file of a blob, without looking.</summary>
    internal string PathOf(Descriptor descriptor) => Path.Combine(Path.GetFullPath(reference.Folder), RelativePath(descriptor));

    /// <summary>Makes sure of the bytes of a blob; quick when nobody touched the file since the last time.</summary>
    internal async Task ProveAsync(Descriptor descriptor, CancellationToken ct)
    {
        CheckLength(descriptor);

        // Nothing is opened for zero bytes: a FIFO, which has that length too, would never give an end.
        var actual = descriptor.Size is 0 ? Digest.Of([]) : await known.OfFileAsync(PathOf(descriptor), ct);
        if (actual != descriptor.Digest)
        {
            throw descriptor.Mismatch(reference.ToString(), $"'{PathOf(descriptor)}' with {actual}");
        }
    }

    private void CheckLength(Descriptor descriptor)
    {
        var file = new FileInfo(PathOf(descriptor));
        if (!file.Exists || file.Length != descriptor.Size)
        {
            throw descriptor.Mismatch(reference.ToString(), file.Exists ? $"'{file.FullName}' with {file.Length} bytes" : $"no file '{file.FullName}'");
        }
    }

    private static string RelativePath(Descriptor descriptor) => Path.Combine("blobs", "sha256", descriptor.Digest.Hex);

    private async Task<OciJson> JsonAsync(string name, int limit, CancellationToken ct) =>
        OciJson.ParseObject($"'{name}' of '{Printable.Of(reference.ToString())}'", await BytesAsync(name, limit, ct));

    private async Task<byte[]> BytesAsync(string name, int limit, CancellationToken ct)
    {
        var path = Path.Combine(reference.Folder, name);
        try
        {
            var length = new FileInfo(path).Length;
            return length <= limit ? await File.ReadAllBytesAsync(path, ct)
                : throw new ReleaseException(Fault.ImageMalformed, $"Image '{reference}': '{name}' has {length} bytes; at most {limit} were expected.");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"Image '{reference}': '{path}' could not be read: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    private ReleaseException Ambiguous(List<Descriptor> entries, int count)
    {
        var tags = string.Join(", ", entries.Select(entry => entry.RefName).OfType<string>().Select(Printable.Of).Order(StringComparer.Ordinal));
        var what = reference.Tag is null ? $"it has {entries.Count} images and no tag was named"
            : count is 0 ? "it has no image with this tag"
            : $"it has this tag {count} times";
        return new(Fault.ImageNotInLayout, $"Image '{reference}': {what}. Tags: {(tags.Length is 0 ? "none" : tags)}.");
    }
}
