using System.Collections.Immutable;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>Vouches again for what is served, so that its age no longer looks as if somebody hid newer revisions. Nothing else changes.</summary>
internal sealed record RefreshJob(RepositoryTarget Target, Digest? Base, ImmutableArray<string> Actions) : LifeJob(Target, Base, Actions)
{
    internal static async Task<LifeJob?> PlanAsync(RepositoryTarget target, CancellationToken ct)
    {
        await using var store = target.Place.Store.Open();
        var state = await RepositoryState.ReadAsync(store, target.Place, ct);
        return state.Served is not { } served
            ? null
            : new RefreshJob(target, state.Base, [$"sign {store.At(RevisionRecord.Location)}: revision {served.Metadata.Repomd.Revision} is the newest (repomd sha256 {state.Base!.Value.Hex})"]);
    }

    internal override async Task<LifeReceipt> RunAsync(LifeTools tools, CancellationToken ct)
    {
        await using var locked = await LockAsync(tools, "repo refresh", ct);
        locked.RefuseRolledBack();
        if (!await locked.ServeAsync(new NextPackages(locked.Packages, RecordedAct.Changed), ct))
        {
            await locked.SignAgainAsync(ct);
        }

        return ToReceipt(locked, changed: false);
    }
}
