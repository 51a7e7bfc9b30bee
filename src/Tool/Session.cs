using System.CommandLine;
using System.Text.Json;
using DotnetRelease.Tool.Reporting;
using Spectre.Console;

namespace DotnetRelease.Tool;

/// <summary>One run of one command: where it works, and where results and progress go.</summary>
/// <param name="Folder">Full path of the folder the user works in.</param>
/// <param name="Config">The settings file the user named, or null to look for one.</param>
/// <param name="Json">Whether stdout belongs to one JSON document.</param>
/// <param name="Reporter">Progress and warnings, on stderr.</param>
/// <param name="Output">Results, on stdout.</param>
internal sealed record Session(string Folder, string? Config, bool Json, IReporter Reporter, TextWriter Output)
{
    /// <summary>Colours allowed by the user and useful to the terminal.</summary>
    public bool Color { get; private init; }

    public static Session Of(ParseResult parsed)
    {
        var folder = Path.GetFullPath(parsed.GetValue(CommonOptions.Folder) ?? ".");
        if (!Directory.Exists(folder))
        {
            throw new ReleaseException(Fault.FileUnreadable, $"-C: there is no folder '{folder}'.");
        }

        var configuration = parsed.InvocationConfiguration;
        var mayColor = !parsed.GetValue(CommonOptions.NoColor) && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        var verbosity = parsed.GetValue(CommonOptions.Quiet) ? Verbosity.Quiet : parsed.GetValue(CommonOptions.Verbose) ? Verbosity.Verbose : Verbosity.Normal;
        var live = mayColor && verbosity is Verbosity.Normal && configuration.Error == Console.Error && Terminal.IsInteractive;
        IReporter reporter = live ? new LiveReporter() : new PlainReporter(configuration.Error, verbosity);
        var calm = new RedactedReporter(Redactor.Shared, reporter);
        return new(folder, parsed.GetValue(CommonOptions.Config), parsed.GetValue(CommonOptions.Json), calm, configuration.Output)
        {
            Color = mayColor && configuration.Output == Console.Out && !Console.IsOutputRedirected,
        };
    }

    /// <summary>A path as the user means it: relative to <see cref="Folder"/>.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, Folder);

    /// <summary>Prints the one JSON document of this run: its schema and the properties that <paramref name="write"/> writes.</summary>
    public void WriteJson(Action<Utf8JsonWriter> write) => Output.WriteLine(JsonText.OfDocument(write));

    /// <summary>Prints a table for people: aligned, with colour only where it helps.</summary>
    public void WriteTable(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Color ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = Color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(Color ? Output : text),
        });
        if (!Color)
        {
            // A pipe has no width; cutting lines at a guess would lose facts.
            const int unlimited = 10_000;
            console.Profile.Width = unlimited;
        }

        console.Write(table);

        // The last column is filled up with blanks, which a person who copies a line gets and nobody wants.
        foreach (var line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Output.WriteLine(line.TrimEnd());
        }
    }

    /// <summary>A borderless table, as everything here prints them.</summary>
    public static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn($"[bold]{Markup.Escape(column)}[/]") { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        }

        return table;
    }
}
