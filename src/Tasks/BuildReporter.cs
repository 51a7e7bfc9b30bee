using System.Diagnostics;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>Progress and warnings of Core in MSBuild's log.</summary>
/// <param name="log">The task's log.</param>
internal sealed class BuildReporter(TaskLoggingHelper log) : IReporter
{
    public IDisposable Stage(string name) => new OpenStage(log, name);

    public void Info(string text) => log.LogMessage(MessageImportance.Normal, "{0}", text);

    public void Detail(string text) => log.LogMessage(MessageImportance.Low, "{0}", text);

    public void Warning(string text, SourcePosition? position = null, string? id = null)
    {
        var at = position ?? default;
        log.LogWarning(null, id, null, at.File, at.Line, at.Column, 0, 0, "{0}", text);
    }

    public void Progress(string what, long done, long? total)
    {
        // A log keeps every line; how far a download is belongs to a terminal.
    }

    private sealed class OpenStage(TaskLoggingHelper log, string name) : IDisposable
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public void Dispose() => log.LogMessage(MessageImportance.Normal, "{0}  {1:0.0} s", name, Stopwatch.GetElapsedTime(_start).TotalSeconds);
    }
}
