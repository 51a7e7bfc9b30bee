using System.Collections.Immutable;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// Tries everything that could fail later, before anything is begun: hours of building are not lost to a token that may not publish.
/// Only what the steps that are left need is tried.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="plan">What.</param>
internal sealed class ShipPreflight(ShipWorld world, ShipPlan plan)
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>The release on GitHub; null: there will be none.</summary>
    internal ShipGitHub? GitHub { get; init; }

    /// <summary>Tries what is needed. Everything that is wrong is said, and the first of it is thrown.</summary>
    internal async Task CheckAsync(ImmutableArray<ShipStep> open, CancellationToken ct)
    {
        using var stage = world.Reporter.Stage("preflight");
        var names = open.Select(step => step.Name).ToHashSet(StringComparer.Ordinal);
        var failures = new List<ReleaseException>();
        await TryAsync(failures, DiskAsync);
        await TryAsync(failures, ClockAsync);
        if (names.Contains("build"))
        {
            await TryAsync(failures, ContainersAsync);
        }

        if (names.Overlaps(["sign", "publish", "promote"]))
        {
            await TryAsync(failures, KeyAsync);
        }

        foreach (var repository in plan.Promotions.Prepend(plan.Staging).OfType<RepositorySettings>().Where(repository => names.Contains(repository.PromoteFrom is null ? "publish" : "promote")))
        {
            await TryAsync(failures, token => WritableAsync(repository, token));
        }

        if (GitHub is { } gitHub && names.Overlaps(["publish", "promote", "draft", "assets", "release"]))
        {
            await TryAsync(failures, gitHub.CheckAsync);
        }

        if (failures is [var first, .. var others])
        {
            others.ForEach(other => world.Reporter.Warning($"{other.Fault.Id}: {other.Message}"));
            throw first;
        }

        async Task TryAsync(List<ReleaseException> into, Func<CancellationToken, Task> check)
        {
            try
            {
                await check(ct);
            }
            catch (ReleaseException ex)
            {
                into.Add(ex);
            }
        }
    }

    private async Task ContainersAsync(CancellationToken ct)
    {
        var targets = plan.Builds.Rpms.SelectMany(rpm => rpm.Targets).Where(target => target.State is TargetState.Build);
        foreach (var choice in targets.Select(target => world.Machine.EngineFor(world.Workspace.Settings, target.Name)).Distinct())
        {
            await using var tried = await world.Machine.Open(choice).TryAsync(ct);
        }
    }

    private Task DiskAsync(CancellationToken ct)
    {
        var jobs = JobCount.Of(plan.Settings.Jobs, plan.Settings.Limits, JobCount.FreeMemory());
        DiskRoom.Demand(DiskRoom.OfShip(plan.Builds, jobs, world.Machine.Places, world.Workspace.Folder), DiskRoom.Find);
        return Task.CompletedTask;
    }

    /// <summary>A commit from the future means that the clock is wrong, and signatures with a wrong time are refused by clients.</summary>
    private async Task ClockAsync(CancellationToken ct)
    {
        var now = DateTimeOffset.UtcNow;
        if (await new Git(world.Workspace.Folder).TimeOfHeadAsync(ct) is { } made && made > now + ClockSkew)
        {
            throw new ReleaseException(Fault.PreflightFailed, $"The commit that is released is from {made:yyyy-MM-dd HH:mm}Z, and the clock of this machine says {now:yyyy-MM-dd HH:mm}Z.")
            {
                Remedy = "Set the clock.",
            };
        }
    }

    /// <summary>A real signature over nothing of value: the agent is there, the key unlocked, the card in its reader.</summary>
    private async Task KeyAsync(CancellationToken ct)
    {
        var key = await MetadataKey.FindAsync(world.Gpg, plan.Settings.Signing?.Key ?? throw new ReleaseException(Fault.KeyNameMalformed, "No key is named: the settings have no signing.key."), ct);
        await key.SignAsync("dotnet-release preflight\n"u8.ToArray(), ct);
    }

    /// <summary>The lock of a repository is a file in it: who can take it can write.</summary>
    private async Task WritableAsync(RepositorySettings repository, CancellationToken ct)
    {
        var targets = new PublishTargets(plan.Settings, world.Workspace.Folder);
        foreach (var target in plan.Builds.Rpms.SelectMany(rpm => rpm.Targets.Select(target => target.Name)).Distinct(StringComparer.Ordinal))
        {
            await using var store = targets.PlaceOf(repository, plan.Settings.FindTarget(target)!).Store.Open();
            await using var held = await store.LockAsync("preflight", ct);
        }
    }
}
