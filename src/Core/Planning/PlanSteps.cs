using System.Collections.Immutable;

namespace DotnetRelease.Planning;

/// <summary>Collects the run in words while a plan is made.</summary>
internal sealed class PlanSteps
{
    private const string Run = "run";
    internal const string Skipped = "skip";

    private readonly List<PlannedStep> _first = [];
    private readonly List<PlannedStep> _skipped = [];

    /// <summary>What the step of a build is called.</summary>
    public static string NameOf(PlannedRpm rpm, PlannedTarget target) => $"build {rpm.Name} on {target.Name} ({target.Arch})";

    public void Update(RpmSettings rpm, string why) => _first.Add(new($"spec update {rpm.Name}", Run, why));

    public void Skip(RpmSettings rpm, string why) => _skipped.Add(new($"build {rpm.Name}", Skipped, why));

    public void Skip(RpmSettings rpm, TargetSettings target, string why, string? arch = null) =>
        _skipped.Add(new($"build {rpm.Name} on {target.Name}{(arch is null ? "" : $" ({arch})")}", Skipped, why));

    /// <summary>All steps in the order of the run; what is left out comes last.</summary>
    public ImmutableArray<PlannedStep> For(IReadOnlyCollection<PlannedRpm> rpms)
    {
        var builds = rpms.SelectMany(rpm => rpm.Targets.Select(target => (Rpm: rpm, Target: target))).ToList();
        var files = builds.Where(build => build.Target.State is TargetState.Build)
            .SelectMany(build => build.Rpm.Sources).DistinctBy(source => source.Digest).Count();
        return
        [
            .. _first,
            files > 0
                ? new PlannedStep("fetch", Run, $"{files} {(files is 1 ? "file" : "files")}, known by digest; what the cache has is not fetched again")
                : new PlannedStep("fetch", Skipped, "nothing to build needs a file"),
            .. builds.Select(build => new PlannedStep(
                NameOf(build.Rpm, build.Target),
                build.Target.State is TargetState.Build ? Run : Skipped,
                build.Target.Why)),
            .. _skipped,
        ];
    }
}
