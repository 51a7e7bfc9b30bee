namespace DotnetRelease.Images;

/// <summary>A pointer to bytes that are elsewhere, with their digest and size (OCI image specification, descriptor.md).</summary>
/// <param name="MediaType">What the bytes are.</param>
/// <param name="Digest">What they must have.</param>
/// <param name="Size">How many they must be.</param>
internal sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    /// <summary>More than any layer of a real distro image, and less than what fills a disk unseen.</summary>
    internal const long SizeLimit = 16L * 1024 * 1024 * 1024;

    /// <summary>What the image behind it is made for; null when the entry does not say.</summary>
    internal Platform? Platform { get; init; }

    /// <summary>The tag in a layout: annotation <c>org.opencontainers.image.ref.name</c>.</summary>
    internal string? RefName { get; init; }

    /// <summary>Refuses bytes that are not the ones pointed to.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageMismatch"/>.</exception>
    internal ReadOnlyMemory<byte> Check(ImageReference reference, ReadOnlyMemory<byte> bytes)
    {
        var actual = Digest.Of(bytes.Span);
        return bytes.Length == Size && actual == Digest ? bytes : throw Mismatch(reference, $"{actual} ({bytes.Length} bytes)");
    }

    /// <summary>The failure that other bytes were found.</summary>
    internal ReleaseException Mismatch(ImageReference reference, string found) =>
        reference.Failure(Fault.ImageMismatch, $"expected {Digest} ({Size} bytes), found {found}");

    // `data` and `urls` are legal and ignored: embedded bytes would be a second way to the same content, and foreign URLs are never asked.
    internal static Descriptor Read(OciJson json)
    {
        json.AsObject();
        return new(json["mediaType"].Text(), json["digest"].Digest(), json["size"].Number(SizeLimit))
        {
            Platform = json.Find("platform") is { } platform ? ReadPlatform(platform) : null,
            RefName = json.Find("annotations")?.AsObject().FindText("org.opencontainers.image.ref.name"),
        };
    }

    /// <summary>Reads <c>os</c>, <c>architecture</c> and <c>variant</c>, which stand in index entries and in configs alike.</summary>
    internal static Platform ReadPlatform(OciJson json) =>
        new(json["os"].Text(), json["architecture"].Text(), json.FindText("variant") is { Length: > 0 } variant ? variant : null);
}
