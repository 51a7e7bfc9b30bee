using System.Collections.Immutable;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>What a statement of provenance says. It is as true as whoever wrote it: the file is not signed.</summary>
/// <param name="Record">Which build it was, and what it gave.</param>
/// <param name="Materials">What went in, in the order of the file.</param>
public sealed record BuildStatement(BuildRecord Record, ImmutableArray<StatedMaterial> Materials)
{
    /// <summary>The package that it is about.</summary>
    public BuiltFile Subject => Record.Files[0];

    /// <summary>Which version of this program built.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>The one time that the build knew.</summary>
    public required DateTimeOffset Epoch { get; init; }
}

/// <summary>One thing that went into a build.</summary>
/// <param name="Role"><c>image</c>, <c>spec</c>, <c>lockfile</c>, <c>source</c>, <c>build-root</c>; empty in statements of earlier releases.</param>
/// <param name="Name">What the build called it.</param>
/// <param name="Uri">Where it is, or its package URL; null when the statement does not say.</param>
/// <param name="Digest"><c>sha256:HEX</c> or of another algorithm; null when the statement does not say.</param>
public sealed record StatedMaterial(string Role, string Name, string? Uri, string? Digest);
