namespace DotnetRelease.Images;

/// <summary>An image in a folder of the OCI layout, as skopeo and buildah write it.</summary>
/// <param name="Folder">The folder with <c>oci-layout</c> and <c>index.json</c>.</param>
/// <param name="Tag">Value of the annotation <c>org.opencontainers.image.ref.name</c>; null means that the folder has one image.</param>
public sealed record LayoutReference(string Folder, string? Tag) : ImageReference
{
    /// <inheritdoc/>
    public override Digest? WrittenDigest => null;

    /// <inheritdoc/>
    public override ImageReference RelativeTo(string folder) => this with { Folder = Path.GetFullPath(Folder, folder) };

    /// <summary>As it is written.</summary>
    public override string ToString() => $"oci:{Folder}{(Tag is null ? "" : ":" + Tag)}";

    /// <summary>Skopeo's rule: the first colon ends the folder; what follows is the tag and may have colons.</summary>
    internal static LayoutReference ParseRest(string text, string rest)
    {
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var folder = colon < 0 ? rest : rest[..colon];
        var tag = colon < 0 ? null : rest[(colon + 1)..];
        return folder.Length > 0 && tag is not "" && tag is not { Length: > 256 }
            ? new LayoutReference(folder, tag)
            : throw Malformed(text, "the form is oci:FOLDER or oci:FOLDER:tag, without a colon in FOLDER");
    }
}
