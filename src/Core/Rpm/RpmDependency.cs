using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>The eight lists of relations that a package has.</summary>
public enum RpmDependencyKind
{
#pragma warning disable CS1591 // rpm's own words.
    Provides,
    Requires,
    Conflicts,
    Obsoletes,
    Recommends,
    Suggests,
    Supplements,
    Enhances,
#pragma warning restore CS1591
}

/// <summary>One relation: <c>python3-pyside6 >= 6.7</c>.</summary>
/// <param name="Name">A package, a capability, a file, or a rich expression in parentheses.</param>
/// <param name="Flags">rpm's sense flags: comparison and context.</param>
/// <param name="Version"><c>[epoch:]version[-release]</c>; empty without a comparison.</param>
public readonly record struct RpmDependency(string Name, uint Flags, string Version)
{
    /// <summary>Bits 1 to 3 of <see cref="Flags"/>.</summary>
    public const uint Less = 1 << 1;

    /// <inheritdoc cref="Less"/>
    public const uint Greater = 1 << 2;

    /// <inheritdoc cref="Less"/>
    public const uint Equal = 1 << 3;

    /// <summary>Old way to say that it is needed for installing.</summary>
    public const uint PreRequire = 1 << 6;

    /// <summary>Needed by the script before installing.</summary>
    public const uint ScriptPre = 1 << 9;

    /// <summary>Needed by the script after installing.</summary>
    public const uint ScriptPost = 1 << 10;

    /// <summary>A feature of rpm itself.</summary>
    public const uint RpmLib = 1 << 24;

    /// <summary><c>LT</c>, <c>GT</c>, <c>EQ</c>, <c>LE</c>, <c>GE</c> as repository metadata writes it; null without a comparison.</summary>
    public string? Comparison => (Flags & (Less | Greater | Equal)) switch
    {
        Less => "LT",
        Greater => "GT",
        Equal => "EQ",
        Less | Equal => "LE",
        Greater | Equal => "GE",
        _ => null,
    };

    internal static ImmutableArray<RpmDependency> ReadAll(RpmPackage package, RpmDependencyKind kind)
    {
        var (nameTag, versionTag, flagsTag) = Tags(kind);
        var header = package.Header;
        var (names, versions, flags) = (header.Texts(nameTag), header.Texts(versionTag), header.Numbers(flagsTag));

        // Packages of rpm 2 and 3 have provides without versions.
        if ((versions.Length != names.Length && !versions.IsEmpty) || versions.Length != flags.Length)
        {
            throw Malformed.Rpm(package.Path, $"its {kind} have {names.Length} names, {versions.Length} versions and {flags.Length} flags");
        }

        var all = ImmutableArray.CreateBuilder<RpmDependency>(names.Length);
        for (var index = 0; index < names.Length; index++)
        {
            all.Add(versions.IsEmpty ? new(names[index], 0, "") : new(names[index], (uint)flags[index], versions[index]));
        }

        return all.MoveToImmutable();
    }

    private static (int Name, int Version, int Flags) Tags(RpmDependencyKind kind) => kind switch
    {
        RpmDependencyKind.Provides => (RpmTag.ProvideName, RpmTag.ProvideVersion, RpmTag.ProvideFlags),
        RpmDependencyKind.Requires => (RpmTag.RequireName, RpmTag.RequireVersion, RpmTag.RequireFlags),
        RpmDependencyKind.Conflicts => (RpmTag.ConflictName, RpmTag.ConflictVersion, RpmTag.ConflictFlags),
        RpmDependencyKind.Obsoletes => (RpmTag.ObsoleteName, RpmTag.ObsoleteVersion, RpmTag.ObsoleteFlags),
        RpmDependencyKind.Recommends => (RpmTag.RecommendName, RpmTag.RecommendVersion, RpmTag.RecommendFlags),
        RpmDependencyKind.Suggests => (RpmTag.SuggestName, RpmTag.SuggestVersion, RpmTag.SuggestFlags),
        RpmDependencyKind.Supplements => (RpmTag.SupplementName, RpmTag.SupplementVersion, RpmTag.SupplementFlags),
        RpmDependencyKind.Enhances => (RpmTag.EnhanceName, RpmTag.EnhanceVersion, RpmTag.EnhanceFlags),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
