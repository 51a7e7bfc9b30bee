using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Facts;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs.Shipping;

/// <summary>Builds what is not there yet; a release has all of its packages or none.</summary>
/// <param name="world">Where.</param>
/// <param name="plan">What.</param>
/// <param name="files">What is there already.</param>
internal sealed class ShipBuild(ShipWorld world, ShipPlan plan, ShipFiles files) : ShipStep("build")
{
    internal override IEnumerable<string> Actions() =>
        from rpm in plan.Builds.Rpms
        from target in rpm.Targets
        select target.State is TargetState.Build
            ? $"build {string.Join(", ", target.Nevras)} in {target.Image}, without a network{Where(target)}"
            : $"keep {rpm.Name} on {target.Name}: {target.Why}";

    private string Where(PlannedTarget target) =>
        world.Machine.EngineFor(world.Workspace.Settings, target.Name) is var choice && choice == EngineChoice.Default ? "" : $" ({choice.Describe()})";

    internal override async Task<StepView> LookAsync(CancellationToken ct) => await files.FindAsync(ct) is { } there
        ? StepView.Done($"{there.Length} packages are there, built from exactly these inputs")
        : StepView.Open("not everything is built");

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        var request = new RpmRequest(new PlanRange(null, null), PlanRequest.Everything) { NotesRoots = false };
        var results = await new RpmRun(world.Workspace, world.Machine, world.Reporter).RunAsync(await files.UnbuiltAsync(ct), request, ct);
        files.Forget();
        var failures = results.Where(result => result.Failure is not null).ToList();
        foreach (var failed in failures.Skip(1))
        {
            world.Reporter.Warning($"{failed.Rpm} on {failed.Target} failed too: {failed.Failure!.Message}");
        }

        if (failures is [{ Failure: { } first }, ..])
        {
            throw first;
        }

        await files.TakeAsync(ct);
        return
        [
            .. from result in results
               where result.State is RpmState.Built
               from file in result.Files
               select Fact.Of(FactKind.Built, file.File.Nevra, file.File.Sha256) with
               {
                   Target = result.Target,
                   Where = Path.GetRelativePath(world.Workspace.Folder, file.File.Path),
               },
        ];
    }
}
