using DotnetRelease.Processes;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// The plan that was shown is the plan that is done: what it was made from is looked at before the first step, and again before each
/// step that others can see.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="request">What was asked for.</param>
internal sealed class ShipGuard(ShipWorld world, ShipRequest request)
{
    private readonly ShipTagChoice _choice = new(world);
    private readonly ShipPlanner _planner = new(world);
    private readonly TagRun _gate = new(world.Workspace, world.Reporter);
    private TagVerdict? _verdict;

    /// <summary>The tag gate, and the plan of what it let through.</summary>
    internal async Task<ShipPlan> BeginAsync(CancellationToken ct)
    {
        var name = await _choice.FindAsync(request, ct);
        _verdict = await _gate.VerifyAsync(new TagRequest(name) { Channel = request.Channel, Commit = "HEAD", Maintainers = request.Maintainers }, ct);
        await new TaggedFiles(world.Workspace).CheckAsync(_verdict.Commit, ct);
        return await _planner.MakeAsync(TagOf(_verdict), request, ask: true, ct);
    }

    /// <summary>The plan as far as it can be told without looking at signatures and without a network; the tag need not exist yet.</summary>
    internal async Task<ShipPlan> PreviewAsync(CancellationToken ct)
    {
        var name = await _choice.FindAsync(request, ct);
        var found = await new Git(world.Workspace.Folder).FindObjectsAsync([$"refs/tags/{name}", $"refs/tags/{name}^{{commit}}"], ct);
        var tag = new ShipTag(name, _choice.VersionOf(name)) { ObjectId = found[0]?.Id, Commit = found[1]?.Id };
        return await _planner.MakeAsync(tag, request, ask: false, ct);
    }

    /// <summary>Refuses to go on when the tag, the files or the plan are not what they were.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TagMoved"/> or <see cref="Fault.ShipPlanChanged"/>.</exception>
    internal async Task ConfirmAsync(ShipPlan plan, CancellationToken ct)
    {
        await _gate.ConfirmAsync(_verdict!, ct);
        await new TaggedFiles(world.Workspace).CheckAsync(_verdict!.Commit, ct);
        var now = await _planner.MakeAsync(plan.Tag, request, ask: true, ct);
        if (now.Digest != plan.Digest)
        {
            throw new ReleaseException(Fault.ShipPlanChanged, $"The plan was {plan.ShortDigest} when this run began, and is {now.ShortDigest} now: inputs, targets or repositories changed.")
            {
                Remedy = "Look at it with --dry-run.",
            };
        }
    }

    private static ShipTag TagOf(TagVerdict verdict) => new(verdict.Tag.Name, verdict.Version)
    {
        ObjectId = verdict.Tag.Id,
        Commit = verdict.Commit,
        MaintainersCommit = verdict.ListCommit,
        Signer = verdict.Signer.ToString(),
        ConfinedTo = verdict.ConfinedTo,
    };
}
