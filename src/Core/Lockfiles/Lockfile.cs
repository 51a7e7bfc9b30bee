using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>A lockfile that was read completely: every package has a name, a version and files with proven digests.</summary>
/// <param name="Path">As the user or the settings name it.</param>
/// <param name="Format">The tool that wrote it: <c>poetry</c>, <c>uv</c>, <c>npm</c>, ….</param>
/// <param name="FormatVersion">The file's own <c>lock-version</c> or <c>version</c>; <c>0</c> where it has none, as poetry before 1.0.</param>
/// <param name="Packages">In the order of the file. Several versions of one name are normal.</param>
public sealed record Lockfile(string Path, string Format, string FormatVersion, ImmutableArray<LockedPackage> Packages)
{
    /// <summary>Whose rules names and versions follow.</summary>
    public Ecosystem Ecosystem { get; init; } = Ecosystem.Python;

    /// <summary>Which version of its tool wrote it, as far as it says: poetry's own version, or uv's revision of the format.</summary>
    public string? Generator { get; init; }

    /// <summary>What is readable but looks wrong, one sentence each with its place.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}

/// <summary>One locked version of one package.</summary>
/// <param name="Name">Normalised as its ecosystem does it (PEP 503 for Python).</param>
/// <param name="WrittenName">As the file writes it.</param>
/// <param name="Version">As the file writes it; <c>dynamic</c> for a local project whose version uv does not lock.</param>
/// <param name="Files">What may be downloaded for it; empty for a package from a path or a repository.</param>
/// <param name="Position">Where the package stands in the file.</param>
public sealed record LockedPackage(string Name, string WrittenName, string Version, ImmutableArray<LockedFile> Files, SourcePosition Position)
{
    /// <summary>The name as settings compare it: without regard to case, and with <c>. _ -</c> all the same.</summary>
    public string Key { get => field ?? Name; init; }

    /// <summary>Where it comes from.</summary>
    public LockedSource Source { get; init; } = LockedSource.DefaultIndex;

    /// <summary>When it is installed, as the file writes it; empty means always. Several versions of one name differ by these.</summary>
    public ImmutableArray<string> Markers { get; init; } = [];

    /// <summary>Digests without file names, which is all that poetry wrote before 1.0.</summary>
    public ImmutableArray<LockDigest> NamelessDigests { get; init; } = [];
}

/// <summary>One file of a locked version.</summary>
/// <param name="Name">One path segment, checked.</param>
/// <param name="Digest">What its bytes must have; of another kind than sha256 it cannot prove a download.</param>
/// <param name="Position">Where its digest stands, for the message when the bytes are other ones.</param>
public sealed record LockedFile(string Name, LockDigest Digest, SourcePosition Position)
{
    /// <summary>Where the lock says it is, when it says so (uv does, poetry does not).</summary>
    public string? Url { get; init; }

    /// <summary>Bytes, when the lock says so.</summary>
    public long? Size { get; init; }

    /// <summary>When it was published in its index, when the lock says so.</summary>
    public DateTimeOffset? UploadedAt { get; init; }
}

/// <summary>Where a locked package comes from.</summary>
/// <param name="Kind">What kind of place it is.</param>
/// <param name="Location">URL or path with the pinned revision; empty for the index that the lock does not name.</param>
public sealed record LockedSource(LockedSourceKind Kind, string Location)
{
    /// <summary>An index that the lock does not name.</summary>
    public static LockedSource DefaultIndex { get; } = new(LockedSourceKind.Index, "");

    /// <summary>For messages.</summary>
    public override string ToString() => Location.Length is 0 ? "the default index" : Location;
}

/// <summary>What kind of place a package comes from.</summary>
public enum LockedSourceKind
{
    /// <summary>A package index; every file has a digest.</summary>
    Index,

    /// <summary>A commit of a repository.</summary>
    Git,

    /// <summary>One archive on a server.</summary>
    Url,

    /// <summary>One archive on this machine.</summary>
    File,

    /// <summary>A folder on this machine, the project itself included.</summary>
    Folder,
}
