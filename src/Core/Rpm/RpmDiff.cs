using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>
/// What an update brings: the differences between two packages as a person reviews them. What always moves with the version (a package's
/// own version in its relations and in its paths) is no difference, and neither are times and signatures.
/// </summary>
/// <param name="Old">The package that is there.</param>
/// <param name="New">The package that is to come.</param>
/// <param name="Differences">In the order of <see cref="RpmArea"/>, then by name.</param>
public sealed record RpmDiff(RpmPackage Old, RpmPackage New, ImmutableArray<RpmDifference> Differences)
{
    private static readonly ImmutableArray<(string Name, Func<RpmPackage, string?> Read)> Tags =
    [
        ("name", package => package.Nevra.Name),
        ("version", package => package.Nevra.Epoch is 0 ? package.Nevra.Version : $"{package.Nevra.Epoch}:{package.Nevra.Version}"),
        ("release", package => package.Nevra.Release),
        ("arch", package => package.Nevra.Arch),
        ("summary", package => package.Summary),
        ("description", package => package.Description),
        ("license", package => package.License),
        ("url", package => package.Url),
        ("vendor", package => package.Vendor),
        ("packager", package => package.Packager),
        ("build host", package => package.BuildHost),
        ("payload", package => package.PayloadCompressor),
        ("format", package => $"{package.Format}"),
    ];

    /// <summary>Compares the headers of two packages; no payload is read, because a header has the digest of every file.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: a header's lists do not fit together.</exception>
    public static RpmDiff Of(RpmPackage old, RpmPackage @new)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(@new);
        return new(old, @new, [.. OfTags(old, @new), .. RpmRelationDiff.Of(old, @new), .. OfScriptlets(old, @new), .. RpmFileDiff.Of(old, @new)]);
    }

    private static IEnumerable<RpmDifference> OfTags(RpmPackage old, RpmPackage @new) =>
        from tag in Tags
        let before = tag.Read(old)
        let after = tag.Read(@new)
        where before != after
        select new RpmDifference(RpmArea.Header, tag.Name, before, after);

    private static IEnumerable<RpmDifference> OfScriptlets(RpmPackage old, RpmPackage @new)
    {
        var (before, after) = (RpmScriptlet.Texts(old), RpmScriptlet.Texts(@new));
        return from name in before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
               let was = before.GetValueOrDefault(name)
               let now = after.GetValueOrDefault(name)
               where was != now
               select new RpmDifference(RpmArea.Scriptlets, name, was, now);
    }
}

/// <summary>One difference between two packages.</summary>
/// <param name="Area">What kind of thing it is.</param>
/// <param name="Name">Which one: a tag, a capability, a scriptlet, or a path of the newer package where it has it.</param>
/// <param name="Old">How it was; null when it was not there.</param>
/// <param name="New">How it is; null when it is gone.</param>
public sealed record RpmDifference(RpmArea Area, string Name, string? Old, string? New)
{
    /// <summary>Whether a relation that people depend on got an upper bound that it did not have: a later update of the other package will not go in.</summary>
    public bool IsNewUpperBound { get; init; }

    /// <summary><c>added</c>, <c>removed</c> or <c>changed</c>.</summary>
    public string Kind => (Old, New) switch
    {
        (null, _) => "added",
        (_, null) => "removed",
        _ => "changed",
    };
}

/// <summary>What a difference is about.</summary>
public enum RpmArea
{
#pragma warning disable CS1591 // The words say it; the middle ones are rpm's.
    Header,
    Requires,
    Recommends,
    Suggests,
    Supplements,
    Enhances,
    Conflicts,
    Obsoletes,
    Provides,
    Scriptlets,
    Files,
#pragma warning restore CS1591
}
