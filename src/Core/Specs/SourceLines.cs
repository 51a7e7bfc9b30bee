using System.Collections.Immutable;

namespace DotnetRelease.Specs;

/// <summary>The source lines of a spec with every file name that one line can stand for, one per machine at most.</summary>
internal sealed class SourceLines
{
    private readonly Dictionary<int, (SpecTag Tag, ImmutableArray<string> Names)> _byLine = [];

    public IEnumerable<(SpecTag Tag, ImmutableArray<string> Names)> All => _byLine.Values.OrderBy(entry => entry.Tag.Line);

    public ImmutableArray<string> NamesAt(int line) => _byLine.TryGetValue(line, out var entry) ? entry.Names : [];

    /// <summary>Lines that are complete without knowing a machine have one name; the others are read once per machine.</summary>
    public static SourceLines Read(SpecFile spec, ImmutableArray<string> archs)
    {
        var lines = new SourceLines();
        var anywhere = spec.Read(SpecFacts.None);
        var perArch = anywhere.Sources.All(tag => tag.IsComplete) ? [] : archs.Select(arch => spec.Read(SpecFacts.For(null, arch))).ToImmutableArray();
        foreach (var tag in anywhere.Sources)
        {
            var names = tag.IsComplete
                ? [tag.FileName]
                : perArch.SelectMany(reading => reading.Sources).Where(other => other.Line == tag.Line && other.IsComplete).Select(other => other.FileName);
            lines._byLine[tag.Line] = (tag, [.. names.Distinct(StringComparer.Ordinal)]);
        }

        return lines;
    }
}
