using System.Collections.Immutable;
using DotnetRelease.Metadata;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>A repository as whoever plans a change sees it: read without a lock and without a secret, checked as a client checks it.</summary>
/// <param name="Served">What clients see; null when there is no metadata.</param>
/// <param name="Record">What a maintainer said about it last; null when nobody did.</param>
internal sealed record RepositoryState(ServedRepository? Served, RevisionRecord? Record)
{
    /// <summary>Digest of the served repomd.xml: what a plan was made from.</summary>
    internal Digest? Base => Served is { } served ? Digest.Of(served.Signed.Bytes) : null;

    /// <summary>
    /// What is served was never recorded: a run was killed between the two, or another tool was here. Whoever wanted this change has to
    /// be able to finish it.
    /// </summary>
    internal bool Lags => Base is { } served && Record?.Current.Repomd != served;

    /// <summary>What the record was written about, when it lags; nothing when that is not known any more.</summary>
    internal async Task<ImmutableArray<IndexedPackage>> UnrecordedAsync(IRepositoryReader reader, CancellationToken ct) =>
        Lags && Record is { } record && await RevisionMetadata.ReadAsync(reader, record.Current, ct) is { } kept ? kept.Packages : [];

    /// <summary>Reads a repository by the keys of its own key file, which is what clients have.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryUnverified"/> and those of reading.</exception>
    internal static async Task<RepositoryState> ReadAsync(IRepositoryStore store, RepositoryPlace place, CancellationToken ct)
    {
        if (await RepositoryKeyFile.ReadAsync(store, place.KeyName, ct) is not { } keyFile)
        {
            return await PublishedMetadata.ReadRepomdAsync(store, ct) is null
                ? new RepositoryState(null, null)
                : throw new ReleaseException(Fault.RepositoryUnverified, $"'{store.At(place.KeyName)}' is missing: no client can check this repository.");
        }

        await using var trusted = await RepositoryKeyFile.OpenAsync(keyFile, ct);
        return await ReadAsync(store, trusted, ct);
    }

    /// <summary>Reads a repository by keys that are known from elsewhere.</summary>
    internal static async Task<RepositoryState> ReadAsync(IRepositoryStore store, RpmVerifier trusted, CancellationToken ct) =>
        new(await ServedRepository.ReadAsync(store, trusted, ct), await SignedRecord.ReadAsync(store, trusted, ct));
}
