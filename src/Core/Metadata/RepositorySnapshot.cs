using System.Collections.Immutable;

namespace DotnetRelease.Metadata;

/// <summary>The metadata of a set of packages, complete and in memory; not yet signed and not yet served.</summary>
/// <param name="Repomd">What it consists of.</param>
/// <param name="Files">The files that are new; entries of <see cref="Repomd"/> beyond these were there before.</param>
internal sealed record RepositorySnapshot(Repomd Repomd, ImmutableArray<PackedMetadata> Files)
{
    /// <summary>createrepo_c's data bases and zchunk copies describe the packages that were there before; what they repeat is in the XML.</summary>
    private static readonly string[] Derived = ["_db", "_zck"];

    /// <summary>The same as <see cref="Of(IEnumerable{IndexedPackage}, Repomd?, SnapshotStyle)"/>, without any wish.</summary>
    internal static RepositorySnapshot Of(IEnumerable<IndexedPackage> packages, Repomd? previous) => Of(packages, previous, new SnapshotStyle());

    /// <summary>
    /// Describes packages. The revision is the newest build time among them, and above the previous revision in any case: the same
    /// first publication gives the same bytes on every machine, and every later one is newer than what clients have.
    /// </summary>
    /// <param name="packages">All of them; the order does not matter.</param>
    /// <param name="previous">What is served now, or null. Entries that are not ours to make (<c>modules</c>, <c>group</c>) stay.</param>
    /// <param name="style">What the repository wants beyond that.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.RevisionNotAbove"/> or <see cref="Fault.ZstdMissing"/>.</exception>
    internal static RepositorySnapshot Of(IEnumerable<IndexedPackage> packages, Repomd? previous, SnapshotStyle style)
    {
        ImmutableArray<IndexedPackage> sorted = [.. packages.OrderBy(package => package.File.Location, StringComparer.Ordinal)];
        var revision = NextRevision(sorted, previous, style.Revision);
        var notices = style.MakesNotices(previous?.Find(NoticeXml.Type));

        List<Func<PackedMetadata>> makers =
        [
            () => Packing.Pack(MetadataPart.Primary, sorted, style.Compression),
            () => Packing.Pack(MetadataPart.Filelists, sorted, style.Compression),
            () => Packing.Pack(MetadataPart.Other, sorted, style.Compression),
        ];
        if (notices)
        {
            makers.Add(() => Packing.Pack(NoticeXml.Type, NoticeXml.Name, NoticeXml.Write(NoticeReader.Read(sorted, style.Project), style.Project), style.Compression));
        }

        var packed = new PackedMetadata[makers.Count];
        SideBySide.Run(packed.Length, at => packed[at] = makers[at](), CancellationToken.None);

        var kept = previous?.Entries.Where(entry => !IsMade(entry.Type, notices)) ?? [];
        return new RepositorySnapshot(new Repomd(revision, [.. packed.Select(file => RepomdEntry.Of(file, revision)), .. kept]), [.. packed]);
    }

    /// <summary>The revision that comes after what is served.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RevisionNotAbove"/>.</exception>
    internal static long NextRevision(IEnumerable<IndexedPackage> packages, Repomd? previous, long? wanted)
    {
        if (wanted is { } asked)
        {
            return asked > (previous?.Revision ?? 0)
                ? asked
                : throw new ReleaseException(Fault.RevisionNotAbove, $"Revision {asked} was asked for, and what is served has revision {previous?.Revision ?? 0}. Clients would take the new metadata for older.");
        }

        long newest = 0;
        foreach (var package in packages)
        {
            newest = Math.Max(newest, package.BuildTime);
        }

        return previous is null ? newest : Math.Max(newest, previous.Revision + 1);
    }

    private static bool IsMade(string type, bool notices) =>
        type is "primary" or "filelists" or "other" || (notices && type is NoticeXml.Type) || Derived.Any(suffix => type.EndsWith(suffix, StringComparison.Ordinal));
}
