using System.Collections.Concurrent;

namespace DotnetRelease.Fixtures;

/// <summary>Keeps what was reported, for tests to look at.</summary>
public sealed class ListReporter : IReporter
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly ConcurrentQueue<(string What, long Done, long? Total)> _progress = new();

    /// <summary>Info and detail lines.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>Warnings.</summary>
    public IReadOnlyList<string> Warnings => [.. _warnings];

    /// <summary>Progress calls.</summary>
    public IReadOnlyList<(string What, long Done, long? Total)> ProgressCalls => [.. _progress];

    public IDisposable Stage(string name)
    {
        _lines.Enqueue(name);
        return new Closed();
    }

    public void Info(string text) => _lines.Enqueue(text);

    public void Detail(string text) => _lines.Enqueue(text);

    public void Warning(string text, SourcePosition? position = null, string? id = null) => _warnings.Enqueue(text);

    public void Progress(string what, long done, long? total) => _progress.Enqueue((what, done, total));

    private sealed class Closed : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
