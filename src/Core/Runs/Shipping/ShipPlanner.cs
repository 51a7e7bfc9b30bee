using System.Collections.Immutable;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs.Shipping;

/// <summary>From a tag to the plan of its release: everything that is decided before anything is done.</summary>
/// <param name="world">Where.</param>
internal sealed class ShipPlanner(ShipWorld world)
{
    private bool _isTold;

    /// <summary>Makes the plan. Nothing is written.</summary>
    /// <param name="tag">What is released.</param>
    /// <param name="request">Where to.</param>
    /// <param name="ask">Whether a registry may be asked what an image name means.</param>
    /// <param name="ct">Ends it.</param>
    internal async Task<ShipPlan> MakeAsync(ShipTag tag, ShipRequest request, bool ask, CancellationToken ct)
    {
        var settings = world.Workspace.Settings;
        var wanted = new PlanRequest([.. settings.Rpms.Select(rpm => rpm.Name)], []) { Today = DateOnly.FromDateTime(DateTime.UtcNow) };
        var planned = await new RpmRun(world.Workspace, world.Machine, world.Reporter).PlanAsync(new RpmRequest(new PlanRange(null, null), wanted), ask, ct);
        if (!_isTold)
        {
            // The plan is made again before anything is done, and says the same again.
            planned.TellTo(world.Reporter);
            _isTold = true;
        }

        planned.RefuseAlarms();
        var staging = settings.Repositories.IsEmpty || settings.Rpms.IsEmpty ? null : new PublishTargets(settings, world.Workspace.Folder).Repository(request.To);
        var endsEarly = staging is not null && settings.FindRepository(request.Channel) is not null;
        return new ShipPlan(settings, tag, planned.Plan)
        {
            Staging = staging,
            Promotions = staging is null ? [] : Promotions(settings, staging, request.Channel),
            HasGitHub = !endsEarly && settings.Project.GitHub is not null,
        };
    }

    /// <summary>The way from repository to repository, up to the one that the channel names.</summary>
    private static ImmutableArray<RepositorySettings> Promotions(Settings settings, RepositorySettings staging, string channel)
    {
        var way = ImmutableArray.CreateBuilder<RepositorySettings>();
        for (var at = staging; at.Name != channel;)
        {
            var next = settings.Repositories.Where(repository => repository.PromoteFrom == at.Name).ToList();
            if (next is [])
            {
                break;
            }

            way.AddRange(next);
            at = next[^1];
        }

        return way.ToImmutable();
    }
}
