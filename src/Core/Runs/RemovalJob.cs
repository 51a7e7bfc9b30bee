using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>
/// Takes packages out of the metadata. Their files stay at least 48 hours, because a client may have read the old metadata, and
/// until somebody prunes, because one may want to go back; then they are deleted.
/// </summary>
internal sealed record RemovalJob(RepositoryTarget Target, Digest? Base, ImmutableArray<string> Actions) : LifeJob(Target, Base, Actions)
{
    internal required string Act { get; init; }

    /// <summary>Locations that clients are not to see any more.</summary>
    internal ImmutableHashSet<string> Remove { get; init; } = [];

    /// <summary>Files to delete.</summary>
    internal ImmutableArray<RemovedPackage> Delete { get; init; } = [];

    /// <summary>Keeps the newest versions of each name and architecture, and deletes files whose time is over. Null when there is nothing to do.</summary>
    internal static async Task<LifeJob?> PlanPruningAsync(RepositoryTarget target, int keep, DateTimeOffset now, CancellationToken ct)
    {
        await using var store = target.Place.Store.Open();
        var state = await ReadAsync(store, target, ct);
        var old = PackageChoice.Older(state.Served!.Metadata.Packages, keep);
        ImmutableArray<RemovedPackage> over = [.. (state.Record?.Removed ?? []).Where(package => package.Time + KeptMetadata.Retention <= now)];
        return old.IsEmpty && over.IsEmpty && !state.Lags ? null : new RemovalJob(target, state.Base,
        [
            .. TakeOut(store, state, old),
            .. over.Select(package => $"delete {store.At(package.File.Location)}: {package.Act} on {package.Time:yyyy-MM-dd}, {package.File.Size} bytes"),
        ])
        {
            Act = RecordedAct.Pruned,
            Remove = [.. old.Select(package => package.File.Location)],
            Delete = over,
        };
    }

    /// <summary>Takes exactly these versions away. Null when all of them are gone already.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PackageNotServed"/> and those of reading.</exception>
    internal static async Task<LifeJob?> PlanWithdrawalAsync(RepositoryTarget target, ImmutableArray<string> names, CancellationToken ct)
    {
        await using var store = target.Place.Store.Open();
        var state = await ReadAsync(store, target, ct);
        var served = state.Served!.Metadata.Packages;
        var before = await state.UnrecordedAsync(store, ct);
        ImmutableArray<IndexedPackage> chosen =
        [
            .. names.Where(name => !IsWithdrawn(state, name)).SelectMany(name => PackageChoice.Versioned([.. served, .. before.Where(package => served.All(other => other.File != package.File))], name, target.ToString()))
                .DistinctBy(package => package.File.Location, StringComparer.Ordinal).Where(package => served.Contains(package)),
        ];
        return chosen.IsEmpty && !state.Lags ? null : new RemovalJob(target, state.Base, [.. TakeOut(store, state, chosen)])
        {
            Act = RecordedAct.Withdrawn,
            Remove = [.. chosen.Select(package => package.File.Location)],
        };
    }

    internal override async Task<LifeReceipt> RunAsync(LifeTools tools, CancellationToken ct)
    {
        await using var locked = await LockAsync(tools, Act is RecordedAct.Pruned ? "repo prune" : "repo withdraw", ct);
        locked.RefuseRolledBack();
        var changed = await locked.ServeAsync(new NextPackages([.. locked.Packages.Where(package => !Remove.Contains(package.File.Location))], Act), ct);
        var receipt = ToReceipt(locked, changed) with
        {
            Packages = changed ? [.. locked.RemovedNow.Select(package => new LifePackage(package.Nevra, package.File.Digest, Act))] : [],
        };
        await tools.RememberAsync(Act is RecordedAct.Pruned ? FactKind.Pruned : FactKind.Withdrawn, Target, receipt, ct);
        if (changed)
        {
            await locked.RemoveOutdatedAsync(tools.Reporter, ct);
        }

        return await DeleteAsync(locked, receipt, ct);
    }

    /// <summary>The record forgets a file after it is gone: in the other order a run that is killed between would leave it for ever.</summary>
    private async Task<LifeReceipt> DeleteAsync(LockedRepository locked, LifeReceipt receipt, CancellationToken ct)
    {
        ImmutableArray<RemovedPackage> over = [.. Delete.Where(package => locked.Record!.Removed.Contains(package))];
        if (over.IsEmpty)
        {
            return receipt;
        }

        await locked.Store.RemoveAsync(over.Select(package => package.File.Location), ct);
        FailPoint.At("prune.deleted");
        await locked.ForgetAsync(over, ct);
        return receipt with { Packages = [.. receipt.Packages, .. over.Select(package => new LifePackage(package.Nevra, package.File.Digest, "deleted"))] };
    }

    /// <summary>An earlier run did it.</summary>
    private static bool IsWithdrawn(RepositoryState state, string name) =>
        !state.Served!.Metadata.Packages.Any(package => PackageChoice.IsExactly(package.Nevra, name))
        && (state.Record?.Removed ?? []).Any(package => package.Act is RecordedAct.Withdrawn && PackageChoice.IsExactly(package.Nevra, name));

    private static async Task<RepositoryState> ReadAsync(IRepositoryStore store, RepositoryTarget target, CancellationToken ct)
    {
        var state = await RepositoryState.ReadAsync(store, target.Place, ct);
        return state.Served is not null ? state : throw new ReleaseException(Fault.RepositoryMalformed, $"'{store.Name}' is no repository yet.")
        {
            Remedy = $"Make it with: dotnet release repo init --to {target.Repository.Name}",
        };
    }

    private static IEnumerable<string> TakeOut(IRepositoryStore store, RepositoryState state, ImmutableArray<IndexedPackage> packages) => (packages.IsEmpty, state.Lags) switch
    {
        (true, false) => [],
        (true, true) => [$"record {store.At(RevisionRecord.Location)}: revision {state.Served!.Metadata.Repomd.Revision}, which is served (repomd sha256 {state.Base!.Value.Hex})"],
        _ =>
        [
            .. packages.Select(package => $"take out of the metadata {store.At(package.File.Location)}: sha256 {package.File.Digest.Hex}"),
            $"write {store.At(Repomd.Folder)}: a revision above {state.Served!.Metadata.Repomd.Revision} with {state.Served.Metadata.Packages.Length - packages.Length} packages, signed",
        ],
    };
}
