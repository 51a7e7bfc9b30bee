using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace DotnetRelease.GitHub;

/// <summary>A list of digests as <c>sha256sum</c> writes and checks it, in the order of the names.</summary>
/// <param name="Lines">Digest by name; each name once.</param>
public sealed partial record Checksums(ImmutableSortedDictionary<string, Digest> Lines)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "checksums.txt";

    /// <summary>Name of its detached signature.</summary>
    public const string SignatureName = FileName + ".asc";

    /// <summary>A list of a thousand assets has 100 kB.</summary>
    internal const int SizeLimit = 1024 * 1024;

    /// <summary>The list of some files.</summary>
    public static Checksums Of(IEnumerable<AssetFile> files) =>
        new(files.ToImmutableSortedDictionary(file => file.Name, file => file.Digest, StringComparer.Ordinal));

    /// <summary>Reads such a file.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ReleaseUnverified"/>, with the line.</exception>
    public static Checksums Parse(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var lines = ImmutableSortedDictionary.CreateBuilder<string, Digest>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            if (Line().Match(line.TrimEnd('\r')) is not { Success: true } match || AssetFile.RefuseName(match.Groups["name"].Value) is not null)
            {
                throw new ReleaseException(Fault.ReleaseUnverified, $"Line {number} of {FileName} is no line of sha256sum about an asset.");
            }

            _ = Digest.TryParse(match.Groups["digest"].Value, out var digest);
            if (!lines.TryAdd(match.Groups["name"].Value, digest))
            {
                throw new ReleaseException(Fault.ReleaseUnverified, $"Line {number} of {FileName} names {match.Groups["name"].Value} a second time.");
            }
        }

        return new(lines.ToImmutable());
    }

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Concat(Lines.Select(line => $"{line.Value.Hex}  {line.Key}\n")));

    /// <summary>Two digits of space or a star: text or binary mode, which mean the same here.</summary>
    [GeneratedRegex("^(?<digest>[0-9a-f]{64}) [ *](?<name>[^/\\\\]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Line();
}
