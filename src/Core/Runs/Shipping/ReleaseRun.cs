using System.Collections.Immutable;
using System.Diagnostics;
using DotnetRelease.Facts;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// A release from a signed tag to users. This is the only place that knows the order. What is done already is read from the world, so a
/// run that was killed anywhere goes on where it was, and nothing is done twice.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="request">What was asked for.</param>
public sealed class ReleaseRun(ShipWorld world, ShipRequest request)
{
    private readonly ShipHistory _history = new(world.Ledger);

    /// <summary>The whole product, in order. Nothing before the first <c>publish</c> can be seen from outside this machine.</summary>
    private ImmutableArray<ShipStep> Steps(ShipPlan plan, ShipGitHub? gitHub)
    {
        var files = new ShipFiles(world, plan);
        return
        [
            .. When(plan.Staging, _ => new ShipReuse(world, plan, files)),
            new ShipFetch(world, plan, files),
            new ShipBuild(world, plan, files),
            .. When(plan.Settings.Signing, signing => new ShipSign(world, signing.Key, files)),
            .. When(plan.Staging, staging => new ShipPublish(world, plan, files, staging)),
            .. When(plan.Staging, staging => new ShipProof(world, plan, staging)),
            .. When(plan.Settings.Qa, _ => new ShipQa(world, plan, files)),
            .. plan.Promotions.SelectMany(next => (ShipStep[])[new ShipPublish(world, plan, files, next), new ShipProof(world, plan, next)]),
            .. When(gitHub, release => new ShipDraft(release, plan)),
            .. When(gitHub, release => new ShipAssets(release, plan)),
            .. When(gitHub, release => new ShipRelease(release, plan)),
            .. When(plan.Settings.Signing is null ? null : gitHub, release => new ShipCheck(world, release, plan)),
        ];
    }

    private static ImmutableArray<ShipStep> When<T>(T? configured, Func<T, ShipStep> step)
        where T : class => configured is null ? [] : [step(configured)];

    /// <summary>Does the release, or what is left of it.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.LockHeld"/>, <see cref="Fault.ShipHalfDone"/>, <see cref="Fault.NothingToResume"/>, <see cref="Fault.ShipPlanChanged"/>,
    /// <see cref="Fault.AnswerNeeded"/>, and those of every step.
    /// </exception>
    public async Task<ShipResult> RunAsync(CancellationToken ct)
    {
        using var only = FileLock.Take(world.Workspace.ResolveOwn("ship.lock"), "Releasing");
        var guard = new ShipGuard(world, request);
        var plan = await guard.BeginAsync(ct);
        using var gitHub = plan.HasGitHub ? new ShipGitHub(world, plan) : null;
        var steps = Steps(plan, gitHub);
        var views = await LookAsync(steps, ct);
        if (views.All(view => view.IsDone))
        {
            await RecordAsync(plan, views.SelectMany(view => view.Facts).Append(Finished(plan)), isObserved: true, ct);
            return new ShipResult(plan, [.. steps.Zip(views, (step, view) => new ShippedStep(step.Name, "skipped", view.Why, default))]);
        }

        RefuseUnaware(plan, steps, views);
        await new ShipPreflight(world, plan) { GitHub = gitHub }.CheckAsync([.. steps.Zip(views).Where(pair => !pair.Second.IsDone).Select(pair => pair.First)], ct);
        var production = new ShipProduction(plan, request);
        if (steps.Zip(views).Where(pair => !pair.Second.IsDone).TakeWhile(pair => !pair.First.NeedsPerson).Any(pair => pair.First.IsProduction))
        {
            await production.ConfirmAsync(ct);
        }

        await RecordAsync(plan, [Begun(plan)], isObserved: false, ct);
        return new ShipResult(plan, await DoAsync(plan, steps, new Gates(guard, production, gitHub), ct));
    }

    /// <summary>What <see cref="RunAsync"/> would do, from the project alone: no network, no credentials, no writes.</summary>
    public async Task<ShipResult> PreviewAsync(CancellationToken ct)
    {
        var plan = await new ShipGuard(world, request).PreviewAsync(ct);
        using var gitHub = plan.HasGitHub ? new ShipGitHub(world, plan) : null;
        return new ShipResult(plan, [.. Steps(plan, gitHub).Select(step => new ShippedStep(step.Name, "would", string.Join('\n', step.Actions()), default))]);
    }

    private async Task<ImmutableArray<ShippedStep>> DoAsync(ShipPlan plan, ImmutableArray<ShipStep> steps, Gates gates, CancellationToken ct)
    {
        var shipped = ImmutableArray.CreateBuilder<ShippedStep>();
        foreach (var step in steps)
        {
            // Once more, because what was done before it may have done it too.
            var view = await step.LookAsync(ct);
            if (view.IsDone)
            {
                world.Reporter.Info($"{step.Name}: {view.Why}");
                await RecordAsync(plan, view.Facts, isObserved: true, ct);
                shipped.Add(new(step.Name, step.IsProof ? "done" : "skipped", view.Why, default));
                continue;
            }

            if (step.IsProduction)
            {
                await gates.Production.ConfirmAsync(ct);
            }

            if (step.IsOutward)
            {
                await gates.Guard.ConfirmAsync(plan, ct);
                await (gates.GitHub?.CheckAsync(ct) ?? Task.CompletedTask);
            }

            shipped.Add(await DoAsync(plan, step, ct));
        }

        await RecordAsync(plan, [Finished(plan)], isObserved: false, ct);
        return shipped.ToImmutable();
    }

    private async Task<ShippedStep> DoAsync(ShipPlan plan, ShipStep step, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        using var stage = world.Reporter.Stage(step.Name);
        FailPoint.At($"ship.{step.Name}");
        try
        {
            var facts = await step.DoAsync(ct);
            FailPoint.At($"ship.{step.Name}.done");
            await RecordAsync(plan, facts, isObserved: false, ct);
        }
        catch (ReleaseException ex) when (ex.Fault != Fault.QaStatementMissing && !ct.IsCancellationRequested)
        {
            await RecordAsync(plan, [About(plan, FactKind.Failed).With("step", step.Name).With("id", ex.Fault.Id).With("why", ex.Message)], isObserved: false, ct);
            throw;
        }

        FailPoint.At($"ship.{step.Name}.recorded");
        return new(step.Name, "done", "", Stopwatch.GetElapsedTime(start));
    }

    private static async Task<ImmutableArray<StepView>> LookAsync(ImmutableArray<ShipStep> steps, CancellationToken ct)
    {
        var views = ImmutableArray.CreateBuilder<StepView>(steps.Length);
        foreach (var step in steps)
        {
            views.Add(await step.LookAsync(ct));
        }

        return views.MoveToImmutable();
    }

    /// <summary>Going on is safe, but a person should know whether a release begins here or goes on.</summary>
    private void RefuseUnaware(ShipPlan plan, ImmutableArray<ShipStep> steps, ImmutableArray<StepView> views)
    {
        var planned = _history.PlanOf(plan.Tag.Name);
        var there = steps.Zip(views).Where(pair => pair.First.IsOutward && pair.Second.IsDone).Select(pair => $"{pair.First.Name} ({pair.Second.Why})").ToList();
        var isBegun = planned is not null && _history.WentOut(planned);
        if (request.Resume && planned is null && there is [])
        {
            throw new ReleaseException(Fault.NothingToResume, $"No release of {plan.Tag.Name} was begun here, and nothing of it is published.") { Remedy = "Begin it: leave --resume out." };
        }

        if (!request.Resume && isBegun)
        {
            throw new ReleaseException(Fault.ShipHalfDone, $"The release of {plan.Tag.Name} was begun on {planned!.At:yyyy-MM-dd HH:mm}Z and is not finished. There is already: {(there is [] ? "a part of what 'status' shows" : string.Join(", ", there))}.");
        }

        if (isBegun && planned!.Digest != plan.Digest)
        {
            throw new ReleaseException(Fault.ShipPlanChanged, Difference(plan, planned)) { Remedy = "A part of the old plan is published already; make a new version, or go back to what was planned." };
        }
    }

    private static string Difference(ShipPlan plan, Fact planned) => planned.Details.GetValueOrDefault(FactDetail.TagObject) is { } before && before != plan.Tag.ObjectId
        ? $"refs/tags/{plan.Tag.Name} was {before} when the release was begun, and is {plan.Tag.ObjectId} now."
        : $"The release of {plan.Tag.Name} was begun with plan {planned.Digest?.Hex[..12]}, and the plan is now {plan.ShortDigest}: inputs, targets or repositories changed.";

    private async Task RecordAsync(ShipPlan plan, IEnumerable<Fact> facts, bool isObserved, CancellationToken ct)
    {
        // Some steps write what they did themselves, before they clean up behind them.
        world.Ledger.Refresh();
        foreach (var fact in facts.Select(fact => fact.With(FactDetail.Tag, plan.Tag.Name)).Where(fact => !_history.Knows(fact)))
        {
            await world.Ledger.AppendAsync(fact with { IsObserved = isObserved }, ct);
        }
    }

    private static Fact Begun(ShipPlan plan) => About(plan, FactKind.Planned) with { Digest = plan.Digest };

    private static Fact Finished(ShipPlan plan) => About(plan, FactKind.Released) with { Digest = plan.Digest };

    private static Fact About(ShipPlan plan, FactKind kind) => new Fact(kind) { Package = plan.Settings.Project.Name, Version = plan.Tag.Version }
        .With(FactDetail.Tag, plan.Tag.Name)
        .With(FactDetail.TagObject, plan.Tag.ObjectId ?? "")
        .With("commit", plan.Tag.Commit ?? "")
        .With("maintainers", plan.Tag.MaintainersCommit ?? "");

    /// <summary>What is asked again before others can see something.</summary>
    private sealed record Gates(ShipGuard Guard, ShipProduction Production, ShipGitHub? GitHub);
}

/// <summary>How a release ended.</summary>
/// <param name="Plan">What was to be done.</param>
/// <param name="Steps">What became of each step.</param>
public sealed record ShipResult(ShipPlan Plan, ImmutableArray<ShippedStep> Steps)
{
    /// <summary>There was nothing left to do.</summary>
    public bool WasDone => Steps.All(step => step.State is "skipped");
}
