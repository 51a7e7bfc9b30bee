using System.Collections.Immutable;

namespace DotnetRelease.Tags;

/// <summary>
/// One <c>[confined.NAME]</c>: a place of their own for packages of third parties. They go to these repositories and to no other, and
/// these repositories take no other packages.
/// </summary>
/// <param name="Name">What a maintainer's <c>confined-to</c> names.</param>
/// <param name="Position">Where it stands.</param>
public sealed record Confinement(string Name, SourcePosition Position)
{
    /// <summary>The settings' names of the repositories.</summary>
    public ImmutableArray<string> Repositories { get; init; } = [];

    /// <summary>The names that RPMs may have there, source packages included.</summary>
    public ImmutableArray<NamePattern> Packages { get; init; } = [];

    /// <summary>Whether RPMs may run something when they, or other packages, are installed or removed.</summary>
    public bool AllowsScriptlets { get; init; }

    /// <summary>Whether an RPM of this name belongs here.</summary>
    public bool Owns(string package) => Packages.Any(pattern => pattern.Matches(package));
}
