namespace DotnetRelease.Images;

/// <summary>The two documents at the top of an OCI layout, be it a folder or an archive.</summary>
/// <param name="reference">For messages.</param>
/// <param name="tag">Which image is meant; null means that there is one.</param>
internal sealed class LayoutIndex(ImageReference reference, string? tag)
{
    private const int EntryLimit = 1024;

    /// <summary>Refuses a layout of another version.</summary>
    internal void CheckVersion(ReadOnlyMemory<byte> bytes)
    {
        var version = Parse("oci-layout", bytes);
        if (version["imageLayoutVersion"].Text() is var text and not "1.0.0")
        {
            throw version.Wrong($"has the version '{Printable.Of(text)}'; 1.0.0 is supported");
        }
    }

    /// <summary>What the reference means: the only entry of the index, or the one with the tag.</summary>
    internal Descriptor Choose(ReadOnlyMemory<byte> bytes)
    {
        var index = Parse("index.json", bytes);
        var entries = index["manifests"].Items(EntryLimit).Select(Descriptor.Read).ToList();
        var named = entries.Where(entry => tag is null || string.Equals(entry.RefName, tag, StringComparison.Ordinal)).ToList();
        return named.DistinctBy(entry => entry.Digest).ToList() is [var only]
            ? only
            : throw Ambiguous(reference, tag, [.. entries.Select(entry => entry.RefName)], named.Count);
    }

    /// <summary>The failure that a tag means no image, or several.</summary>
    /// <param name="reference">The image.</param>
    /// <param name="tag">The tag that was named, or null.</param>
    /// <param name="tags">What there is, null for an image without a tag.</param>
    /// <param name="count">How many have it.</param>
    internal static ReleaseException Ambiguous(ImageReference reference, string? tag, IReadOnlyList<string?> tags, int count)
    {
        const int enough = 30;
        var words = tags.OfType<string>().Select(Printable.Of).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var list = words.Count is 0 ? "none" : string.Join(", ", words.Take(enough)) + (words.Count > enough ? $", and {words.Count - enough} more" : "");
        var what = tag is null ? $"it has {tags.Count} images and no tag was named"
            : count is 0 ? "it has no image with this tag"
            : $"it has this tag {count} times";
        return reference.Failure(Fault.ImageNotInLayout, $"{what}. Tags: {list}");
    }

    private OciJson Parse(string name, ReadOnlyMemory<byte> bytes) =>
        OciJson.ParseObject($"'{name}' of '{Printable.Of(reference.ToString()!)}'", bytes);
}
