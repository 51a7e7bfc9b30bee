using System.Collections.Immutable;

namespace DotnetRelease.Metadata;

/// <summary>The metadata of a set of packages, complete and in memory; not yet signed and not yet served.</summary>
/// <param name="Repomd">What it consists of.</param>
/// <param name="Files">The files that are new; entries of <see cref="Repomd"/> beyond these were there before.</param>
internal sealed record RepositorySnapshot(Repomd Repomd, ImmutableArray<PackedMetadata> Files)
{
    /// <summary>createrepo_c's data bases and zchunk copies describe the packages that were there before; what they repeat is in the XML.</summary>
    private static readonly string[] Derived = ["_db", "_zck"];

    /// <summary>
    /// Describes packages. The revision is the newest build time among them, and above the previous revision in any case: the same
    /// first publication gives the same bytes on every machine, and every later one is newer than what clients have.
    /// </summary>
    /// <param name="packages">All of them; the order does not matter.</param>
    /// <param name="previous">What is served now, or null. Entries that are not ours to make (<c>updateinfo</c>, <c>modules</c>, <c>group</c>) stay.</param>
    internal static RepositorySnapshot Of(IEnumerable<IndexedPackage> packages, Repomd? previous)
    {
        ImmutableArray<IndexedPackage> sorted = [.. packages.OrderBy(package => package.File.Location, StringComparer.Ordinal)];
        long newest = 0;
        foreach (var package in sorted)
        {
            newest = Math.Max(newest, package.BuildTime);
        }

        var revision = previous is null ? newest : Math.Max(newest, previous.Revision + 1);

        MetadataPart[] parts = [MetadataPart.Primary, MetadataPart.Filelists, MetadataPart.Other];
        var packed = new PackedMetadata[parts.Length];
        Parallel.For(0, parts.Length, at => packed[at] = ChunkedGzip.Pack(parts[at], sorted));

        var kept = previous?.Entries.Where(entry => !IsOurs(entry.Type)) ?? [];
        return new RepositorySnapshot(new Repomd(revision, [.. packed.Select(file => RepomdEntry.Of(file, revision)), .. kept]), [.. packed]);
    }

    private static bool IsOurs(string type) =>
        type is "primary" or "filelists" or "other" || Derived.Any(suffix => type.EndsWith(suffix, StringComparison.Ordinal));
}
