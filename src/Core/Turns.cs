using System.Collections.Concurrent;

namespace DotnetRelease;

/// <summary>
/// What several do at the same time, but only one of them for each thing: an image that two builds need is unpacked once, and whoever comes
/// second finds it done.
/// </summary>
public sealed class Turns
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal);

    /// <summary>Waits until nobody else is at a thing; disposing the result lets the next one in.</summary>
    public async Task<IDisposable> TakeAsync(string thing, CancellationToken ct)
    {
        var gate = _gates.GetOrAdd(thing, _ => new SemaphoreSlim(1));
        await gate.WaitAsync(ct);
        return new Turn(gate);
    }

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
