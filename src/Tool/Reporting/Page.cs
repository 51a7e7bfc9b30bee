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
    public Page Heading(string text)
    {
        _blocks.Add(writer => writer.Heading(text));
        return this;
    }

    /// <summary>A sentence of its own, a list item in Markdown.</summary>
    public Page Line(string text)
    {
        _blocks.Add(writer => writer.Line(text));
        return this;
    }

    /// <summary>A table; one without rows is left out.</summary>
    public Page Table(string[] header, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count > 0)
        {
            _blocks.Add(writer => writer.Table(header, all));
        }

        return this;
    }

    /// <summary>Writes the page.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="format">For whom.</param>
    /// <param name="color">Whether a terminal shows colours.</param>
    public void WriteTo(TextWriter output, PageFormat format, bool color = false)
    {
        IPageWriter writer = format switch
        {
            PageFormat.Markdown => new MarkdownPage(output),
            PageFormat.Tsv => new TsvPage(output),
            _ => new TextPage(output, color),
        };
        foreach (var block in _blocks)
        {
            block(writer);
        }
    }
}

/// <summary>Writes the blocks of a page, in their order.</summary>
internal interface IPageWriter
{
    void Heading(string text);

    void Line(string text);

    void Table(string[] header, IReadOnlyList<string[]> rows);
}
