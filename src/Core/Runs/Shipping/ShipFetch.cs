using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Images;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs.Shipping;

/// <summary>Sources and images of everything that has to be built, before the first build: a digest that is wrong ends the release early.</summary>
/// <param name="world">Where.</param>
/// <param name="plan">What.</param>
/// <param name="files">What is there already.</param>
internal sealed class ShipFetch(ShipWorld world, ShipPlan plan, ShipFiles files) : ShipStep("fetch")
{
    internal override IEnumerable<string> Actions() =>
        from rpm in plan.Builds.Rpms
        where rpm.Targets.Any(target => target.State is TargetState.Build)
        from source in rpm.Sources
        select $"fetch {source.File} ({source.Digest.Algorithm} {source.Digest.Hex})";

    internal override async Task<StepView> LookAsync(CancellationToken ct) => await files.FindAsync(ct) is not null
        ? StepView.Done("every package is built")
        : StepView.Open("a package has to be built");

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        foreach (var rpm in (await files.UnbuiltAsync(ct)).Rpms)
        {
            await world.Machine.FetchAsync(world.Workspace, rpm, ct);
            foreach (var target in rpm.Targets)
            {
                var image = ImageReference.Parse(target.Image).RelativeTo(world.Workspace.Folder);
                await world.Machine.ImagesFor(world.Machine.Open(world.Machine.EngineFor(world.Workspace.Settings, target.Name))).PullAsync(image, new ImageWish(Platform.OfRpm(target.Arch), target.ImageDigest), ct);
            }
        }

        return [];
    }
}
