using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// What the holder of the metadata key says about a repository besides its metadata. repomd.xml alone is good for ever: whoever
/// serves an old one with its old signature rolls every client back, or freezes it, and a downgrade looks like the first publication
/// when the ledger is lost. So this lies beside it, signed by the same key. Clients ignore it.
/// </summary>
/// <param name="Repository">Which repository it speaks of: <see cref="RepositoryPlace.Id"/>, so that one cannot pass for another.</param>
/// <param name="Signed">When somebody last vouched for it; UTC, whole seconds.</param>
internal sealed record RevisionRecord(string Repository, DateTimeOffset Signed)
{
    /// <summary>Path inside the repository.</summary>
    internal const string Location = $"{Repomd.Folder}/{FileName}";

    internal const string FileName = "revision.signed";

    /// <summary>Revisions whose metadata is kept, so that one can go back to them.</summary>
    private const int Kept = 10;

    /// <summary>Newest first; the first is what is served. Never empty.</summary>
    public required ImmutableArray<RecordedRevision> Revisions { get; init; }

    /// <summary>The newest version that was ever published of each name and architecture.</summary>
    public ImmutableArray<HighestVersion> Highest { get; init; } = [];

    /// <summary>Packages that no metadata names any more, and whose files may still be there.</summary>
    public ImmutableArray<RemovedPackage> Removed { get; init; } = [];

    /// <summary>What is served.</summary>
    public RecordedRevision Current => Revisions[0];

    /// <summary>The record of a repository after a change.</summary>
    /// <param name="before">The record until now; null for the first, also in a repository that had metadata before.</param>
    /// <param name="change">What changed.</param>
    internal static RevisionRecord After(RevisionRecord? before, RecordedChange change)
    {
        var next = new RecordedRevision(change.Revision, change.Repomd, change.Time, change.Act) { Packages = change.Now.Length, Restores = change.Restores };
        var now = change.Now.Select(package => package.File.Location).ToHashSet(StringComparer.Ordinal);
        var gone = change.Before.Where(package => !now.Contains(package.File.Location))
            .Select(package => new RemovedPackage(package.Nevra, package.File) { Revision = next.Revision, Time = change.Time, Act = change.Act });
        return new RevisionRecord(change.Repository, change.Time)
        {
            Revisions = [next, .. (before?.Revisions ?? []).Where(revision => revision.Repomd != next.Repomd).Take(Kept - 1)],
            Highest = HighestVersion.Of(before?.Highest ?? [], change.Before.Concat(change.Now).Select(package => package.Nevra)),
            Removed =
            [
                .. (before?.Removed ?? []).Where(package => !now.Contains(package.File.Location)).Concat(gone)
                    .OrderBy(package => package.File.Location, StringComparer.Ordinal),
            ],
        };
    }

    /// <summary>
    /// Says that the files of some removed packages are gone. What may have named them is no longer a revision one can go back to.
    /// </summary>
    internal RevisionRecord Without(ImmutableArray<RemovedPackage> deleted)
    {
        var oldest = deleted.IsEmpty ? 0 : deleted.Max(package => package.Revision);
        return this with
        {
            Revisions = [.. Revisions.Where((revision, at) => at is 0 || revision.Revision >= oldest)],
            Removed = Removed.RemoveRange(deleted),
        };
    }

    /// <summary>
    /// The revision before the served one. Going back twice goes back two steps: what was restored counts as the place where one
    /// stands.
    /// </summary>
    internal RecordedRevision? Previous()
    {
        var standing = Current;
        while (standing.Restores is { } restored && Revisions.FirstOrDefault(revision => revision.Revision == restored) is { } origin)
        {
            standing = origin;
        }

        return Revisions.FirstOrDefault(revision => revision.Revision < standing.Revision);
    }
}

/// <summary>One revision of a repository.</summary>
/// <param name="Revision">As in its repomd.xml.</param>
/// <param name="Repomd">Digest of that file; everything else follows from it.</param>
/// <param name="Time">When it was served first.</param>
/// <param name="Act">Why: <see cref="RecordedAct"/>.</param>
internal sealed record RecordedRevision(long Revision, Digest Repomd, DateTimeOffset Time, string Act)
{
    /// <summary>How many packages it has.</summary>
    public required int Packages { get; init; }

    /// <summary>The older revision whose packages it serves again, or null.</summary>
    public long? Restores { get; init; }

    /// <summary>Where the copy of its repomd.xml lies, inside the repository.</summary>
    internal string KeptLocation => KeptMetadata.Location(Repomd);
}

/// <summary>The newest version of a package that a repository ever had.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arch">Its architecture.</param>
/// <param name="Evr">Its version.</param>
internal sealed record HighestVersion(string Name, string Arch, Evr Evr)
{
    internal bool IsOf(Nevra nevra) => string.Equals(Name, nevra.Name, StringComparison.Ordinal) && string.Equals(Arch, nevra.Arch, StringComparison.Ordinal);

    /// <summary>What was known, raised by what is there.</summary>
    internal static ImmutableArray<HighestVersion> Of(ImmutableArray<HighestVersion> known, IEnumerable<Nevra> there) =>
    [
        .. known.Concat(there.Select(nevra => new HighestVersion(nevra.Name, nevra.Arch, Evr.Of(nevra))))
            .GroupBy(version => (version.Name, version.Arch))
            .Select(versions => versions.Aggregate((highest, next) => next.Evr > highest.Evr ? next : highest))
            .OrderBy(version => version.Name, StringComparer.Ordinal).ThenBy(version => version.Arch, StringComparer.Ordinal),
    ];
}

/// <summary>A package that was served once and is not any more.</summary>
/// <param name="Nevra">What it was.</param>
/// <param name="File">Where its file lies, and its bytes.</param>
internal sealed record RemovedPackage(Nevra Nevra, RepositoryFile File)
{
    /// <summary>The first revision without it.</summary>
    public required long Revision { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Why: <see cref="RecordedAct"/>.</summary>
    public required string Act { get; init; }
}

/// <summary>Why a repository changed; the words of the record and of the ledger.</summary>
internal static class RecordedAct
{
#pragma warning disable CS1591 // Each says it.
    public const string Created = "created";
    public const string Published = "published";
    public const string Promoted = "promoted";
    public const string RolledBack = "rolled back";
    public const string Withdrawn = "withdrawn";
    public const string Pruned = "pruned";

    /// <summary>By another tool, or by a run that was killed before it could say what it did.</summary>
    public const string Changed = "changed";
#pragma warning restore CS1591

    internal static readonly ImmutableArray<string> All = [Created, Published, Promoted, RolledBack, Withdrawn, Pruned, Changed];
}

/// <summary>One change of a repository, as the record has to know it.</summary>
/// <param name="Repository">Whose.</param>
/// <param name="Act">Why.</param>
/// <param name="Time">When.</param>
internal sealed record RecordedChange(string Repository, string Act, DateTimeOffset Time)
{
    /// <summary>Of the new repomd.xml.</summary>
    internal required long Revision { get; init; }

    /// <summary>Digest of the new repomd.xml.</summary>
    internal required Digest Repomd { get; init; }

    /// <summary>What was served until now.</summary>
    internal ImmutableArray<IndexedPackage> Before { get; init; } = [];

    /// <summary>What will be.</summary>
    internal required ImmutableArray<IndexedPackage> Now { get; init; }

    /// <summary>The older revision that comes back, or null.</summary>
    internal long? Restores { get; init; }
}
