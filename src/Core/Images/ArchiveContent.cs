using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>The image that an archive reference means, and which file of the archive is which layer.</summary>
/// <param name="Image">With the digests that its layers must have.</param>
/// <param name="Files">Names in the archive by the digest of the packed layer.</param>
internal sealed record ArchiveContent(Image Image, ImmutableDictionary<Digest, string> Files)
{
    /// <summary>Finds the image among the documents of an archive.</summary>
    /// <param name="reference">The archive and the tag.</param>
    /// <param name="catalog">What is in it.</param>
    /// <param name="platform">What the image has to run on.</param>
    /// <param name="pathOf">Where a layer will be.</param>
    internal static Task<ArchiveContent> FindAsync(ArchiveReference reference, ArchiveCatalog catalog, Platform platform, Func<Digest, string> pathOf) =>
        reference.Kind is ArchiveKind.Oci
            ? new OciArchive(reference, catalog).FindAsync(platform, pathOf)
            : Task.FromResult(new DockerArchive(reference, catalog).Find(platform, pathOf));

    /// <summary>What the reference means: the digest of the manifest or index, docker's image id.</summary>
    internal static Digest Top(ArchiveReference reference, ArchiveCatalog catalog) => reference.Kind is ArchiveKind.Oci
        ? new OciArchive(reference, catalog).Top().Digest
        : new DockerArchive(reference, catalog).Top();
}
