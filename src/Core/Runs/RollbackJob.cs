using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>
/// Serves the packages of an earlier revision again, as a new and higher one: clients take metadata only forward. The package files
/// are there; nothing is removed, so that one can come back.
/// </summary>
internal sealed record RollbackJob(RepositoryTarget Target, Digest? Base, ImmutableArray<string> Actions) : LifeJob(Target, Base, Actions)
{
    internal required RecordedRevision To { get; init; }

    /// <summary>Null when exactly these packages are served already.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RevisionNotKept"/> and those of reading.</exception>
    internal static async Task<LifeJob?> PlanAsync(RepositoryTarget target, long? revision, CancellationToken ct)
    {
        await using var store = target.Place.Store.Open();
        var state = await RepositoryState.ReadAsync(store, target.Place, ct);
        if (state is not { Served: { } served, Record: { } record })
        {
            throw NotKept(target, state.Record, state.Served is null ? "it serves nothing" : "there is no record of earlier revisions");
        }

        var to = Choose(target, record, revision);
        var kept = await ReadAsync(store, target, to, ct);
        if (served.Files.Missing(kept).FirstOrDefault() is { } missing)
        {
            throw NotKept(target, record, $"revision {to.Revision} is not whole any more: {missing.TrimEnd('.')}");
        }

        var (now, then) = (served.Metadata.Packages, kept.Packages);
        return now.Select(package => package.File).SequenceEqual(then.Select(package => package.File)) && !state.Lags
            ? null
            : new RollbackJob(target, state.Base,
            [
                .. Lines("take out of the metadata", now, then, store),
                .. Lines("put into the metadata", then, now, store),
                $"write {store.At(Repomd.Folder)}: a revision above {Math.Max(served.Metadata.Repomd.Revision, record.Current.Revision)} with the {then.Length} packages of revision {to.Revision} (repomd sha256 {to.Repomd.Hex}), signed",
            ])
            {
                To = to,
            };
    }

    internal override async Task<LifeReceipt> RunAsync(LifeTools tools, CancellationToken ct)
    {
        await using var locked = await LockAsync(tools, "repo rollback", ct);
        var kept = await ReadAsync(locked.Store, Target, To, ct);
        var back = kept.Packages.Where(package => locked.Packages.All(other => other.File != package.File)).ToList();
        var changed = await locked.ServeAsync(new NextPackages(kept.Packages, RecordedAct.RolledBack) { Restores = To.Revision }, ct);
        var receipt = ToReceipt(locked, changed) with
        {
            Packages =
            [
                .. locked.RemovedNow.Select(package => new LifePackage(package.Nevra, package.File.Digest, "rolled-back")),
                .. back.Select(package => new LifePackage(package.Nevra, package.File.Digest, "restored")),
            ],
        };
        await tools.RememberAsync(new Fact(FactKind.RolledBack).With("restores", $"{To.Revision}"), Target, receipt, ct);
        await tools.RememberAsync(FactKind.RolledBack, Target, receipt with { Packages = [.. receipt.Packages.Where(package => package.State is "rolled-back")] }, ct);
        await tools.RememberAsync(FactKind.Published, Target, receipt with { Packages = [.. receipt.Packages.Where(package => package.State is "restored")] }, ct);
        await locked.RemoveOutdatedAsync(tools.Reporter, ct);
        return receipt;
    }

    private static RecordedRevision Choose(RepositoryTarget target, RevisionRecord record, long? revision) => revision is { } number
        ? record.Revisions.FirstOrDefault(known => known.Revision == number) ?? throw NotKept(target, record, $"there is no revision {number}")
        : record.Previous() ?? throw NotKept(target, record, "there is no revision before the served one");

    private static async Task<PublishedMetadata> ReadAsync(IRepositoryStore store, RepositoryTarget target, RecordedRevision to, CancellationToken ct) =>
        await RevisionMetadata.ReadAsync(store, to, ct) ?? throw NotKept(target, null, $"the metadata of revision {to.Revision} is not there, or not wholly");

    private static IEnumerable<string> Lines(string what, ImmutableArray<IndexedPackage> these, ImmutableArray<IndexedPackage> others, IRepositoryStore store)
    {
        var files = others.Select(package => package.File).ToHashSet();
        return these.Where(package => !files.Contains(package.File)).Select(package => $"{what} {store.At(package.File.Location)}: sha256 {package.File.Digest.Hex}");
    }

    private static ReleaseException NotKept(RepositoryTarget target, RevisionRecord? record, string why)
    {
        var known = (record?.Revisions ?? []).Select(revision => $"{revision.Revision} ({revision.Act} on {revision.Time:yyyy-MM-dd}, {revision.Packages} packages)");
        return new ReleaseException(Fault.RevisionNotKept, $"{target} cannot be rolled back: {why}.")
        {
            Remedy = record is null ? "Publish what it should have with a raised Release." : $"Revisions to choose from with --to: {string.Join(", ", known)}.",
        };
    }
}
