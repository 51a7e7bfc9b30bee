using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>One image that was pulled from a registry.</summary>
/// <param name="Image">The image, as it was then.</param>
/// <param name="Pulled">When.</param>
public sealed record PulledImage(Image Image, DateTimeOffset Pulled)
{
    /// <summary>When somebody last asked for it by this name, to the hour.</summary>
    public DateTimeOffset Used { get; init; } = Pulled;

    /// <summary>The file that says so.</summary>
    internal string Note { get; init; } = "";
}

/// <summary>
/// Notes of what was pulled: one small file per reference and platform, at a path that a person can read. A note has all that a run needs
/// when the layers are unpacked, so that nothing else is opened then.
/// </summary>
/// <param name="folder">Its own folder.</param>
/// <param name="blobPath">Where the packed file of a layer is or would be.</param>
internal sealed class ImageNotes(string folder, Func<Digest, string> blobPath)
{
    internal Task WriteAsync(RegistryReference reference, Image image, CancellationToken ct) =>
        Durable.WriteAsync(PathOf(reference, image.Platform), ImageNote.Bytes(image), ct);

    /// <summary>What the reference meant when it was pulled last, or null. Whoever asks uses it.</summary>
    internal Image? Find(RegistryReference reference, Platform platform)
    {
        var path = PathOf(reference, platform);
        if (ImageNote.Read(path, blobPath) is not { } note)
        {
            return null;
        }

        LastUses.Touch(path);
        return note.Image;
    }

    /// <summary>All of them, by reference. A note that cannot be read is no note: the next pull writes it again.</summary>
    internal IReadOnlyList<PulledImage> All() =>
        [.. ImageNote.ReadAll(folder, blobPath)
            .OrderBy(pulled => pulled.Image.Reference, StringComparer.Ordinal)
            .ThenBy(pulled => pulled.Image.Platform.ToString(), StringComparer.Ordinal)];

    // The grammar of references leaves no ".." in here, and no part of a repository name starts with ':' or '@'.
    private string PathOf(RegistryReference reference, Platform platform)
    {
        var meaning = reference.WrittenDigest is { } digest ? "@" + digest.Hex : ":" + reference.Tag;
        return Path.Combine(folder, reference.Registry, reference.Repository, meaning, platform.ToString().Replace('/', '-') + ".json");
    }
}
