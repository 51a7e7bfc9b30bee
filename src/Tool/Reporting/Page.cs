namespace DotnetRelease.Tool.Reporting;

/// <summary>How a <see cref="Page"/> is written.</summary>
internal enum PageFormat
{
    /// <summary>Aligned columns for a terminal.</summary>
    Table,

    /// <summary>GitHub's Markdown, for comments and job summaries.</summary>
    Markdown,

    /// <summary>The tables alone, fields separated by tabulators, for scripts.</summary>
    Tsv,
}

/// <summary>Headings, lines and tables: what a command has to say, before it is decided who reads it.</summary>
internal sealed class Page
{
    private readonly List<Action<IPageWriter>> _blocks = [];

    /// <summary>Begins a part.</summary>
    public Page Heading(string text) => With(writer => writer.Heading(text));

    /// <summary>Begins a part of a part.</summary>
    public Page Subheading(string text) => With(writer => writer.Subheading(text));

    /// <summary>A sentence of its own, a list item in Markdown.</summary>
    public Page Line(string text) => With(writer => writer.Line(text));

    /// <summary>A table; one without rows is left out.</summary>
    /// <param name="header">The names of the columns.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="tone">How a row looks where there are colours; null: as text.</param>
    public Page Table(string[] header, IEnumerable<string[]> rows, Func<string[], Tone>? tone = null)
    {
        var table = new PageTable(header, [.. rows], tone ?? (static _ => Tone.Plain));
        return table.Rows.Count > 0 ? With(writer => writer.Table(table)) : this;
    }

    /// <summary>Something that few readers need: folded away where that is possible, below a title where it is not.</summary>
    public Page Fold(string title, Page content) => With(writer => writer.Fold(title, () => content.Write(writer)));

    /// <summary>Writes the page.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="format">For whom.</param>
    /// <param name="color">Whether a terminal shows colours.</param>
    public void WriteTo(TextWriter output, PageFormat format, bool color = false) => Write(format switch
    {
        PageFormat.Markdown => new MarkdownPage(output),
        PageFormat.Tsv => new TsvPage(output),
        _ => new TextPage(output, color),
    });

    private void Write(IPageWriter writer)
    {
        foreach (var block in _blocks)
        {
            block(writer);
        }
    }

    private Page With(Action<IPageWriter> block)
    {
        _blocks.Add(block);
        return this;
    }
}

/// <summary>A table of a page.</summary>
/// <param name="Header">The names of the columns.</param>
/// <param name="Rows">One text per column.</param>
/// <param name="ToneOf">How a row looks.</param>
internal sealed record PageTable(string[] Header, IReadOnlyList<string[]> Rows, Func<string[], Tone> ToneOf);

/// <summary>How something looks where there are colours.</summary>
internal enum Tone
{
    /// <summary>As text.</summary>
    Plain,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Worth a look.</summary>
    Doubtful,

    /// <summary>Wrong.</summary>
    Bad,

    /// <summary>Of little interest.</summary>
    Faint,
}

/// <summary>Writes the blocks of a page, in their order.</summary>
internal interface IPageWriter
{
    void Heading(string text);

    void Subheading(string text);

    void Line(string text);

    void Table(PageTable table);

    void Fold(string title, Action content);
}
