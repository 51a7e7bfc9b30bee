using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace DotnetRelease.Specs;

/// <summary>
/// The <c>sources</c> file beside a spec, which holds the digests of what no lockfile covers: lines <c>SHA512 (file) = hex</c>, the form of
/// Fedora's dist-git and of <c>sha512sum --tag</c>, or the same with SHA256. Empty lines and lines that start with <c>#</c> are comments.
/// </summary>
/// <param name="Path">As the user or the settings name it.</param>
/// <param name="Lines">In the order of the file; no file twice.</param>
public sealed partial record SourcesFile(string Path, ImmutableArray<SourcesLine> Lines)
{
    /// <summary>Its name in the folder of the spec.</summary>
    public const string FileName = "sources";

    private const int SizeLimit = 1024 * 1024;

    /// <summary>All of it, as it was read.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SpecMalformed"/> or <see cref="Fault.InputTooLarge"/>, with the position.</exception>
    public static SourcesFile Parse(ReadOnlySpan<byte> utf8, string path) => utf8.Length > SizeLimit
        ? throw new ReleaseException(Fault.InputTooLarge, $"The file has {utf8.Length} bytes; at most {SizeLimit} are read.", new(path))
        : Parse(Encoding.UTF8.GetString(utf8), path);

    /// <summary>Reads a file that is text already.</summary>
    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, string)"/>
    public static SourcesFile Parse(string text, string path)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = ImmutableArray.CreateBuilder<SourcesLine>();
        Dictionary<string, SourcesLine> byFile = new(StringComparer.Ordinal);
        foreach (var (index, raw) in text.Split('\n').Index())
        {
            var written = raw.TrimEnd('\r', ' ', '\t');
            if (written.Length is 0 || written[0] is '#')
            {
                continue;
            }

            var line = ParseLine(written, new SourcePosition(path, index + 1, 1));
            if (!byFile.TryAdd(line.File, line))
            {
                throw new ReleaseException(
                    Fault.SpecMalformed, $"'{line.File}' stands here a second time; the first is at {byFile[line.File].Position}.", line.Position)
                {
                    Remedy = "Keep the line with the right digest.",
                };
            }

            lines.Add(line);
        }

        return new SourcesFile(path, lines.ToImmutable()) { Text = text };
    }

    /// <summary>The line of a file, or null.</summary>
    public SourcesLine? Find(string file) => Lines.FirstOrDefault(line => line.File == file);

    private static SourcesLine ParseLine(string written, SourcePosition start)
    {
        // A backslash in front says that the name was escaped, as coreutils does it.
        var isEscaped = written[0] is '\\';
        var match = Line().Match(written);
        if (!match.Success)
        {
            throw OldLine().IsMatch(written)
                ? Weak("MD5", start)
                : Malformed($"'{written}' is not of the form 'SHA512 (file) = hex' or 'SHA256 (file) = hex'.", start);
        }

        var (algorithm, name, hex) = (match.Groups["algorithm"], match.Groups["file"], match.Groups["hex"]);
        var length = algorithm.Value switch
        {
            "SHA512" => 128,
            "SHA256" => 64,
            "MD5" or "SHA1" => throw Weak(algorithm.Value, start with { Column = algorithm.Index + 1 }),
            var other => throw Malformed($"Only SHA512 and SHA256 digests are taken, found {other}.", start with { Column = algorithm.Index + 1 }),
        };
        var file = isEscaped ? Unescape(name.Value) : name.Value;
        if (SafeName.Refuse(file) is { } why)
        {
            throw Malformed($"The file name {why}.", start with { Column = name.Index + 1 });
        }

        return hex.Length == length && Digest.TryParseAny(hex.Value.ToLowerInvariant(), out var digest)
            ? new SourcesLine(file, digest, start)
            : throw Malformed($"A {algorithm.Value} digest has {length} hex digits, found {hex.Length} characters.", start with { Column = hex.Index + 1 });
    }

    private static string Unescape(string name) => Escape().Replace(name, escape => escape.Value switch
    {
        "\\n" => "\n",
        "\\r" => "\r",
        _ => "\\",
    });

    private static ReleaseException Malformed(string what, SourcePosition position) =>
        new(Fault.SpecMalformed, what, position) { Remedy = "Make the line with: sha512sum --tag FILE" };

    private static ReleaseException Weak(string algorithm, SourcePosition position) =>
        new(Fault.SpecMalformed, $"The line has an {algorithm} digest. Others can make a file that has the same, so it proves nothing.", position)
        {
            Remedy = "Get the file from its publisher, check it, and make the line with: sha512sum --tag FILE",
        };

    [GeneratedRegex(@"^\\?(?<algorithm>[A-Za-z0-9-]+) \((?<file>.+)\) = (?<hex>\S+)\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Line();

    // What dist-git had until 2017, and what md5sum writes.
    [GeneratedRegex(@"^\\?[0-9A-Fa-f]{32} [ *]?\S", RegexOptions.NonBacktracking)]
    private static partial Regex OldLine();

    [GeneratedRegex(@"\\[\\nr]", RegexOptions.NonBacktracking)]
    private static partial Regex Escape();
}

/// <summary>One line of a <c>sources</c> file.</summary>
/// <param name="File">One path segment, checked.</param>
/// <param name="Digest">What its bytes must have.</param>
/// <param name="Position">Where the line stands.</param>
public sealed record SourcesLine(string File, Digest Digest, SourcePosition Position);
