using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Repositories;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// Fetches what the first repository serves under the planned names and this machine does not have: on a fresh machine, a package that
/// did not change since the last release is taken and not built again, because a published version never gets other bytes.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="plan">What.</param>
/// <param name="files">What is there.</param>
internal sealed class ShipReuse(ShipWorld world, ShipPlan plan, ShipFiles files) : ShipStep("reuse")
{
    internal override IEnumerable<string> Actions() => [$"fetch what {plan.Staging?.Name} serves under the planned names and nobody built here; it is not built again"];

    internal override async Task<StepView> LookAsync(CancellationToken ct) => await files.ReusableAsync(ct) switch
    {
        [] => StepView.Done("nothing that has to be built is published already"),
        var reusable => StepView.Open($"{plan.Staging?.Name} serves {string.Join(", ", reusable.Select(each => Path.GetFileName(each.Path)))}"),
    };

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        foreach (var (place, package, path) in await files.ReusableAsync(ct))
        {
            await using var store = place.Place.Store.Open();
            await using var stream = await store.OpenAsync(package.File.Location, ct)
                ?? throw new ReleaseException(Fault.RepositoryUnverified, $"'{store.At(package.File.Location)}', which the metadata names, is missing.");
            await Durable.WriteAsync(path, async target =>
            {
                var digest = await StoreReading.CopyAsync(stream, target, ct);
                if (digest != package.File.Digest)
                {
                    throw new ReleaseException(Fault.RepositoryUnverified, $"'{store.At(package.File.Location)}' has sha256 {digest.Hex}, and the metadata promises {package.File.Digest.Hex}.");
                }
            }, ct);
            world.Reporter.Info($"{Path.GetFileName(path)} is taken from {place.Repository.Name} (sha256 {package.File.Digest.Hex[..12]})");
        }

        files.Forget();
        return [];
    }
}
