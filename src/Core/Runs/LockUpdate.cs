using System.Collections.Immutable;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>What renewing <c>release.lock</c> changed.</summary>
/// <param name="Before">As it was.</param>
/// <param name="After">As it is now.</param>
public sealed record LockUpdate(ReleaseLock Before, ReleaseLock After)
{
    /// <summary>Whether the file has to be written.</summary>
    public bool IsChanged => Before.ToText() != After.ToText();

    /// <summary>The images whose names mean something else now, or were not pinned, or are no longer named.</summary>
    public ImmutableArray<ImageChange> Images =>
    [
        .. from image in Before.Images.Keys.Union(After.Images.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
           let change = new ImageChange(image, Find(Before, image), Find(After, image))
           where change.From != change.To
           select change,
    ];

    /// <summary>The build roots that have other packages now; those with the same changes are one.</summary>
    public ImmutableArray<RootChange> Roots =>
    [
        .. from root in Before.Roots.Keys.Union(After.Roots.Keys).Order(RootKey.Order)
           let changes = RootChanges.Between(Before.Roots.GetValueOrDefault(root) ?? RootPackages.Empty, After.Roots.GetValueOrDefault(root) ?? RootPackages.Empty)
           where !changes.IsEmpty
           group root by (root.Target, root.Arch, Same: string.Join('\n', changes), IsNew: !Before.Roots.ContainsKey(root)) into same
           let first = same.First()
           select new RootChange([.. same], RootChanges.Between(Before.Roots.GetValueOrDefault(first) ?? RootPackages.Empty, After.Roots.GetValueOrDefault(first) ?? RootPackages.Empty))
           {
               IsNew = same.Key.IsNew,
               IsGone = !After.Roots.ContainsKey(first),
           },
    ];

    /// <summary><c>added</c>, <c>removed</c>, <c>upgraded</c>, <c>downgraded</c>, or <c>rebuilt</c>: the same version with another digest.</summary>
    public static string KindOf(PackageChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return change switch
        {
            { From: null } => "added",
            { To: null } => "removed",
            { IsRebuilt: true } => "rebuilt",
            _ => Evr.Of(change.From.Nevra).CompareTo(Evr.Of(change.To.Nevra)) <= 0 ? "upgraded" : "downgraded",
        };
    }

    private static Digest? Find(ReleaseLock pins, string image) => pins.Images.TryGetValue(image, out var digest) ? digest : null;
}

/// <summary>What an image name meant and means.</summary>
/// <param name="Reference">As the settings write it.</param>
/// <param name="From">Null: it was not pinned.</param>
/// <param name="To">Null: the settings no longer name it.</param>
public sealed record ImageChange(string Reference, Digest? From, Digest? To);

/// <summary>What is other than before in the build roots of one target on one machine.</summary>
/// <param name="Roots">In these, all in the same way.</param>
/// <param name="Changes">By name.</param>
public sealed record RootChange(ImmutableArray<RootKey> Roots, ImmutableArray<PackageChange> Changes)
{
    /// <summary>They were not in the lock.</summary>
    public bool IsNew { get; init; }

    /// <summary>The settings no longer name them.</summary>
    public bool IsGone { get; init; }
}
