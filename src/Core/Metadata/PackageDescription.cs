using System.Collections.Immutable;

namespace DotnetRelease.Metadata;

/// <summary>What repository metadata tells about one RPM, as plain values; texts are clean of what XML cannot hold.</summary>
internal sealed record PackageDescription
{
    /// <summary>Identity; <c>src</c> is the architecture of every source package.</summary>
    public required Nevra Nevra { get; init; }

    /// <summary>Where it lies and what it is.</summary>
    public required RepositoryFile File { get; init; }

    /// <summary>Its eight lists of dependencies.</summary>
    public required PackageRelations Relations { get; init; }

    public string Summary { get; init; } = "";
    public string Description { get; init; } = "";
    public string Packager { get; init; } = "";
    public string Url { get; init; } = "";
    public string License { get; init; } = "";
    public string Vendor { get; init; } = "";
    public string Group { get; init; } = "";
    public string BuildHost { get; init; } = "";
    public string SourceRpm { get; init; } = "";

    /// <summary>Seconds since 1970, of the build.</summary>
    public long BuildTime { get; init; }

    /// <summary>Bytes of what it installs.</summary>
    public long InstalledSize { get; init; }

    /// <summary>Bytes of its payload unpacked.</summary>
    public long ArchiveSize { get; init; }

    /// <summary>Where the main header lies in the file: first byte, and first byte after it.</summary>
    public (long Start, long End) HeaderRange { get; init; }

    public ImmutableArray<PackageFile> Files { get; init; } = [];

    /// <summary>Oldest first, as the metadata has them.</summary>
    public ImmutableArray<PackageChange> Changes { get; init; } = [];
}

/// <summary>A file of the repository: where it lies and what it is.</summary>
/// <param name="Location">Path inside the repository, as the metadata names it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Digest">Of all of them.</param>
internal sealed record RepositoryFile(string Location, long Size, Digest Digest);

/// <summary>The dependencies of a package, filtered as metadata has them.</summary>
internal sealed record PackageRelations
{
    public ImmutableArray<PackageDependency> Provides { get; init; } = [];
    public ImmutableArray<PackageDependency> Requires { get; init; } = [];
    public ImmutableArray<PackageDependency> Conflicts { get; init; } = [];
    public ImmutableArray<PackageDependency> Obsoletes { get; init; } = [];
    public ImmutableArray<PackageDependency> Suggests { get; init; } = [];
    public ImmutableArray<PackageDependency> Enhances { get; init; } = [];
    public ImmutableArray<PackageDependency> Recommends { get; init; } = [];
    public ImmutableArray<PackageDependency> Supplements { get; init; } = [];
}

/// <summary>One capability that a package provides or asks for.</summary>
/// <param name="Name">A package, file, capability, or a whole rich dependency.</param>
/// <param name="Comparison"><c>EQ</c>, <c>GE</c>, …, or null when any version will do.</param>
/// <param name="Version">The version compared with.</param>
/// <param name="BeforeScripts">It has to be there before the package's scripts run.</param>
internal sealed record PackageDependency(string Name, string? Comparison, DependencyVersion Version, bool BeforeScripts);

/// <summary>The version of a dependency in the three parts that metadata has; a missing part is empty.</summary>
internal readonly record struct DependencyVersion(string Epoch, string Version, string Release);

/// <summary>One path of a package.</summary>
internal readonly record struct PackageFile(string Path, PackageFileKind Kind);

/// <summary>What metadata tells about a path.</summary>
internal enum PackageFileKind
{
    File,
    Folder,
    Ghost,
}

/// <summary>One changelog entry.</summary>
internal sealed record PackageChange(string Author, long Time, string Text);
