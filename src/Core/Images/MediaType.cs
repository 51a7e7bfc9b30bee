namespace DotnetRelease.Images;

/// <summary>The media types of OCI's image specification and of Docker's schema 2, as far as they are read or named in a message.</summary>
internal static class MediaType
{
    internal const string OciIndex = "application/vnd.oci.image.index.v1+json";
    internal const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    internal const string OciConfig = "application/vnd.oci.image.config.v1+json";
    internal const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    internal const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    internal const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    private const string DockerSchema1 = "application/vnd.docker.distribution.manifest.v1";

    /// <summary>What we ask a registry for.</summary>
    internal static readonly string[] Accepted = [OciIndex, DockerList, OciManifest, DockerManifest];

    internal static bool IsIndex(string? type) => type is OciIndex or DockerList;

    internal static bool IsManifest(string? type) => type is OciManifest or DockerManifest;

    internal static bool IsConfig(string type) => type is OciConfig or DockerConfig;

    internal static bool IsSchema1(string? type) => type?.StartsWith(DockerSchema1, StringComparison.Ordinal) is true;

    /// <summary>How a layer of this type is packed; null for what <see cref="WhyNot"/> explains.</summary>
    internal static LayerCompression? Compression(string type) => type switch
    {
        "application/vnd.oci.image.layer.v1.tar" or "application/vnd.docker.image.rootfs.diff.tar" => LayerCompression.None,
        "application/vnd.oci.image.layer.v1.tar+gzip" or "application/vnd.docker.image.rootfs.diff.tar.gzip" => LayerCompression.Gzip,
        "application/vnd.oci.image.layer.v1.tar+zstd" => LayerCompression.Zstd,
        _ => null,
    };

    /// <summary>Why a layer of this type cannot be used, as the end of a sentence.</summary>
    internal static string WhyNot(string type) => type switch
    {
        _ when type.Contains(".foreign.", StringComparison.Ordinal) || type.Contains(".nondistributable.", StringComparison.Ordinal) =>
            "is not distributed by the registry (a foreign layer, usual for Windows)",
        _ when type.EndsWith("+encrypted", StringComparison.Ordinal) => "is encrypted; tar, tar+gzip and tar+zstd are supported",
        _ => $"has the type '{Printable.Of(type)}'; tar, tar+gzip and tar+zstd are supported",
    };
}
