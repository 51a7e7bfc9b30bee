using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Facts;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// Brings the packages of a release into one repository, for all targets: from the result folders to the first one, and the same bytes
/// from there to the next.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="plan">What.</param>
/// <param name="files">Which bytes.</param>
/// <param name="to">The repository.</param>
internal sealed class ShipPublish(ShipWorld world, ShipPlan plan, ShipFiles files, RepositorySettings to) : ShipStep(to.PromoteFrom is null ? "publish" : "promote")
{
    private Dictionary<string, Digest?>? _bases;

    internal override bool IsOutward => true;

    internal override bool IsProduction => to == plan.Production;

    private bool IsPromotion => to.PromoteFrom is not null;

    internal override IEnumerable<string> Actions() =>
        from target in Targets()
        select IsPromotion
            ? $"promote the same bytes for {target} from {to.PromoteFrom} to {to.Name} ({to.Url})"
            : $"publish the packages for {target} in {to.Name} ({to.Url}): lock, copy, read back, serve signed metadata last, read as a client";

    internal override async Task<StepView> LookAsync(CancellationToken ct)
    {
        var places = await ReadAsync(to, ct);

        // What is acted on is what was looked at first.
        _bases ??= places.ToDictionary(place => place.Target, place => place.Repomd, StringComparer.Ordinal);
        if (await files.FindAsync(ct) is not { } there)
        {
            return StepView.Open("not everything is built");
        }

        var missing = there.Where(file => Find(places, file)?.File.Digest != file.Sha256).ToList();
        return missing is []
            ? StepView.Done($"{to.Name} serves all {there.Length} packages with these bytes") with { Facts = [.. there.Select(file => FactOf(places, file))] }
            : StepView.Open($"{to.Name} does not serve {string.Join(", ", missing.Select(file => file.Label))}");
    }

    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        await CheckUnmovedAsync(ct);
        var there = await files.TakeAsync(ct);
        if (IsPromotion)
        {
            await CheckTestedAsync(there, ct);
        }

        var run = new PublishRun(world.Workspace, world.Reporter) { Gpg = world.Gpg, WritesFacts = false };
        var options = new PublishOptions(to.Name, AllowDowngrade: false) { IsPromotion = IsPromotion, Admission = new(plan.Tag.MaintainersCommit, plan.Tag.ConfinedTo) };
        var results = await run.PublishAsync(await run.PrepareAsync([.. there.Select(file => file.Path)], options, ct), options, ct);
        if (results.FirstOrDefault(result => result.Failure is not null) is { Failure: { } failure })
        {
            throw failure;
        }

        var places = await ReadAsync(to, ct);
        return [.. there.Select(file => FactOf(places, file))];
    }

    /// <summary>Somebody else published here since the plan was shown.</summary>
    private async Task CheckUnmovedAsync(CancellationToken ct)
    {
        foreach (var place in await ReadAsync(to, ct))
        {
            if (_bases!.GetValueOrDefault(place.Target) != place.Repomd)
            {
                throw new ReleaseException(
                    Fault.ShipPlanChanged, $"{to.Name} for {place.Target} was changed by somebody else since this release began: its repomd.xml is now {place.Repomd?.Hex[..12] ?? "gone"}.")
                {
                    Remedy = "See what was published there ('dotnet release status'), then go on with --resume.",
                };
            }
        }
    }

    /// <summary>What goes to users is what the repository before serves, byte for byte.</summary>
    private async Task CheckTestedAsync(ImmutableArray<ShipFile> there, CancellationToken ct)
    {
        var before = plan.Settings.FindRepository(to.PromoteFrom!)!;
        var places = await ReadAsync(before, ct);
        if (there.FirstOrDefault(file => Find(places, file)?.File.Digest != file.Sha256) is { } other)
        {
            throw new ReleaseException(Fault.ShipPlanChanged, $"{before.Name} does not serve {other.Label} with sha256 {other.Sha256.Hex} any more, so it is not promoted to {to.Name}.")
            {
                Remedy = "See what happened there: dotnet release status --check",
            };
        }
    }

    private async Task<ServedPlace[]> ReadAsync(RepositorySettings repository, CancellationToken ct)
    {
        var targets = Targets().ToHashSet(StringComparer.Ordinal);
        var places = (await ServedPlace.ReadAllAsync(world.Workspace, [repository], ct)).Where(place => targets.Contains(place.Target)).ToArray();
        return Array.Find(places, place => place.Failure is not null) is { Failure: { } failure } ? throw failure : places;
    }

    private IEnumerable<string> Targets() => plan.Builds.Rpms.SelectMany(rpm => rpm.Targets.Select(target => target.Name)).Distinct(StringComparer.Ordinal);

    private static Metadata.IndexedPackage? Find(ServedPlace[] places, ShipFile file) => Array.Find(places, place => place.Target == file.Target)?.Find(file.Name);

    private Fact FactOf(ServedPlace[] places, ShipFile file)
    {
        var place = Array.Find(places, place => place.Target == file.Target)!;
        var package = place.Find(file.Name)!;
        return (Fact.Of(IsPromotion ? FactKind.Promoted : FactKind.Published, package.Nevra, package.File.Digest) with { Target = file.Target, Where = place.AddressOf(package) })
            .With(FactDetail.Repository, to.Name)
            .With(FactDetail.Revision, place.Metadata!.Repomd.Revision.ToString(CultureInfo.InvariantCulture))
            .With(FactDetail.Repomd, place.Repomd!.Value.Hex);
    }
}
