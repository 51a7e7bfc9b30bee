using DotnetRelease.Containers;

namespace DotnetRelease.Runs;

/// <summary>Engines that have shown that they can run a container. What that took is the start of each one's first container, until this is disposed of.</summary>
internal sealed class TriedEngines : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _tried = [];

    /// <summary>Tries one more.</summary>
    /// <exception cref="ReleaseException">What this machine lacks, with the line that fixes it.</exception>
    public async Task AddAsync(IContainerEngine engine, CancellationToken ct) => _tried.Add(await engine.TryAsync(ct));

    public async ValueTask DisposeAsync()
    {
        foreach (var each in _tried)
        {
            await each.DisposeAsync();
        }
    }
}
