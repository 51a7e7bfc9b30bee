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
    internal Image? Find(Digest file, ArchiveReference reference, Platform platform)
    {
        var path = PathOf(file, reference, platform);
        if (ImageNote.Read(path, blobPath) is not { } note)
        {
            return null;
        }

        LastUses.Touch(path);
        return note.Image with { Reference = reference.ToString() };
    }

    /// <summary>All of them.</summary>
    internal IEnumerable<PulledImage> All() => ImageNote.ReadAll(folder, blobPath);

    internal Task WriteAsync(Digest file, ArchiveReference reference, Image image, CancellationToken ct) =>
        Durable.WriteAsync(PathOf(file, reference, image.Platform), ImageNote.Bytes(image), ct);

    private string PathOf(Digest file, ArchiveReference reference, Platform platform)
    {
        var meaning = $"{reference.Kind.ToString().ToLowerInvariant()}-{(reference.Tag is null ? "only" : Digest.Of(reference.Tag).Hex)}";
        return Path.Combine(folder, file.Hex, $"{meaning}-{platform.ToString().Replace('/', '-')}.json");
    }
}
