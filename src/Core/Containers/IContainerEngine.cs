namespace DotnetRelease.Containers;

/// <summary>What makes containers and keeps prepared roots: our own, or podman or docker by their command line.</summary>
public interface IContainerEngine
{
    /// <summary>
    /// Begins a container and returns at once, so that its start overlaps with finding the image. Await
    /// <see cref="IContainer.ReadyAsync"/> before anything is downloaded.
    /// </summary>
    /// <exception cref="ReleaseException">What this machine lacks, with the line that fixes it.</exception>
    IContainer Begin();

    /// <summary>Shows that a container can be run, before anything is downloaded for one.</summary>
    /// <returns>What that took, for the next container that is begun; dispose of it when none will be begun any more.</returns>
    /// <exception cref="ReleaseException">What this machine lacks, with the line that fixes it.</exception>
    Task<IAsyncDisposable> TryAsync(CancellationToken ct);

    /// <summary>Whether a layer is here already in a form that makes its packed file superfluous, so that nobody has to download it.</summary>
    bool HasLayer(Digest diffId);

    /// <summary>Whether a prepared root of this name is complete.</summary>
    Task<bool> HasRootAsync(string key, CancellationToken ct);
}
