using System.Collections.Immutable;

namespace DotnetRelease.Facts;

/// <summary>The facts of a ledger's bytes, every line checked against the one before.</summary>
/// <param name="Facts">In the order they were written; the number of a fact is its place, counted from 1.</param>
/// <param name="Last">Hash of the last line.</param>
/// <param name="Length">Bytes that are whole lines; what follows was torn.</param>
internal sealed record LedgerText(ImmutableList<Fact> Facts, Digest Last, long Length)
{
    /// <summary>A ledger before its first fact. Its hash is all zeros, which no line has.</summary>
    internal static LedgerText Empty { get; } = new([], Zero(), 0);

    /// <summary>Reads more bytes after what was read. A last line that is not whole is left out.</summary>
    /// <param name="bytes">What follows <see cref="Length"/>.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.LedgerBroken"/>: a line that others follow is not whole.</exception>
    internal LedgerText Then(ReadOnlyMemory<byte> bytes, string path)
    {
        var facts = Facts.ToBuilder();
        var (last, length) = (Last, 0);
        for (int end; (end = bytes.Span[length..].IndexOf((byte)'\n')) >= 0;)
        {
            var line = bytes.Slice(length, end);
            if (FactLine.TryRead(line, facts.Count + 1, last, out var problem) is not var (fact, hash))
            {
                // The last write may have been cut off by a crash in any way; what was confirmed before it stands.
                return length + end + 1 == bytes.Length ? Taken() : throw Broken(path, facts.Count + 1, problem);
            }

            facts.Add(fact);
            last = hash;
            length += end + 1;
        }

        return Taken();

        LedgerText Taken() => new(facts.ToImmutable(), last, Length + length);
    }

    private static ReleaseException Broken(string path, int line, string problem) =>
        new(Fault.LedgerBroken, $"The ledger '{path}' was changed: line {line} {problem}.", new SourcePosition(path, line));

    private static Digest Zero() => Digest.TryParse(new string('0', 64), out var zero) ? zero : throw new InvalidOperationException("Not a digest.");
}
