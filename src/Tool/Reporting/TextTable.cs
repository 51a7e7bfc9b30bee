using System.Text;

namespace DotnetRelease.Tool.Reporting;

/// <summary>
/// Plain aligned columns, for commands whose start-up a user waits for: the first table of Spectre.Console costs more than all the work
/// of such a command.
/// </summary>
/// <param name="header">The names of the columns.</param>
internal sealed class TextTable(params string[] header)
{
    private readonly List<string[]> _rows = [header];

    /// <summary>How a row looks where there are colours.</summary>
    public Func<string[], Tone> ToneOf { get; init; } = static _ => Tone.Plain;

    /// <summary>Adds a row with one text per column.</summary>
    public void Add(params string[] row) => _rows.Add(row);

    /// <summary>Prints the table, without blanks at the end of lines.</summary>
    public void WriteTo(TextWriter output, bool color)
    {
        var widths = new int[header.Length];
        foreach (var row in _rows)
        {
            for (var i = 0; i < widths.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        foreach (var row in _rows)
        {
            var line = new StringBuilder();
            for (var i = 0; i < widths.Length; i++)
            {
                line.Append(row[i].PadRight(widths[i])).Append("  ");
            }

            var text = line.ToString().TrimEnd();
            var code = row == header ? "1" : CodeOf(ToneOf(row));
            output.WriteLine(color && code is not null ? $"\e[{code}m{text}\e[0m" : text);
        }
    }

    /// <summary>The code of ECMA-48, or null.</summary>
    private static string? CodeOf(Tone tone) => tone switch
    {
        Tone.Good => "32",
        Tone.Doubtful => "33",
        Tone.Bad => "31",
        Tone.Faint => "2",
        _ => null,
    };
}
