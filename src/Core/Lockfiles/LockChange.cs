using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>What happened to one package.</summary>
/// <param name="Name">Normalised.</param>
/// <param name="Old">All versions before, ascending; none when the package is new.</param>
/// <param name="New">All versions after, ascending; none when it is gone. Equal to <paramref name="Old"/> when only files or the source changed.</param>
/// <param name="Kind">The change in one word.</param>
/// <param name="Files">The change of its files.</param>
public sealed record LockChange(string Name, ImmutableArray<string> Old, ImmutableArray<string> New, LockChangeKind Kind, LockFileChanges Files)
{
    /// <inheritdoc cref="LockedPackage.Key"/>
    public string Key { get => field ?? Name; init; }

    /// <summary>Whether nothing happened at all.</summary>
    internal bool IsEmpty => Files.IsEmpty && Old.AsSpan().SequenceEqual(New.AsSpan());

    internal static LockChange Between(LockSides package, Ecosystem ecosystem)
    {
        var old = Versions(package.Old, ecosystem);
        var now = Versions(package.New, ecosystem);
        return new(package.Name, old, now, KindOf(old, now, ecosystem), LockFileChanges.Between(package)) { Key = (package.New is [var first, ..] ? first : package.Old[0]).Key };
    }

    private static ImmutableArray<string> Versions(List<LockedPackage> packages, Ecosystem ecosystem)
    {
        var versions = new List<string>(packages.Count);
        foreach (var package in packages)
        {
            if (!versions.Contains(package.Version))
            {
                versions.Add(package.Version);
            }
        }

        versions.Sort(ecosystem.Order);
        return [.. versions];
    }

    /// <summary>
    /// With several versions: the newest that came against the newest that went. When versions only came or only went, the newest of
    /// all has to move for it to be an upgrade or a downgrade.
    /// </summary>
    private static LockChangeKind KindOf(ImmutableArray<string> old, ImmutableArray<string> now, Ecosystem ecosystem)
    {
        if (old is [] || now is [])
        {
            return old is [] ? LockChangeKind.Added : LockChangeKind.Removed;
        }

        var went = Newest(old, except: now);
        var came = Newest(now, except: old);
        var order = went is null || came is null ? ecosystem.Compare(old[^1], now[^1]) : ecosystem.Compare(went, came);
        return order switch
        {
            < 0 => LockChangeKind.Upgraded,
            > 0 => LockChangeKind.Downgraded,
            _ => LockChangeKind.Changed,
        };
    }

    private static string? Newest(ImmutableArray<string> versions, ImmutableArray<string> except)
    {
        for (var i = versions.Length - 1; i >= 0; i--)
        {
            if (except.IndexOf(versions[i]) < 0)
            {
                return versions[i];
            }
        }

        return null;
    }
}

/// <summary>What happened to a package, in one word.</summary>
public enum LockChangeKind
{
    /// <summary>It was not locked before.</summary>
    Added,

    /// <summary>It is no longer locked.</summary>
    Removed,

    /// <summary>To a newer version.</summary>
    Upgraded,

    /// <summary>To an older version.</summary>
    Downgraded,

    /// <summary>Something else: files, the source, or which of several versions are locked.</summary>
    Changed,
}
