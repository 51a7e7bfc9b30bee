using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>An engine with a store of its own for one test; at the end both are gone, also what belongs to the container's ids.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    public Scratch Scratch { get; } = new();

    public Places Places => new(Scratch["cache"], Scratch["data"]);

    public EmbeddedEngine Engine => new(Places);

    /// <summary>The one folder below the data folder: the store for this user's ids.</summary>
    public string Root => Directory.EnumerateDirectories(Places.Data).Single();

    public Image Image(params byte[][] layers) => TestImage.Of(Scratch.Folder("blobs"), layers);

    /// <summary>A started container of an image.</summary>
    public async Task<Container> OpenAsync(Image image, CancellationToken ct, params string[] roots)
    {
        var container = Engine.Begin();
        try
        {
            await container.OpenAsync(image, [.. roots], ct);
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    /// <summary>A busybox with one layer of the test's on top.</summary>
    public Task<Container> OpenAsync(TarBuilder layer, CancellationToken ct) => OpenAsync(Image(TestImage.Busybox().Build(), layer.Build()), ct);

    /// <summary>Runs a script in a container of its own.</summary>
    public async Task<Outcome> RunAsync(TarBuilder layer, string script, CancellationToken ct)
    {
        await using var container = await OpenAsync(layer, ct);
        return await container.ReadAsync(new Sandbox("sh", "-c", script), ct);
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.PruneAsync(_ => false, _ => false, CancellationToken.None);
        Scratch.Dispose();
    }
}
