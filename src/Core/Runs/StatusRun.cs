using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Planning;
using DotnetRelease.Runs.Shipping;

namespace DotnetRelease.Runs;

/// <summary>
/// Where is my package now? Read from the world: results on disk, repositories as clients see them, the release on GitHub. The ledger
/// adds what the world cannot show: that something is gone which was there.
/// </summary>
/// <param name="world">Where.</param>
public sealed class StatusRun(ShipWorld world)
{
    /// <summary>Reads the state.</summary>
    /// <param name="check">Prove every package by its bytes and every signature, instead of believing what repositories say about themselves.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<ReleaseStatus> ReadAsync(bool check, CancellationToken ct)
    {
        var settings = world.Workspace.Settings;
        var places = await ServedPlace.ReadAllAsync(world.Workspace, settings.Repositories, ct);
        var plan = await PlanAsync(ct);
        var built = await new BuildRecords(world.Machine.Cache.Known).ReadAsync(world.Workspace, RpmRequest.DefaultOutput, ct);
        var files = await new StatusFiles(world, places).FindAsync(plan, built, ct);
        var drift = new LedgerDrift(world.Ledger.Facts, places);
        ImmutableArray<PackageDrift> found =
        [
            .. Unreadable(places),
            .. drift.Find(),
            .. check ? await new StatusProof(world, places).FindAsync(ct) : [],
            .. check ? drift.Extra(files) : [],
        ];
        // Ledger and signed record may both have seen the same rollback.
        var status = StatusRows.Join(files, [.. found.DistinctBy(each => each.Kind is "rolled-back" ? (object)(each.Kind, each.Place) : each)]) with { Refusals = Refusals(), Failure = LastFailure() };
        return check ? status with { Drift = status.Drift.AddRange(await new StatusGitHub(world).FindAsync(ct)) } : status;
    }

    /// <summary>What has to exist, told without a network; a plan that cannot be made is a warning, because packages are somewhere all the same.</summary>
    private async Task<ReleasePlan> PlanAsync(CancellationToken ct)
    {
        try
        {
            var wanted = new PlanRequest([.. world.Workspace.Settings.Rpms.Select(rpm => rpm.Name)], []);
            var run = new PlanRun(world.Workspace, world.Machine.Cache.Known) { Resolve = world.Machine.Images.ResolveAsync, OnlyLocal = true, ImagesMayStayOpen = true };
            return (await run.MakeAsync(new PlanRange(null, null), wanted, ct)).Plan;
        }
        catch (ReleaseException ex)
        {
            world.Reporter.Warning($"What is planned is not known: {ex.Message}", ex.Position);
            return new ReleasePlan([], []);
        }
    }

    private static IEnumerable<PackageDrift> Unreadable(IEnumerable<ServedPlace> places) =>
        from place in places
        where place.Failure is not null
        select new PackageDrift(place, null, "unreadable", $"{place.Place.Store} cannot be read: {place.Failure!.Message}");

    private ImmutableArray<Fact> Refusals() =>
    [
        .. world.Ledger.Facts.Where(fact => fact.Kind is FactKind.TagAccepted or FactKind.TagRefused && fact.Details.ContainsKey(FactDetail.Tag))
            .GroupBy(fact => fact.Details[FactDetail.Tag], StringComparer.Ordinal)
            .Select(decisions => decisions.Last())
            .Where(last => last.Kind is FactKind.TagRefused),
    ];

    private Fact? LastFailure()
    {
        var last = world.Ledger.Facts.FindLast(fact => fact.Kind is not (FactKind.TagAccepted or FactKind.TagRefused or FactKind.Planned));
        return last is { Kind: FactKind.Failed } ? last : null;
    }
}
