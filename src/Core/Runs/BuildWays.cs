using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs;

/// <summary>Tells a plan how each of its targets would be built from here. Planning itself looks at no machine.</summary>
internal static class BuildWays
{
    /// <summary>The same plan with the way of each target, in words where it is not the usual one.</summary>
    public static ReleasePlan AddTo(ReleasePlan plan, Settings settings)
    {
        ImmutableArray<PlannedRpm> rpms = [.. plan.Rpms.Select(rpm => rpm with { Targets = [.. rpm.Targets.Select(target => With(target, settings))] })];
        var reasons = rpms.SelectMany(rpm => rpm.Targets.Select(target => (Step: PlanSteps.NameOf(rpm, target), target.Why))).ToDictionary(each => each.Step, each => each.Why, StringComparer.Ordinal);
        return new(rpms, [.. plan.Steps.Select(step => step with { Why = reasons.GetValueOrDefault(step.Name, step.Why) })]);
    }

    /// <summary>What a target is built with when nobody asks for another engine.</summary>
    internal static EngineChoice EngineOf(string target, Settings settings) =>
        (settings.Engine is { } name ? EngineChoice.Parse(name) : EngineChoice.Default).At(settings.FindTarget(target)?.EngineHost);

    private static PlannedTarget With(PlannedTarget target, Settings settings)
    {
        var way = BuildWay.Of(target.Arch, EngineOf(target.Name, settings));
        return target with
        {
            Way = way.Name,
            Why = (target.State, way.Name) switch
            {
                (TargetState.Build, BuildWay.QemuUser) => $"{target.Why}; {way.Text}",
                (TargetState.Build, BuildWay.Impossible) => $"{target.Why}; not from here, for {way.Text}",
                _ => target.Why,
            },
        };
    }
}
