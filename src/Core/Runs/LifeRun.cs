using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>What happens to a repository besides publishing. A plan is made without a lock and without a secret; a run does exactly that plan, or nothing.</summary>
/// <param name="workspace">The project.</param>
/// <param name="reporter">Hears what happens.</param>
public sealed class LifeRun(Workspace workspace, IReporter reporter)
{
    /// <summary>The keyring with the secret key.</summary>
    public Gpg Gpg { get; init; } = new();

    /// <summary>Whose rules say what may be promoted where.</summary>
    public AdmissionChoice Rules { get; init; } = new(null, null);

    /// <summary>Dates records, and ages what is removed.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Creates what is missing of a repository; what is there stays as it is.</summary>
    public Task<LifePlan> PlanInitAsync(LifeChoice choice, CancellationToken ct) => PlanAsync(choice, InitJob.PlanAsync, ct);

    /// <summary>Goes back to the revision before, or to the one named.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RevisionNotKept"/> and those of reading.</exception>
    public Task<LifePlan> PlanRollbackAsync(LifeChoice choice, long? revision, CancellationToken ct) =>
        PlanAsync(choice, async (target, token) => await RollbackJob.PlanAsync(target, revision, token) ?? await RecallAsync(target, token), ct);

    /// <summary>Keeps the newest versions and deletes what was removed long enough ago.</summary>
    public Task<LifePlan> PlanPruningAsync(LifeChoice choice, int keep, CancellationToken ct) =>
        PlanAsync(choice, async (target, token) => await RemovalJob.PlanPruningAsync(target, keep, Clock.GetUtcNow(), token) ?? await RecallAsync(target, token), ct);

    /// <summary>Takes versions away.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PackageNotServed"/> and those of reading.</exception>
    public Task<LifePlan> PlanWithdrawalAsync(LifeChoice choice, ImmutableArray<string> names, CancellationToken ct) =>
        PlanAsync(choice, async (target, token) => await RemovalJob.PlanWithdrawalAsync(target, names, token) ?? await RecallAsync(target, token), ct);

    /// <summary>Vouches for what is served, today.</summary>
    public Task<LifePlan> PlanRefreshAsync(LifeChoice choice, CancellationToken ct) => PlanAsync(choice, RefreshJob.PlanAsync, ct);

    /// <summary>Gives packages from one repository to another.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PromotionRefused"/>, <see cref="Fault.PackageNotServed"/>, <see cref="Fault.PublishedDowngrade"/> and those of reading.</exception>
    public async Task<LifePlan> PlanPromotionAsync(string from, LifeChoice to, ImmutableArray<string> names, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(to);
        var targets = RepositoryTarget.Of(workspace, to.Repository, to.Targets);
        var sources = RepositoryTarget.Of(workspace, from, to.Targets).ToDictionary(source => source.Target.Name, StringComparer.Ordinal);
        RefuseWrongSource(from, targets);
        var choice = new PromotionChoice(names, workspace.ResolveOwn("work"), await Admission.ReadAsync(workspace.Folder, Rules, ct));
        var jobs = ImmutableArray.CreateBuilder<LifeJob>();
        foreach (var target in targets)
        {
            if (!sources.TryGetValue(target.Target.Name, out var source))
            {
                throw new ReleaseException(Fault.PromotionRefused, $"'{from}' has no repository of its own for target '{target.Target.Name}', and '{target.Repository.Name}' has one.");
            }

            if ((await PromotionJob.PlanAsync(source, target, choice, ct) ?? await RecallAsync(target, ct)) is { } job)
            {
                jobs.Add(job);
            }
        }

        return new LifePlan(targets[0].Repository.Name, jobs.ToImmutable());
    }

    /// <summary>Does one target after the other. A failure ends its own target, and is thrown only when all of them failed.</summary>
    public async Task<ImmutableArray<LifeResult>> RunAsync(LifePlan plan, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.IsEmpty)
        {
            return [];
        }

        var ledger = OpenLedger();
        var key = await (await MetadataKey.FindAsync(Gpg, KeyName(), ct)).WithCompanionsAsync(workspace.Settings.Signing!.Companions, ct);
        var tools = new LifeTools(key, workspace.Settings.Project.Name, reporter, ledger) { Clock = Clock };
        var results = ImmutableArray.CreateBuilder<LifeResult>(plan.Jobs.Length);
        foreach (var job in plan.Jobs)
        {
            using var stage = reporter.Stage(job.Target.ToString());
            try
            {
                results.Add(new LifeResult(job.Target, await RunAsync(job, tools, ct), null));
            }
            catch (ReleaseException ex) when (plan.Jobs.Length > 1)
            {
                results.Add(new LifeResult(job.Target, null, ex));
            }
        }

        return results.All(result => result.Failure is not null) && results is [{ Failure: { } first }, ..] ? throw first : results.ToImmutable();
    }

    private static async Task<LifeReceipt> RunAsync(LifeJob job, LifeTools tools, CancellationToken ct)
    {
        try
        {
            return await job.RunAsync(tools, ct);
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{job.Target.Place.Store}' could not be changed: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    private Ledger OpenLedger() => Ledger.Open(Ledger.PathIn(workspace.Folder), reporter, Clock);

    private Task<LifeJob?> RecallAsync(RepositoryTarget target, CancellationToken ct) => RecallJob.PlanAsync(target, OpenLedger(), ct);

    private async Task<LifePlan> PlanAsync(LifeChoice choice, Func<RepositoryTarget, CancellationToken, Task<LifeJob?>> plan, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(choice);
        var targets = RepositoryTarget.Of(workspace, choice.Repository, choice.Targets);
        if (choice.IsDeliberate && choice.Targets.IsEmpty && targets.Length > 1)
        {
            throw new ReleaseException(Fault.Usage, $"'{targets[0].Repository.Name}' has several targets, and this is done to those that are named.")
            {
                Remedy = $"Name them: {string.Join(' ', targets.Select(target => $"--target {target.Target.Name}"))}",
            };
        }

        var jobs = ImmutableArray.CreateBuilder<LifeJob>();
        foreach (var target in targets)
        {
            if (await plan(target, ct) is { } job)
            {
                jobs.Add(job);
            }
        }

        return new LifePlan(targets[0].Repository.Name, jobs.ToImmutable());
    }

    private static void RefuseWrongSource(string from, ImmutableArray<RepositoryTarget> to)
    {
        var repository = to[0].Repository;
        if (string.Equals(repository.Name, from, StringComparison.Ordinal) || (repository.PromoteFrom is { } only && !string.Equals(only, from, StringComparison.Ordinal)))
        {
            throw new ReleaseException(Fault.PromotionRefused, $"'{repository.Name}' is not promoted to from '{from}'.", repository.Position)
            {
                Remedy = repository.PromoteFrom is { } right ? $"The settings say: promote-from = \"{right}\"." : "Name two different repositories.",
            };
        }
    }

    private string KeyName() => workspace.Settings.Signing?.Key
        ?? throw new ReleaseException(Fault.KeyNameMalformed, "No key is named: the settings have no signing.key.") { Remedy = "See the fingerprints: gpg --list-secret-keys" };
}

/// <summary>Which repository, and which part of it.</summary>
/// <param name="Repository">The settings' name; null: the only one that is not promoted to.</param>
/// <param name="Targets">Names of targets; none: all of them.</param>
public sealed record LifeChoice(string? Repository, ImmutableArray<string> Targets)
{
    /// <summary>Something that nobody should do to a target without naming it.</summary>
    public bool IsDeliberate { get; init; }
}
