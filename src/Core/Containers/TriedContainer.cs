namespace DotnetRelease.Containers;

/// <summary>A container that was begun to see whether one can be. It becomes the next one that somebody begins, or ends with this object.</summary>
internal sealed class TriedContainer : IAsyncDisposable
{
    private Container? _container;

    /// <summary>Takes a container that is ready.</summary>
    internal TriedContainer(Container container) => _container = container;

    /// <summary>The container, for one taker; null for any later one.</summary>
    internal Container? Take() => Interlocked.Exchange(ref _container, null);

    public async ValueTask DisposeAsync()
    {
        if (Take() is { } unused)
        {
            await unused.DisposeAsync();
        }
    }
}
