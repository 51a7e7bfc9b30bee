using System.Collections.Immutable;
using System.Text.RegularExpressions;
using DotnetRelease.Metadata;

namespace DotnetRelease.Repositories;

/// <summary>
/// The metadata that was served before. Each repomd.xml that is served lies under a name of its digest too, with its signature, so
/// that a client in the middle of a download finds what it was promised, a run that was killed can be understood, and what was
/// served can be served again. It stays for 48 hours after its successor came, and longer when the record lists it; the one before
/// the served one stays always.
/// </summary>
internal static partial class KeptMetadata
{
    /// <summary>A client that has read a repomd.xml asks for its files minutes, behind a cache days later.</summary>
    internal static readonly TimeSpan Retention = TimeSpan.FromHours(48);

    private const string Suffix = "-" + Repomd.FileName;

    /// <summary>Where a repomd.xml of this digest is kept.</summary>
    internal static string Location(Digest digest) => $"{Repomd.Folder}/{digest.Hex}{Suffix}";

    /// <summary>Where its signature is kept.</summary>
    internal static string SignatureLocation(Digest digest) => Location(digest) + ".asc";

    /// <summary>The files that keep a repomd.xml. They are written when it is served, so their time says when its predecessor went.</summary>
    internal static ImmutableArray<MetadataBytes> Of(SignedRepomd signed)
    {
        var name = Digest.Of(signed.Bytes).Hex + Suffix;
        return [new MetadataBytes(name, [signed.Bytes]), new MetadataBytes(name + ".asc", [signed.Signature])];
    }

    /// <summary>Reads every repomd.xml that is kept, the oldest revision first. One that is not what its name says, or not readable, is left out.</summary>
    internal static async Task<ImmutableArray<KeptRevision>> ReadAsync(IRepositoryStore store, ImmutableArray<StoredFile> files, CancellationToken ct)
    {
        List<KeptRevision> kept = [];
        foreach (var file in files.Where(file => file.Location.EndsWith(Suffix, StringComparison.Ordinal)))
        {
            if (await store.ReadAsync(file.Location, RepomdReader.Limit, ct) is { } bytes && Location(Digest.Of(bytes)) == file.Location && Parse(bytes) is { } repomd)
            {
                kept.Add(new KeptRevision(Digest.Of(bytes), repomd, file.Modified ?? DateTimeOffset.MinValue));
            }
        }

        return [.. kept.OrderBy(revision => revision.Repomd.Revision).ThenBy(revision => revision.Served)];
    }

    /// <summary>What no client can be waiting for any more, as locations.</summary>
    /// <param name="store">The repository, locked.</param>
    /// <param name="kept">Digests of the repomd.xml that is served, and of those that one may go back to.</param>
    /// <param name="now">The present.</param>
    /// <param name="ct">Ends reading.</param>
    internal static async Task<ImmutableArray<string>> OutdatedAsync(IRepositoryStore store, IReadOnlySet<Digest> kept, DateTimeOffset now, CancellationToken ct)
    {
        var files = await store.ListAsync(Repomd.Folder, ct);
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var revision in Wanted(await ReadAsync(store, files, ct), kept, now))
        {
            wanted.UnionWith([Location(revision.Digest), SignatureLocation(revision.Digest), .. revision.Repomd.Entries.Select(entry => entry.File.Location)]);
        }

        var limit = now - Retention;
        return
        [
            .. from file in files
               where IsNamedByDigest().IsMatch(Path.GetFileName(file.Location)) && !wanted.Contains(file.Location) && file.Modified < limit
               select file.Location,
        ];
    }

    private static IEnumerable<KeptRevision> Wanted(ImmutableArray<KeptRevision> found, IReadOnlySet<Digest> kept, DateTimeOffset now) =>
        found.Where((revision, at) => kept.Contains(revision.Digest) || at + 2 >= found.Length || found[at + 1].Served + Retention >= now);

    private static Repomd? Parse(byte[] bytes)
    {
        try
        {
            return RepomdReader.Read(bytes, "");
        }
        catch (ReleaseException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[0-9a-f]{64}-")]
    private static partial Regex IsNamedByDigest();
}

/// <summary>Metadata that was served once.</summary>
/// <param name="Digest">Of its repomd.xml.</param>
/// <param name="Repomd">What it says.</param>
/// <param name="Served">When it was first served.</param>
internal sealed record KeptRevision(Digest Digest, Repomd Repomd, DateTimeOffset Served);
