using System.Collections.Concurrent;
using System.Diagnostics;
using Spectre.Console;

namespace DotnetRelease.Tool.Reporting;

/// <summary>
/// A terminal that shows what runs now and what it has taken: a line for each open stage, of which a build has one, with a bar where the end is known. The
/// display is open only while a stage is, so that results and prompts have the terminal for themselves.
/// </summary>
internal sealed class LiveReporter : IReporter
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private readonly ConcurrentDictionary<string, ProgressTask> _transfers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Display? _display;
    private int _open;

    public IDisposable Stage(string name)
    {
        lock (_gate)
        {
            _open++;
            _display ??= new Display(_console);
            var task = _display.Context.AddTask(Markup.Escape(name), maxValue: 1);
            task.IsIndeterminate = true;
            return new OpenStage(this, name, task);
        }
    }

    public void Info(string text) => _console.WriteLine(text);

    public void Detail(string text)
    {
        // Only -v shows details, and -v has the plain reporter.
    }

    public void Warning(string text, SourcePosition? position = null, string? id = null) =>
        _console.MarkupLine($"[yellow]{Markup.Escape(position is null && id is null ? $"warning : {text}" : PlainReporter.Line(text, position, id))}[/]");

    public void Progress(string what, long done, long? total)
    {
        if (_display?.Context is not { } context || total is not > 0)
        {
            return;
        }

        var task = _transfers.GetOrAdd(what, name => context.AddTask($"  {Markup.Escape(name)}", maxValue: total.Value));
        task.Value = done;
        if (done >= total && _transfers.TryRemove(what, out _))
        {
            task.StopTask();
        }
    }

    private void Close(string name, TimeSpan elapsed)
    {
        lock (_gate)
        {
            if (--_open is 0)
            {
                _display!.Dispose();
                _display = null;
                _transfers.Clear();
            }
        }

        _console.MarkupLine($"[green]done[/] {Markup.Escape(name)}  [grey]{elapsed.TotalSeconds:0.0} s[/]");
    }

    private sealed class OpenStage(LiveReporter reporter, string name, ProgressTask task) : IDisposable
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public void Dispose()
        {
            task.StopTask();
            reporter.Close(name, Stopwatch.GetElapsedTime(_start));
        }
    }

    /// <summary>Spectre's progress display lives as long as a callback runs; this turns that inside out.</summary>
    private sealed class Display : IDisposable
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _running;

        public Display(IAnsiConsole console)
        {
            var ready = new TaskCompletionSource<ProgressContext>(TaskCreationOptions.RunContinuationsAsynchronously);
            var progress = console.Progress()
                .AutoClear(true)
                .HideCompleted(true)
                .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn());
            progress.RefreshRate = Redraw;
            _running = progress.StartAsync(async context =>
            {
                ready.SetResult(context);
                await _done.Task;
            });
            Context = ready.Task.GetAwaiter().GetResult();
        }

        public ProgressContext Context { get; }

        public void Dispose()
        {
            _done.SetResult();
            _running.GetAwaiter().GetResult();
        }
    }
}
