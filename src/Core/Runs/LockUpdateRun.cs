using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>Renews <c>release.lock</c>: asks what the image names mean now, and prepares the build roots with what the distros have now.</summary>
/// <param name="workspace">The project.</param>
/// <param name="machine">What the stages share.</param>
/// <param name="reporter">Told about stages.</param>
public sealed class LockUpdateRun(Workspace workspace, Machine machine, IReporter reporter)
{
    private static readonly PlanRange Now = new(null, null);

    /// <summary>What it would do, one line each; nobody is asked.</summary>
    /// <param name="rpms">Names; none: all.</param>
    /// <param name="targets">Names; none: all that have not ended.</param>
    /// <param name="ct">Ends reading.</param>
    public async Task<ImmutableArray<string>> FindActionsAsync(ImmutableArray<string> rpms, ImmutableArray<string> targets, CancellationToken ct)
    {
        var plan = (await new PlanRun(workspace, machine.Cache.Known).MakeAsync(Now, Request(rpms, targets), ct)).Plan;
        return
        [
            .. plan.Rpms.SelectMany(rpm => rpm.Targets).Select(target => $"ask what the image {target.Image} is now").Distinct(StringComparer.Ordinal),
            .. from rpm in plan.Rpms
               from target in rpm.Targets
               select $"prepare the build root of {new RootKey(target.Name, target.Arch, rpm.Name)} anew",
            $"write {workspace.Resolve(ReleaseLock.FileName)}",
        ];
    }

    /// <summary>Renews the entries of these RPMs on these targets, and nothing when one of them fails.</summary>
    /// <inheritdoc cref="FindActionsAsync"/>
    /// <exception cref="ReleaseException">What planning, pulling images and preparing roots throw.</exception>
    public async Task<LockUpdate> RunAsync(ImmutableArray<string> rpms, ImmutableArray<string> targets, CancellationToken ct)
    {
        using var only = FileLock.Take(workspace.ResolveOwn("lock"), $"Renewing {ReleaseLock.FileName}");
        var before = await workspace.ReadLockAsync(ct);
        var request = Request(rpms, targets);

        // Without the pins of these targets their names are looked up; the others stay as they are.
        var asked = workspace.Settings.Targets.Where(target => targets.IsEmpty || targets.Contains(target.Name, StringComparer.Ordinal)).Select(target => target.Image);
        var planned = await new PlanRun(workspace, machine.Cache.Known)
        {
            Pinned = before with { Images = before.Images.RemoveRange(asked) },
            Resolve = machine.Images.ResolveAsync,
        }.MakeAsync(Now, request, ct);

        // Images of targets that no RPM of this run is built for were not looked up, and mean what they did.
        var after = planned.Lock with { Images = before.Images.SetItems(planned.Lock.Images) };
        var supply = new JobSupply(workspace, machine, reporter, new RpmRequest(Now, request));
        var found = new Dictionary<(string Target, string Arch), ImmutableArray<RootPackages>>();
        foreach (var (rpm, target) in planned.Plan.Rpms.SelectMany(rpm => rpm.Targets.Select(target => (rpm, target))))
        {
            var others = found.GetValueOrDefault((target.Name, target.Arch), []);
            var packages = await PrepareAsync(supply, rpm, target, others, ct);
            found[(target.Name, target.Arch)] = [.. others, packages];
            after = after.With(new RootKey(target.Name, target.Arch, rpm.Name), packages);
        }

        after = after.Only(workspace.Settings);
        FailPoint.At("lock-update.write");
        await workspace.WriteLockAsync(after, ct);
        return new(before, after);
    }

    private async Task<RootPackages> PrepareAsync(JobSupply supply, PlannedRpm rpm, PlannedTarget target, ImmutableArray<RootPackages> others, CancellationToken ct)
    {
        // Only a spec that computes what it requires needs its sources for that.
        var spec = await File.ReadAllTextAsync(workspace.Resolve(rpm.Spec), ct);
        var needsSources = spec.Contains("%generate_buildrequires", StringComparison.Ordinal);
        var (builder, job) = await supply.GetAsync(needsSources ? rpm : rpm with { Sources = [] }, target, new StageClock(), ct);
        return await builder.PrepareAsync(job with { Root = new RootWish(Locked: null) { Anew = others } }, ct);
    }

    private PlanRequest Request(ImmutableArray<string> rpms, ImmutableArray<string> targets) =>
        new(rpms.IsEmpty ? [.. workspace.Settings.Rpms.Select(rpm => rpm.Name)] : rpms, targets) { ForeseeSpecUpdate = true, Today = SourceDate.Today() };
}
