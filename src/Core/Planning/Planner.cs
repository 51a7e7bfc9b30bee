using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Specs;

namespace DotnetRelease.Planning;

/// <summary>From locks, settings and specs to a plan. Same inputs, same plan; every decision carries its reason.</summary>
public static class Planner
{
    /// <summary>Makes the plan.</summary>
    /// <exception cref="ReleaseException">Faults of the thousands digit 1, <see cref="Fault.Usage"/>, <see cref="Fault.SourceWithoutDigest"/>.</exception>
    public static ReleasePlan Plan(PlanInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        RefuseUnknownCells(inputs.Request.Only, inputs.Settings);
        RefuseUnknownRpms(inputs.Request.Rpms, inputs.Settings);
        RefuseUnknown("target", inputs.Request.Targets, inputs.Settings.Targets.Select(target => target.Name));
        RefuseUnknown("machine", inputs.Request.Archs, inputs.Settings.Targets.SelectMany(target => target.Archs).Distinct(StringComparer.Ordinal));
        var changes = inputs.Locks
            .SelectMany(pair => LockDiff.Compare(pair.Old, pair.New).Changes.Select(change => (pair.New.Path, Change: change)))
            .ToLookup(found => found.Change.Key, StringComparer.Ordinal);

        var rpms = ImmutableArray.CreateBuilder<PlannedRpm>();
        var steps = new PlanSteps();
        foreach (var rpm in inputs.Settings.Rpms)
        {
            var reasons = ReasonsFor(rpm, inputs.Request, changes);
            if (reasons.Count is 0)
            {
                steps.Skip(rpm, WhyNot(rpm, inputs));
                continue;
            }

            if (PlanRpm(rpm, reasons, inputs, steps) is { } planned)
            {
                rpms.Add(planned);
            }
        }

        return new ReleasePlan(rpms.ToImmutable(), steps.For(rpms));
    }

    private static PlannedRpm? PlanRpm(RpmSettings rpm, List<string> reasons, PlanInputs inputs, PlanSteps steps)
    {
        var targets = TargetPlan.Choose(rpm, inputs, steps);
        if (targets.IsEmpty)
        {
            return null;
        }

        var folder = inputs.Specs.TryGetValue(rpm.Name, out var found) ? found : throw NoSpec(rpm);
        var locked = LockedChoice.Of(rpm, inputs.Locks);
        var spec = SpecPlan.Of(rpm, folder, locked, inputs);
        var readings = targets.Select(target => spec.Spec.Read(SpecFacts.For(DistTag.Of(target.Settings), target.Arch))).ToList();
        if (locked.Reason is not null)
        {
            reasons.Add(locked.Reason);
        }

        if (spec.Lag is not null)
        {
            steps.Update(rpm, spec.Lag);
        }

        var planned = new PlannedRpm(rpm.Name, spec.Version, [.. reasons], [], new SourcePlan(rpm, folder, inputs).Find(readings))
        {
            Spec = rpm.Spec,
            SpecVersion = spec.OwnVersion,
        };
        var wanted = locked.Version is null ? null : planned.Version;
        var builds = targets.Zip(readings, (target, reading) => (Target: target, Results: TargetResults.Of(target, reading.Nevras(target.Arch, wanted))))
            .ToLookup(build => build.Results.Kept.IsEmpty);
        foreach (var (target, _) in builds[true])
        {
            steps.Skip(rpm, target.Settings, $"its packages are the same for every machine, and come from the build on {target.Settings.Archs[0]}", target.Arch);
        }

        return builds[false].Any()
            ? planned with
            {
                Targets =
                [
                    .. builds[false].Select(build => TargetPlan.Decide(
                        build.Target, build.Results, BuildInputs.Of(planned, spec.Spec.Digest, build.Target, build.Results), TargetPlan.FindLast(inputs, rpm, build.Target))),
                ],
            }
            : null;
    }

    private static List<string> ReasonsFor(RpmSettings rpm, PlanRequest request, ILookup<string, (string Path, LockChange Change)> changes)
    {
        if (!request.Rpms.IsEmpty && !request.Rpms.Contains(rpm.Name, StringComparer.Ordinal))
        {
            return [];
        }

        var bumps = rpm.Follows.SelectMany(name => changes[name]).Select(found => $"{found.Path}: {Describe(found.Change)}").ToList();
        return bumps.Count is 0 && !request.Rpms.IsEmpty ? ["named on the command line; none of the packages it follows changed"] : bumps;
    }

    private static string Describe(LockChange change)
    {
        var rehashed = change.Files.Rehashed.IsEmpty
            ? ""
            : $"; with other digests than before: {string.Join(", ", change.Files.Rehashed.Select(file => file.Name))}";
        var (old, now) = (string.Join(" and ", change.Old), string.Join(" and ", change.New));
        return change switch
        {
            { Kind: LockChangeKind.Added } => $"{change.Name} {now} is new",
            { Kind: LockChangeKind.Removed } => $"{change.Name} {old} is gone",
            _ when old == now => $"{change.Name} {now} has other files ({change.Files.Added.Length} more, {change.Files.Removed.Length} fewer){rehashed}",
            _ => $"{change.Name} {old} -> {now}{rehashed}",
        };
    }

    private static string WhyNot(RpmSettings rpm, PlanInputs inputs) => (inputs.Request.Rpms, rpm.Follows) switch
    {
        ({ IsEmpty: false }, _) => "not among the RPMs that were asked for",
        (_, []) => "it follows no locked package; name it to build it",
        _ => $"none of the packages it follows changed: {string.Join(", ", rpm.Follows)}",
    };

    /// <summary>Fails on the first name that is no RPM of the settings.</summary>
    internal static void RefuseUnknownRpms(ImmutableArray<string> names, Settings settings) =>
        RefuseUnknown("RPM", names, settings.Rpms.Select(rpm => rpm.Name));

    private static void RefuseUnknownCells(ImmutableArray<CellName> only, Settings settings)
    {
        var known = (
            from rpm in settings.Rpms
            from name in rpm.Targets
            from arch in settings.FindTarget(name)!.Archs
            select new CellName(rpm.Name, name, arch)).ToList();
        if (only.FirstOrDefault(cell => !known.Any(each => cell.Means(each.Rpm, each.Target, each.Arch!))) is { } missing)
        {
            RefuseUnknown("build", [missing.ToString()], known.Select(each => each.ToString()));
        }
    }

    private static void RefuseUnknown(string what, ImmutableArray<string> asked, IEnumerable<string> known)
    {
        var names = known.ToList();
        foreach (var name in asked.Where(name => !names.Contains(name, StringComparer.Ordinal)))
        {
            throw new ReleaseException(Fault.Usage, $"The settings have no {what} '{name}'.")
            {
                Remedy = Suggestion.For(name, names) is { } meant ? $"Did you mean '{meant}'?"
                    : names.Count is 0 ? $"Add it to {Settings.FileName}."
                    : $"There are: {string.Join(", ", names)}.",
            };
        }
    }

    /// <summary>The failure for an RPM whose spec is not there.</summary>
    internal static ReleaseException NoSpec(RpmSettings rpm) => new(Fault.SpecNotFound, $"{rpm.Name} has no spec at '{rpm.Spec}'.", rpm.Position)
    {
        Remedy = "Write it there, or correct 'spec'.",
    };
}
