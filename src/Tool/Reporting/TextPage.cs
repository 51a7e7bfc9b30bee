namespace DotnetRelease.Tool.Reporting;

/// <summary>A page for a terminal.</summary>
internal sealed class TextPage(TextWriter output, bool color) : IPageWriter
{
    public void Heading(string text) => output.WriteLine(text);

    public void Line(string text) => output.WriteLine($"  {text}");

    public void Table(string[] header, IReadOnlyList<string[]> rows)
    {
        var table = new TextTable(header);
        foreach (var row in rows)
        {
            table.Add(row);
        }

        table.WriteTo(output, color);
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

    public void Line(string text)
    {
    }

    public void Table(string[] header, IReadOnlyList<string[]> rows)
    {
        // Tables of the same columns are one table to a script.
        var columns = Join(header);
        if (columns != _last)
        {
            output.WriteLine(columns);
            _last = columns;
        }

        foreach (var row in rows)
        {
            output.WriteLine(Join(row));
        }
    }

    private static string Join(string[] fields) => string.Join('\t', fields.Select(field => field.Replace('\t', ' ').ReplaceLineEndings(" ")));
}
