using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DotnetRelease.Repositories.Git;

/// <summary>
/// What git holds instead of a large file: three lines with its digest and its size. The digest is the one by which repository
/// metadata knows a package, so a package need not be present to be compared.
/// </summary>
/// <param name="Oid">Digest of the file.</param>
/// <param name="Size">Bytes of the file.</param>
internal sealed partial record LfsPointer(Digest Oid, long Size)
{
    /// <summary>A pointer is smaller than this; the format says so, and no package is.</summary>
    internal const int Limit = 1024;

    /// <summary>The pointer as git-lfs writes it.</summary>
    internal byte[] ToBytes() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"version https://git-lfs.github.com/spec/v1\noid sha256:{Oid.Hex}\nsize {Size}\n"));

    /// <summary>Reads a pointer of exactly this form; null for anything else, also for one with extensions, which stands for other bytes.</summary>
    internal static LfsPointer? TryParse(ReadOnlySpan<byte> bytes) =>
        bytes.Length < Limit && Form().Match(Encoding.ASCII.GetString(bytes)) is { Success: true } match
        && Digest.TryParse(match.Groups["oid"].Value, out var oid)
        && long.TryParse(match.Groups["size"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? new LfsPointer(oid, size)
            : null;

    [GeneratedRegex(@"\Aversion https://git-lfs\.github\.com/spec/v1\noid sha256:(?<oid>[0-9a-f]{64})\nsize (?<size>0|[1-9][0-9]{0,18})\n\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
