using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Specs;

namespace DotnetRelease.Planning;

/// <summary>Everything a plan is made from. The caller has read it all; planning itself reads nothing.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="Locks">The lockfiles of the settings.</param>
/// <param name="Request">What the user asked for.</param>
public sealed record PlanInputs(Settings Settings, ImmutableArray<LockPair> Locks, PlanRequest Request)
{
    /// <summary>The spec folder of every RPM of the settings that may be planned, by the RPM's name.</summary>
    public ImmutableDictionary<string, SpecFolder> Specs { get; init; } = ImmutableDictionary.Create<string, SpecFolder>(StringComparer.Ordinal);

    /// <summary>What image references stand for, by reference; one that is missing was not asked for and stays open.</summary>
    public ImmutableDictionary<string, ImagePin> Images { get; init; } = ImmutableDictionary.Create<string, ImagePin>(StringComparer.Ordinal);

    /// <summary>The packages of build roots, as <c>release.lock</c> has them.</summary>
    public ImmutableSortedDictionary<RootKey, RootPackages> Roots { get; init; } = ReleaseLock.Empty.Roots;

    /// <summary>What earlier builds left and still is there.</summary>
    public ImmutableArray<BuildRecord> Built { get; init; } = [];
}

/// <summary>A lockfile before and after.</summary>
/// <param name="Old">Null when there was none.</param>
/// <param name="New">What counts now.</param>
public sealed record LockPair(Lockfile? Old, Lockfile New)
{
    /// <summary>As the settings name it, wherever its content came from.</summary>
    public string Path { get => field ?? New.Path; init; }

    /// <summary>Of the bytes of <see cref="New"/>; null when nobody needs it.</summary>
    public Digest? Digest { get; init; }
}

/// <summary>The folder of a spec.</summary>
/// <param name="Spec">The spec.</param>
/// <param name="Sources">Its <c>sources</c> file, or null.</param>
/// <param name="Files">The other files of the folder by name.</param>
public sealed record SpecFolder(SpecFile Spec, SourcesFile? Sources, ImmutableDictionary<string, Digest> Files);

/// <summary>What an image reference stands for.</summary>
/// <param name="Digest">Of its manifest, or of the file for <c>rootfs:</c>.</param>
/// <param name="Origin">How it is known, as the end of a sentence: <c>pinned by release.lock</c>.</param>
public sealed record ImagePin(Digest Digest, string Origin);

/// <summary>What the user asked for.</summary>
/// <param name="Rpms">Names of RPMs; empty: those whose followed packages changed.</param>
/// <param name="Targets">Names of targets; empty: all.</param>
public sealed record PlanRequest(ImmutableArray<string> Rpms, ImmutableArray<string> Targets)
{
    /// <summary>Nothing in particular.</summary>
    public static PlanRequest Everything { get; } = new([], []);

    /// <summary>Machines in RPM's words; empty: all of each target.</summary>
    public ImmutableArray<string> Archs { get; init; } = [];

    /// <summary>Single builds that were asked for; empty: what the other members say.</summary>
    public ImmutableArray<CellName> Only { get; private init; } = [];

    /// <summary>Exactly these builds.</summary>
    public static PlanRequest Of(IReadOnlyCollection<CellName> only)
    {
        ArgumentNullException.ThrowIfNull(only);
        return new([.. only.Select(cell => cell.Rpm).Distinct(StringComparer.Ordinal)], [.. only.Select(cell => cell.Target).Distinct(StringComparer.Ordinal)])
        {
            Only = [.. only],
        };
    }

    /// <summary>
    /// Plan a spec that lags behind the lock as it will be after <c>spec update</c>. Otherwise it is refused: what would be built is not what
    /// the lock says.
    /// </summary>
    public bool ForeseeSpecUpdate { get; init; }

    /// <summary>The day, for targets that have an end of life; null: no target has ended.</summary>
    public DateOnly? Today { get; init; }
}
