using DotnetRelease.Containers;
using DotnetRelease.Storage;

namespace DotnetRelease.Building;

/// <summary>What roots are made with.</summary>
/// <param name="Engine">Makes and keeps them.</param>
/// <param name="Packages">What earlier builds downloaded; null: nothing is kept.</param>
/// <param name="Reporter">Told what a person should know about a root.</param>
internal sealed record RootMeans(IContainerEngine Engine, PackageCache? Packages, IReporter Reporter)
{
    /// <summary>
    /// Packages of a distro that earlier builds downloaded; null where they are not kept: podman and docker would have to copy each file out,
    /// and keep whole roots as images.
    /// </summary>
    public PackageShelf? ShelfFor(RootProbe probe) => Engine is EmbeddedEngine && probe.Distro is { } distro ? Packages?.For(distro) : null;

    /// <summary>Installs with what earlier runs downloaded, keeps what this one did, and gives the root its name.</summary>
    public async Task KeepAsync(string name, IContainer container, Func<Task> install, CancellationToken ct)
    {
        var shelf = ShelfFor(await RootProbe.LookAsync(container, ct));
        if (shelf is not null)
        {
            await shelf.OfferAsync(container, ct);
        }

        await install();
        if (shelf is not null)
        {
            await shelf.TakeAsync(container, ct);
        }

        await container.SaveRootAsync(name, ct);
    }

    /// <summary>Waits until nobody else makes this root, who then has made it for us too.</summary>
    public async Task<IDisposable?> WaitAsync(string name, CancellationToken ct)
    {
        // Some roots share a lock, so that there are not as many files as there ever were roots.
        const int enough = 2;
        try
        {
            return Packages is null ? null : await FileLock.WaitAsync(Packages.LockOf(name[..enough]), ct);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // A cache on a disk that is read-only. Two may then make the same root, and one of them is kept.
            return null;
        }
    }
}
