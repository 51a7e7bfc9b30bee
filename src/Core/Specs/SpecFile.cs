using System.Collections.Immutable;

namespace DotnetRelease.Specs;

/// <summary>
/// An RPM spec as text. Every byte is kept: line endings, missing final newline, any encoding. Reading it never runs code, unlike rpm's own
/// parser, which has to stay in the sandbox.
/// </summary>
public sealed class SpecFile
{
    /// <summary>Bytes of the largest spec that is read.</summary>
    public const int SizeLimit = 4 * 1024 * 1024;

    private SpecFile(string path, ImmutableArray<SpecLine> lines) => (Path, Lines) = (path, lines);

    /// <summary>As the settings name it.</summary>
    public string Path { get; }

    /// <summary>All lines with their endings.</summary>
    internal ImmutableArray<SpecLine> Lines { get; }

    /// <summary>Reads a spec's bytes.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SpecMalformed"/> or <see cref="Fault.InputTooLarge"/>.</exception>
    public static SpecFile Parse(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length > SizeLimit)
        {
            throw new ReleaseException(Fault.InputTooLarge, $"The spec has {bytes.Length} bytes; at most {SizeLimit} are read.", new(path));
        }

        var spec = new SpecFile(path, [.. SpecLine.Split(SpecLine.FromBytes(bytes))]);
        spec.RefuseNonsense();
        return spec;
    }

    /// <summary>Reads a spec that is text already.</summary>
    public static SpecFile Parse(string text, string path) => Parse(System.Text.Encoding.UTF8.GetBytes(text), path);

    /// <summary>The same bytes again.</summary>
    public byte[] ToBytes() => SpecLine.ToBytes(SpecLine.Join(Lines));

    /// <summary>The digest of the bytes.</summary>
    public Digest Digest => DotnetRelease.Digest.Of(ToBytes());

    /// <summary>What the spec says for a distro and machine.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SpecMalformed"/>: conditions that do not match up, or no <c>Name</c>, <c>Version</c> or <c>Release</c>.</exception>
    public SpecReading Read(SpecFacts facts) => new SpecWalk(this, facts).Read();

    internal static SpecFile Of(IEnumerable<SpecLine> lines, string path) => new(path, [.. lines]);

    /// <summary>A place for a message; the column is counted in characters as an editor does.</summary>
    internal SourcePosition At(int line, int column = 0) =>
        new(Path, line + 1, SpecLine.ToText(Lines[line].Text[..Math.Min(column, Lines[line].Text.Length)]).Length + 1);

    private void RefuseNonsense()
    {
        for (var line = 0; line < Lines.Length; line++)
        {
            var text = Lines[line].Text;
            if (text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var nul)
            {
                throw new ReleaseException(Fault.SpecMalformed, "The spec has a NUL byte; it is no text, or text in UTF-16.", At(line, nul));
            }

            if (text.StartsWith("<<<<<<< ", StringComparison.Ordinal) || text.StartsWith(">>>>>>> ", StringComparison.Ordinal))
            {
                throw new ReleaseException(Fault.SpecMalformed, "The spec has a merge conflict that nobody has resolved.", At(line))
                {
                    Remedy = "Resolve the conflict and try again.",
                };
            }
        }
    }
}
