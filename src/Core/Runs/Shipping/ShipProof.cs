using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Planning;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// Reads a repository as a client does, with the project's public key and nothing else: the signature over the metadata, and every file
/// that it names. There is nothing to do but to look, each time.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="plan">What.</param>
/// <param name="repository">The repository.</param>
internal sealed class ShipProof(ShipWorld world, ShipPlan plan, RepositorySettings repository) : ShipStep("verify")
{
    internal override bool IsProof => true;

    internal override IEnumerable<string> Actions() => [$"verify {repository.Name} as a client: signature of the metadata, every file it names"];

    internal override async Task<StepView> LookAsync(CancellationToken ct)
    {
        try
        {
            return StepView.Done(await ProveAsync(ct));
        }
        catch (ReleaseException ex) when (ex.Fault.Exit is not ExitCode.Environment)
        {
            return StepView.Open(ex.Message);
        }
    }

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        world.Reporter.Info(await ProveAsync(ct));
        return [];
    }

    private async Task<string> ProveAsync(CancellationToken ct)
    {
        var key = await world.Gpg.ExportAsync(plan.Settings.Signing!.Key, armor: false, ct);
        await using var trusted = await RpmVerifier.OpenAsync([key], ct);
        var targets = plan.Builds.Rpms.SelectMany(rpm => rpm.Targets.Select(target => target.Name)).ToHashSet(StringComparer.Ordinal);
        var revisions = new List<string>();
        foreach (var place in (await ServedPlace.ReadAllAsync(world.Workspace, [repository], ct)).Where(place => targets.Contains(place.Target)))
        {
            await using var store = place.Place.Store.Open();
            var served = await ServedRepository.ReadAsync(store, trusted, ct)
                ?? throw new ReleaseException(Fault.RepositoryUnverified, $"{repository.Name} serves nothing for {place.Target}.");
            revisions.Add($"{place.Target} revision {served.Metadata.Repomd.Revision}, {served.Metadata.Packages.Length} packages, signed by {served.Signer}");
        }

        return $"{repository.Name} is whole for a client: {string.Join("; ", revisions)}";
    }
}
