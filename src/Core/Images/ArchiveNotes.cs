using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>
/// What was found in an archive, by the digest of the file, so that an archive of many megabytes is not read again to start a container
/// whose layers are here.
/// </summary>
/// <param name="folder">Its own folder.</param>
/// <param name="blobPath">Where the packed file of a layer is or would be.</param>
internal sealed class ArchiveNotes(string folder, Func<Digest, string> blobPath)
{
    /// <summary>What an image reference meant in a file of these very bytes; null when nobody looked yet.</summary>
    internal Image? Find(Digest file, ArchiveReference reference, Platform platform) =>
        ImageNote.Read(PathOf(file, reference, platform), blobPath) is { } note ? note.Image with { Reference = reference.ToString() } : null;

    internal Task WriteAsync(Digest file, ArchiveReference reference, Image image, CancellationToken ct) =>
        Durable.WriteAsync(PathOf(file, reference, image.Platform), ImageNote.Bytes(image), ct);

    private string PathOf(Digest file, ArchiveReference reference, Platform platform)
    {
        var meaning = $"{reference.Kind.ToString().ToLowerInvariant()}-{(reference.Tag is null ? "only" : Digest.Of(reference.Tag).Hex)}";
        return Path.Combine(folder, file.Hex, $"{meaning}-{platform.ToString().Replace('/', '-')}.json");
    }
}
