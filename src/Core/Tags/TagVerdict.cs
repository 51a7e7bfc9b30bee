using System.Collections.Immutable;

namespace DotnetRelease.Tags;

/// <summary>A tag that may be released. Only <see cref="TagGate"/> makes one.</summary>
public sealed record TagVerdict
{
    internal TagVerdict(TagObject tag, TagSigner signer, string package, string version) =>
        (Tag, Signer, Package, Version) = (tag, signer, package, version);

    /// <summary>The tag; its target is the commit to build.</summary>
    public TagObject Tag { get; }

    /// <summary>Who signed it.</summary>
    public TagSigner Signer { get; }

    /// <summary>What it releases.</summary>
    public string Package { get; }

    /// <summary>Its version, as the tag's name has it.</summary>
    public string Version { get; }

    /// <summary>Where to.</summary>
    public required string Channel { get; init; }

    /// <summary>As what.</summary>
    public required ImmutableArray<ReleaseKind> Kinds { get; init; }

    /// <summary>Full id of the commit whose list decided.</summary>
    public required string ListCommit { get; init; }

    /// <summary>The files whose version was compared.</summary>
    public required ImmutableArray<VersionClaim> Claims { get; init; }

    /// <summary>Name of the confinement that everything built from the tag is subject to, or null.</summary>
    public string? ConfinedTo { get; init; }

    /// <summary>Full id of the commit to build.</summary>
    public string Commit => Tag.Target;
}
