using System.Diagnostics;

namespace DotnetRelease.Tool.Reporting;

/// <summary>Lines of text, for logs, pipes and <c>-v</c>: one when a stage ends, with its time.</summary>
/// <param name="error">Where the lines go.</param>
/// <param name="verbosity">How many of them.</param>
internal sealed class PlainReporter(TextWriter error, Verbosity verbosity) : IReporter
{
    private readonly TextWriter _error = TextWriter.Synchronized(error);

    public IDisposable Stage(string name)
    {
        if (verbosity is Verbosity.Verbose)
        {
            _error.WriteLine($"{name} ...");
        }

        return new OpenStage(this, name);
    }

    public void Info(string text)
    {
        if (verbosity is not Verbosity.Quiet)
        {
            _error.WriteLine(text);
        }
    }

    public void Detail(string text)
    {
        if (verbosity is Verbosity.Verbose)
        {
            _error.WriteLine(text);
        }
    }

    public void Warning(string text, SourcePosition? position = null, string? id = null) => _error.WriteLine(Line(text, position, id));

    /// <summary>The form that MSBuild, GitHub and editors understand: <c>file(line,col): warning REL1101: text</c>.</summary>
    internal static string Line(string text, SourcePosition? position, string? id) => (position, id) switch
    {
        ({ } at, null) => $"{at}: warning : {text}",
        ({ } at, _) => $"{at}: warning {id}: {text}",
        (_, null) => $"dotnet-release : warning : {text}",
        _ => $"dotnet-release : warning {id} : {text}",
    };

    public void Progress(string what, long done, long? total)
    {
        // Without a terminal nobody watches; the line at the end of the stage is enough.
    }

    private sealed class OpenStage(PlainReporter reporter, string name) : IDisposable
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public void Dispose() => reporter.Info($"{name}  {Stopwatch.GetElapsedTime(_start).TotalSeconds:0.0} s");
    }
}
