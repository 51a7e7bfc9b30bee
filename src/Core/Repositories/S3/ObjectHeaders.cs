using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories.S3;

/// <summary>What an object store tells clients and caches about a file. What is replaced must be asked for again each time.</summary>
internal static class ObjectHeaders
{
    internal static string CacheControl(string location) =>
        location.EndsWith(".rpm", StringComparison.Ordinal) || (location.StartsWith(Repomd.Folder + "/", StringComparison.Ordinal) && location is not (SignedRepomd.Location or SignedRepomd.SignatureLocation))
            ? "public, max-age=3600"
            : "no-cache";

    internal static string ContentType(string location) => Path.GetExtension(location) switch
    {
        ".rpm" => "application/x-rpm",
        ".xml" => "application/xml",
        ".gz" => "application/gzip",
        ".asc" or ".repo" or "" => "text/plain",
        _ => "application/octet-stream",
    };
}
