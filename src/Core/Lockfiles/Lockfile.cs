using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>A lockfile that was read completely: every package has a name, a version and files with proven digests.</summary>
/// <param name="Path">As the user or the settings name it.</param>
/// <param name="Format"><c>poetry</c> or <c>uv</c>.</param>
/// <param name="FormatVersion">The file's own <c>lock-version</c> or <c>version</c>; <c>1.0</c> where it has none.</param>
/// <param name="Packages">In the order of the file. Several versions of one name are normal.</param>
public sealed record Lockfile(string Path, string Format, string FormatVersion, ImmutableArray<LockedPackage> Packages);

/// <summary>One locked version of one package.</summary>
/// <param name="Name">Normalised as its ecosystem does it (PEP 503 for Python).</param>
/// <param name="WrittenName">As the file writes it.</param>
/// <param name="Version">As the file writes it.</param>
/// <param name="Files">What may be downloaded for it; empty for a package from a path or a repository.</param>
/// <param name="Position">Where the package stands in the file.</param>
public sealed record LockedPackage(string Name, string WrittenName, string Version, ImmutableArray<LockedFile> Files, SourcePosition Position);

/// <summary>One file of a locked version.</summary>
/// <param name="Name">One path segment, checked.</param>
/// <param name="Digest">What its bytes must have.</param>
/// <param name="Position">Where its digest stands, for the message when the bytes are other ones.</param>
public sealed record LockedFile(string Name, Digest Digest, SourcePosition Position)
{
    /// <summary>Where the lock says it is, when it says so (uv does, poetry does not).</summary>
    public string? Url { get; init; }

    /// <summary>Bytes, when the lock says so.</summary>
    public long? Size { get; init; }
}
