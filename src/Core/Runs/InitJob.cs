using System.Collections.Immutable;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>A repository that clients can set up before the first package is there: a new distro must not be a 404.</summary>
internal sealed record InitJob(RepositoryTarget Target, ImmutableArray<string> Actions) : LifeJob(Target, null, Actions)
{
    internal static async Task<LifeJob?> PlanAsync(RepositoryTarget target, CancellationToken ct)
    {
        await using var store = target.Place.Store.Open();
        return await PublishedMetadata.ReadRepomdAsync(store, ct) is not null
            ? null
            : new InitJob(
                target,
                [
                    $"create {store.At(target.Place.KeyName)}: the public key",
                    $"create {store.At(target.Place.RepoName)}: for {target.Place.BaseUrl}",
                    $"create {store.At(Metadata.Repomd.Folder)}: no packages, signed",
                ]);
    }

    internal override async Task<LifeReceipt> RunAsync(LifeTools tools, CancellationToken ct)
    {
        await using var locked = await LockAsync(tools, "repo init", ct);
        await locked.DescribeAsync(ct);
        return ToReceipt(locked, await locked.ServeAsync(new NextPackages([], RecordedAct.Created), ct));
    }
}
