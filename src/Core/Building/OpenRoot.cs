using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Images;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>A container of an image with prepared roots on top, in which nothing has run yet.</summary>
/// <param name="Container">Ends with this.</param>
/// <param name="Packages">What is installed in it.</param>
internal sealed record OpenRoot(IContainer Container, RootPackages Packages) : IAsyncDisposable
{
    /// <summary>Opens a container and reads what is in it.</summary>
    public static async Task<OpenRoot> OfAsync(IContainerEngine engine, Image image, ImmutableArray<string> roots, CancellationToken ct)
    {
        var container = await RpmBuilder.OpenAsync(engine, image, roots, ct);
        try
        {
            return new(container, await RootRecord.ReadAsync(container, ct));
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Container.DisposeAsync();
}
