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
        if (came.Digest is null)
        {
            var limit = source.Size ?? ContentCache.UnknownSizeLimit;
            return new(Fault.SourceTooLarge, $"{source.File}: too long. {Line(source)} allows {limit} bytes, {from} gave more. Nothing was stored.", source.Origin);
        }

        return source.Size is { } size && size != came.Size
            ? new(Fault.SourceMismatch, $"{source.File}: size mismatch. {Line(source)} expects {size} bytes, {from} gave {came.Size}. Nothing was stored.", source.Origin)
            : new(Fault.SourceMismatch, $"{source.File}: sha256 mismatch. {Line(source)} expects {source.Digest.Hex}, {from} gave {came.Digest.Value.Hex}. Nothing was stored.", source.Origin);
    }

    internal static ReleaseException IndexDisagrees(PlannedSource source, string page, string hash) => new(
        Fault.SourceMismatch, $"{source.File}: sha256 mismatch. {Line(source)} expects {source.Digest.Hex}, the index page {page} promises {hash}. Nothing was fetched.", source.Origin);

    internal static ReleaseException HostNotAllowed(Uri url, string who, SourcePosition? position) => new(
        Fault.UrlRefused, $"{who} points to {UrlRules.Show(url)}, and '{(url.IsFile ? "file:" : url.Host)}' is not an allowed host. No request was sent to it.", position)
    {
        Remedy = url.IsFile
            ? "Use an index that offers https URLs."
            : $"If you trust it, add \"{url.Host}\" to allow-hosts in [sources] of release.toml.",
    };

    private static string Line(PlannedSource source) => source.Origin.Line > 0
        ? $"{Path.GetFileName(source.Origin.File)} line {source.Origin.Line}"
        : Path.GetFileName(source.Origin.File);
}
