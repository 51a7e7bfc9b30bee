using System.Text;

namespace DotnetRelease.Tool.Reporting;

/// <summary>
/// A page in GitHub's Markdown. Texts may come from the pull request of a stranger, so nothing in them formats, links, mentions people or
/// refers to issues.
/// </summary>
internal sealed class MarkdownPage(TextWriter output) : IPageWriter
{
    private const string Special = "\\`*_[]|~";

    private bool _inList;

    public void Heading(string text)
    {
        EndList();
        output.Write($"### {Escape(text)}\n\n");
    }

    public void Subheading(string text)
    {
        EndList();
        output.Write($"**{Escape(text)}**\n\n");
    }

    public void Line(string text)
    {
        output.Write($"- {Escape(text)}\n");
        _inList = true;
    }

    public void Fold(string title, Action content)
    {
        EndList();
        output.Write($"<details><summary>{Escape(title)}</summary>\n\n");
        content();
        EndList();
        output.Write("</details>\n\n");
    }

    public void Table(PageTable table)
    {
        EndList();
        Row(table.Header);
        output.Write($"|{string.Concat(table.Header.Select(_ => " --- |"))}\n");
        foreach (var row in table.Rows)
        {
            Row(row);
        }

        output.Write('\n');
    }

    /// <summary>A text that Markdown shows as it is.</summary>
    public static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var c in text.ReplaceLineEndings(" "))
        {
            _ = c switch
            {
                '&' => safe.Append("&amp;"),
                '<' => safe.Append("&lt;"),
                '>' => safe.Append("&gt;"),
                '@' => safe.Append("&#64;"),
                '#' => safe.Append("&#35;"),
                _ when Special.Contains(c, StringComparison.Ordinal) => safe.Append('\\').Append(c),
                _ when char.IsControl(c) => safe.Append('?'),
                _ => safe.Append(c),
            };
        }

        return safe.ToString();
    }

    private void Row(string[] cells) => output.Write($"|{string.Concat(cells.Select(cell => $" {Escape(cell)} |"))}\n");

    private void EndList()
    {
        if (_inList)
        {
            output.Write('\n');
            _inList = false;
        }
    }
}
