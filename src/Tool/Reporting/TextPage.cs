namespace DotnetRelease.Tool.Reporting;

/// <summary>A page for a terminal.</summary>
internal sealed class TextPage(TextWriter output, bool color) : IPageWriter
{
    public void Heading(string text) => output.WriteLine(color ? $"\e[1m{text}\e[0m" : text);

    public void Subheading(string text) => Heading(text);

    public void Fold(string title, Action content)
    {
        Heading(title);
        content();
    }

    public void Line(string text) => output.WriteLine($"  {text}");

    public void Table(PageTable table)
    {
        var text = new TextTable(table.Header) { ToneOf = table.ToneOf };
        foreach (var row in table.Rows)
        {
            text.Add(row);
        }

        text.WriteTo(output, color);
        output.WriteLine();
    }
}

/// <summary>The tables of a page for scripts; nothing else is a row.</summary>
internal sealed class TsvPage(TextWriter output) : IPageWriter
{
    private string? _last;

    public void Heading(string text)
    {
    }

    public void Subheading(string text)
    {
    }

    public void Line(string text)
    {
    }

    public void Fold(string title, Action content) => content();

    public void Table(PageTable table)
    {
        // Tables of the same columns are one table to a script.
        var columns = Join(table.Header);
        if (columns != _last)
        {
            output.WriteLine(columns);
            _last = columns;
        }

        foreach (var row in table.Rows)
        {
            output.WriteLine(Join(row));
        }
    }

    private static string Join(string[] fields) => string.Join('\t', fields.Select(field => field.Replace('\t', ' ').ReplaceLineEndings(" ")));
}
