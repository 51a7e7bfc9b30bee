using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Distro.Tests.Engines;

/// <summary>What the tests of one engine share: a small image, and one container that all of them may write to.</summary>
internal sealed class EngineWorld : IAsyncDisposable
{
    private readonly Scratch _scratch = new();
    private readonly Lazy<Task<IContainer>> _shared;

    public EngineWorld(IContainerEngine engine)
    {
        Engine = engine;
        Image = TestImage.Of(_scratch.Folder("blobs"), LayerCompression.Gzip, TestImage.Busybox().Build(), new TarBuilder().Folder("data").File("data/below", "below").Link("data/link", "below").Link("linked", "data").Build()) with
        {
            Config = new ImageConfig(["OF_IMAGE=1", "PATH=/bin:/usr/bin"], [], [], "/data", ""),
        };
        _shared = new(() => OpenAsync(CancellationToken.None));
    }

    public IContainerEngine Engine { get; }

    public Image Image { get; }

    /// <summary>The container of all tests.</summary>
    public Task<IContainer> Shared => _shared.Value;

    public async Task<IContainer> OpenAsync(CancellationToken ct, params string[] roots)
    {
        var container = Engine.Begin();
        try
        {
            await container.ReadyAsync(ct);
            await container.OpenAsync(Image, [.. roots], ct);
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_shared.IsValueCreated)
        {
            await (await Shared).DisposeAsync();
        }

        _scratch.Dispose();
    }
}
