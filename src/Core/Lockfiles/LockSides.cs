using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>All locked versions of one name before and after.</summary>
internal sealed class LockSides(string name)
{
    public string Name { get; } = name;

    public List<LockedPackage> Old { get; } = [];

    public List<LockedPackage> New { get; } = [];

    /// <summary>Equal line by line. Most packages are, and need no further look; the others may still turn out to be.</summary>
    public bool IsSame
    {
        get
        {
            var same = Old.Count == New.Count;
            for (var i = 0; same && i < Old.Count; i++)
            {
                same = string.Equals(Old[i].Version, New[i].Version, StringComparison.Ordinal)
                    && Old[i].Source == New[i].Source
                    && Old[i].NamelessDigests.IsEmpty
                    && New[i].NamelessDigests.IsEmpty
                    && AreSame(Old[i].Files, New[i].Files);
            }

            return same;
        }
    }

    private static bool AreSame(ImmutableArray<LockedFile> old, ImmutableArray<LockedFile> now)
    {
        var same = old.Length == now.Length;
        for (var i = 0; same && i < old.Length; i++)
        {
            same = string.Equals(old[i].Name, now[i].Name, StringComparison.Ordinal) && old[i].Digest == now[i].Digest;
        }

        return same;
    }
}
