using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>Writes into the ledger what was done to a repository already, when nothing else is left to do.</summary>
internal sealed record RecallJob(RepositoryTarget Target, Digest? Base, ImmutableArray<string> Actions) : LifeJob(Target, Base, Actions)
{
    internal required LedgerGap Gap { get; init; }

    /// <summary>Null when the ledger knows.</summary>
    internal static async Task<LifeJob?> PlanAsync(RepositoryTarget target, Ledger ledger, CancellationToken ct)
    {
        await using var store = target.Place.Store.Open();
        var state = await RepositoryState.ReadAsync(store, target.Place, ct);
        if (LedgerGap.Of(target, state, ledger) is not { } gap)
        {
            return null;
        }

        var lines = gap.Packages.Select(package => $"write into the ledger: {package.Nevra} was {package.State} in revision {state.Record!.Current.Revision} of {target}");
        return new RecallJob(target, state.Base, [.. lines]) { Gap = gap };
    }

    internal override async Task<LifeReceipt> RunAsync(LifeTools tools, CancellationToken ct)
    {
        // Taking the repository closes the gap.
        await using var locked = await LockAsync(tools, "repo", ct);
        return ToReceipt(locked, changed: false) with { Packages = Gap.Packages };
    }
}
