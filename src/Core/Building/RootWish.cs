using System.Collections.Immutable;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>What a build wants of its root, beside what its spec asks for.</summary>
/// <param name="Locked">The packages that <c>release.lock</c> has for it; null when it has none.</param>
public sealed record RootWish(RootPackages? Locked)
{
    /// <summary>Whatever the distro has today.</summary>
    public static RootWish Any { get; } = new(Locked: null);

    /// <summary>Other packages than the locked ones are refused; without this they are told.</summary>
    public bool OnlyLocked { get; init; }

    /// <summary>No network: what is missing is installed from packages that earlier builds downloaded.</summary>
    public bool Offline { get; init; }

    /// <summary>
    /// Made from what the distro has now, even when a root is there. Null: not so. These sets were found just now for other builds; a root of the
    /// same inputs that has one of them is as new.
    /// </summary>
    public ImmutableArray<RootPackages>? Anew { get; init; }
}
