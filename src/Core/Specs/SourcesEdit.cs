using System.Text;

namespace DotnetRelease.Specs;

/// <summary>
/// New lines for a <c>sources</c> file, in the form that it has. Comments, the order and all other lines keep their bytes. Dist-git takes no
/// two algorithms in one file, so there is one for all: that of the last line, and SHA512 in a new file.
/// </summary>
/// <param name="Before">As it is; null when there is none yet.</param>
/// <param name="Path">As messages name it.</param>
public sealed record SourcesEdit(SourcesFile? Before, string Path)
{
    private readonly string _before = Before?.Text ?? "";

    /// <summary>The text of the file now.</summary>
    public string Text { get; private init; } = Before?.Text ?? "";

    /// <summary>Whether a digest for this file has to be one of sha512.</summary>
    public bool IsLong => Before?.Lines is not [.., var last] || last.Digest.Algorithm is "sha512";

    /// <summary>Whether anything is to be written.</summary>
    public bool IsChange => !string.Equals(Text, _before, StringComparison.Ordinal);

    /// <summary>The difference, as people and <c>git apply</c> read it; empty when there is none.</summary>
    public string Diff => UnifiedDiff.Of(Path, _before, Text);

    /// <summary>The same with a line for a file, in the place of the one that it had, or that the file before it had.</summary>
    /// <param name="file">One path segment.</param>
    /// <param name="digest">Of its bytes, with the algorithm that <see cref="IsLong"/> asks for.</param>
    /// <param name="replaces">The file whose place it takes, or null.</param>
    public SourcesEdit With(string file, Digest digest, string? replaces = null)
    {
        var now = SourcesFile.Parse(Text, Path);
        var lines = SpecLine.Split(Text);
        var written = $"{digest.Algorithm.ToUpperInvariant()} ({file}) = {digest.Hex}";
        var (own, old) = (now.Find(file), replaces is null ? null : now.Find(replaces));
        if ((own ?? old) is not { } place)
        {
            if (lines is [.., { Ending.Length: 0 } open])
            {
                lines[^1] = open with { Ending = "\n" };
            }

            lines.Add(new SpecLine(written, lines is [var first, ..] ? first.Ending : "\n"));
        }
        else if (place.Digest != digest || place.File != file)
        {
            var at = place.Position.Line - 1;
            lines[at] = lines[at] with { Text = written };
        }

        if (own is not null && old is not null && old != own)
        {
            lines.RemoveAt(old.Position.Line - 1);
        }

        return this with { Text = SpecLine.Join(lines) };
    }

    /// <summary>What is to be written.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(Text);
}
