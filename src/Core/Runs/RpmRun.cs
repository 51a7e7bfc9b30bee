using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>The main job: from a plan to packages in the result folder, as many targets at once as the machine can hold.</summary>
/// <param name="workspace">The project.</param>
/// <param name="machine">What the stages share.</param>
/// <param name="reporter">Told about stages.</param>
public sealed class RpmRun(Workspace workspace, Machine machine, IReporter reporter)
{
    /// <summary>Makes the plan with what earlier builds left, as <c>plan</c> does, and says what has to be written to <c>release.lock</c>.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="ask">Whether a registry may be asked what an image name means.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<PlanResult> PlanAsync(RpmRequest request, bool ask, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var built = await new BuildRecords(machine.Cache.Known).ReadAsync(workspace, request.Output, ct);
        var plan = new PlanRun(workspace, machine.Cache.Known)
        {
            Built = built,
            Resolve = machine.Images.ResolveAsync,
            OnlyLocal = !ask || machine.Offline,
            OnlyPinned = request.Locked,
            AskAge = ask && !machine.Offline ? machine.Fetcher(workspace).UploadedAsync : null,
        };
        return await plan.MakeAsync(request.Range, request.Request, ct);
    }

    /// <summary>Says what builds where, when that is not the embedded engine of this machine.</summary>
    public void TellEngines(ReleasePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        foreach (var engine in Engines(plan).Where(engine => engine.Key.Kind is not EngineKind.Embedded))
        {
            reporter.Info($"{string.Join(", ", engine.Distinct(StringComparer.Ordinal))}: {engine.Key.Describe()}");
        }
    }

    /// <summary>Does what the plan says. A target that fails does not stop the others.</summary>
    /// <exception cref="ReleaseException">What stops all of them: the machine cannot run containers, or another run is at work here.</exception>
    public async Task<ImmutableArray<RpmResult>> RunAsync(ReleasePlan plan, RpmRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(request);
        using var only = FileLock.Take(workspace.ResolveOwn("lock"), "Building");
        var jobs = Jobs(request);
        DiskRoom.Demand(DiskRoom.Of(plan, jobs, machine.Places, workspace.Folder), DiskRoom.Find);
        await using var tried = new TriedEngines();
        await TryEnginesAsync(plan, tried, ct);

        var cells = plan.Rpms.SelectMany(rpm => rpm.Targets.Select(target => (Rpm: rpm, Target: target))).ToImmutableArray();
        foreach (var (rpm, target) in cells.Where(cell => cell.Target.State is TargetState.Build))
        {
            reporter.Info($"{rpm.Name} on {target}: {target.Why}");
        }

        var supply = new JobSupply(workspace, machine, reporter, request);
        return await RunAsync([.. cells.Select(cell => new RpmCell(supply, cell.Rpm, cell.Target))], new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = ct });
    }

    /// <summary>Those that may require something of each other wait until all are built, and hold nobody's place meanwhile.</summary>
    private static async Task<ImmutableArray<RpmResult>> RunAsync(ImmutableArray<RpmCell> cells, ParallelOptions options)
    {
        await Parallel.ForEachAsync(cells, options, async (cell, stop) => await cell.StartAsync(!cells.Any(cell.IsNeighbourOf), stop));
        ImmutableArray<RpmCell> waiting = [.. cells.Where(cell => cell.Result is null)];
        foreach (var cell in waiting)
        {
            await cell.GatherAsync([.. cells.Where(cell.IsNeighbourOf)], options.CancellationToken);
        }

        await Parallel.ForEachAsync(waiting, options, async (cell, stop) => await cell.EndAsync(stop));
        return [.. cells.Select(cell => cell.Result!)];
    }

    /// <summary>A shell needs the terminal for itself, and the others have to wait for it.</summary>
    private int Jobs(RpmRequest request) => request.OnFailure is not null ? 1 : JobCount.Of(request.Jobs ?? workspace.Settings.Jobs, workspace.Settings.Limits, JobCount.FreeMemory());

    /// <summary>Before anything is downloaded: can this machine run a container at all? And where will it be?</summary>
    private async Task TryEnginesAsync(ReleasePlan plan, TriedEngines tried, CancellationToken ct)
    {
        TellEngines(plan);
        foreach (var engine in Engines(plan))
        {
            await tried.AddAsync(machine.Open(engine.Key), ct);
        }
    }

    private IEnumerable<IGrouping<EngineChoice, string>> Engines(ReleasePlan plan) =>
        from rpm in plan.Rpms
        from target in rpm.Targets
        where target.State is TargetState.Build
        group target.Name by machine.EngineFor(workspace.Settings, target.Name);
}
