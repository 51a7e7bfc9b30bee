namespace DotnetRelease.Containers;

/// <summary>What runs the containers.</summary>
public enum EngineKind
{
    /// <summary>Our own: namespaces, overlayfs and bubblewrap. Linux only.</summary>
    Embedded,

    /// <summary>podman, by its command line.</summary>
    Podman,

    /// <summary>docker, by its command line.</summary>
    Docker,
}
