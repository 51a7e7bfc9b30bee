using DotnetRelease.Http;
using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Sources;

/// <summary>What is said when bytes, pages or hosts are not the planned ones.</summary>
internal static class SourceFailure
{
    /// <summary>The bytes are other ones than the plan demands.</summary>
    /// <param name="source">What was planned.</param>
    /// <param name="from">URL or path that gave the bytes.</param>
    /// <param name="came">What they were.</param>
    internal static ReleaseException OtherBytes(PlannedSource source, string from, Intake came)
    {
        var limit = source.Size ?? ContentCache.UnknownSizeLimit;
        var (what, allowed, gave) = came.Digest is not { } digest ? ("too long", $"at most {limit} bytes", "more")
            : source.Size is { } size && size != came.Size ? ("size mismatch", $"{size} bytes", $"{came.Size}")
            : ($"{digest.Algorithm} mismatch", source.Digest.Hex, digest.Hex);
        var fault = came.Digest is null ? Fault.SourceTooLarge : Fault.SourceMismatch;
        return new(fault, $"{source.File}: {what}. {Line(source)} expects {allowed}, {from} gave {gave}. Nothing was stored.", source.Origin);
    }

    /// <summary>The index promises other bytes than the plan demands.</summary>
    internal static ReleaseException IndexDisagrees(PlannedSource source, string page, string hash) => new(
        Fault.SourceMismatch,
        $"{source.File}: sha256 mismatch. {Line(source)} expects {source.Digest.Hex}, the index page {page} promises {hash}. Nothing was fetched.",
        source.Origin);

    /// <summary>A page or the lock points to a host that nobody allowed.</summary>
    internal static ReleaseException HostNotAllowed(Uri url, string who, SourcePosition? position) => new(
        Fault.UrlRefused,
        $"{who} points to {UrlRules.Show(url)}, and '{(url.IsFile ? "file:" : url.Host)}' is not an allowed host. No request was sent to it.",
        position)
    {
        Remedy = url.IsFile
            ? "Use an index that offers https URLs."
            : $"If you trust it, add \"{url.Host}\" to allow-hosts in [sources] of release.toml.",
    };

    private static string Line(PlannedSource source) => source.Origin.Line > 0
        ? $"{Path.GetFileName(source.Origin.File)} line {source.Origin.Line}"
        : Path.GetFileName(source.Origin.File);
}
