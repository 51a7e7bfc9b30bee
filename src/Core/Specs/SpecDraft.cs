namespace DotnetRelease.Specs;

/// <summary>A spec while it is edited. Lines keep their index until the changelog entry goes in last.</summary>
internal sealed class SpecDraft(SpecFile spec)
{
    private readonly List<SpecLine> _lines = [.. spec.Lines];

    public List<SpecChange> Changes { get; } = [];

    public List<SpecNote> Notes { get; } = [];

    public SpecFile Spec => SpecFile.Of(_lines, spec.Path);

    public IReadOnlyList<SpecLine> Lines => _lines;

    public string Text(ValueSpot spot) => _lines[spot.Line].Text.Substring(spot.Start, spot.Length);

    /// <summary>Replaces a piece of a line; the new text is in the one-character-per-byte form.</summary>
    public void Replace(ValueSpot spot, string text, string what)
    {
        var old = Text(spot);
        if (string.Equals(old, text, StringComparison.Ordinal))
        {
            return;
        }

        var line = _lines[spot.Line];
        _lines[spot.Line] = line with { Text = line.Text.Remove(spot.Start, spot.Length).Insert(spot.Start, text) };
        Changes.Add(new SpecChange(spot.Line + 1, what, SpecLine.ToText(old), SpecLine.ToText(text)));
    }

    /// <summary>Inserts whole lines before the line of that index.</summary>
    public void Insert(int index, IReadOnlyList<string> texts, string what)
    {
        var ending = _lines.Count > 0 && _lines[0].Ending is { Length: > 0 } first ? first : "\n";
        if (index == _lines.Count && index > 0 && _lines[index - 1].Ending.Length is 0)
        {
            _lines[index - 1] = _lines[index - 1] with { Ending = ending };
        }

        _lines.InsertRange(index, texts.Select(text => new SpecLine(text, ending)));
        Changes.Add(new SpecChange(index + 1, what, "", SpecLine.ToText(string.Join('\n', texts).TrimEnd('\n'))));
    }

    public void Note(int line, string text) => Notes.Add(new SpecNote(Spec.At(line), text));

    /// <summary>The lines of <c>%changelog</c>, its own first; empty when there is none. History is never edited.</summary>
    public Range Changelog
    {
        get
        {
            var start = _lines.FindIndex(line => SpecSection.TryParse(line.Text) is { Kind: SectionKind.Changelog });
            if (start < 0)
            {
                return _lines.Count.._lines.Count;
            }

            var end = _lines.FindIndex(start + 1, line => SpecSection.TryParse(line.Text) is not null);
            return start..(end < 0 ? _lines.Count : end);
        }
    }

    /// <summary>Indices of the lines that may be edited.</summary>
    public IEnumerable<int> Editable
    {
        get
        {
            var changelog = Changelog;
            return Enumerable.Range(0, _lines.Count).Where(line => line < changelog.Start.Value || line >= changelog.End.Value);
        }
    }
}
