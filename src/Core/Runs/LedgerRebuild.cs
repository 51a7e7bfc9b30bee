using System.Globalization;
using DotnetRelease.Facts;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;
using DotnetRelease.Runs.Shipping;

namespace DotnetRelease.Runs;

/// <summary>
/// Writes down what the world shows and the ledger does not know, marked as observed: after the ledger was lost or set aside, or where
/// somebody released without it.
/// </summary>
/// <param name="world">Where; its ledger gets the facts.</param>
public sealed class LedgerRebuild(ShipWorld world)
{
    private readonly ShipHistory _history = new(world.Ledger);

    /// <summary>Reads results and repositories; returns how many facts were new.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var before = world.Ledger.Facts.Count;
        foreach (var fact in (await ResultsAsync(ct)).Concat(await ServedAsync(ct)).Concat(await ReleasedAsync(ct)).Where(fact => !_history.Knows(fact)))
        {
            await world.Ledger.AppendAsync(fact with { IsObserved = true }, ct);
        }

        return world.Ledger.Facts.Count - before;
    }

    private async Task<List<Fact>> ResultsAsync(CancellationToken ct)
    {
        var facts = new List<Fact>();
        foreach (var record in await new BuildRecords(world.Machine.Cache.Known).ReadAsync(world.Workspace, RpmRequest.DefaultOutput, ct))
        {
            foreach (var file in record.Files)
            {
                var relative = Path.Combine(RpmRequest.DefaultOutput, record.Target, Path.GetFileName(file.Name));
                var rpm = await RpmFile.ReadAsync(world.Workspace.Resolve(relative), ct);
                facts.Add(Fact.Of(rpm.Sha256 == file.Digest ? FactKind.Built : FactKind.Signed, rpm.Nevra, rpm.Sha256) with { Target = record.Target, Where = relative });
            }
        }

        return facts;
    }

    /// <summary>What cannot be reached now is left out, with a warning: the rest is worth having.</summary>
    private async Task<IEnumerable<Fact>> ReleasedAsync(CancellationToken ct)
    {
        try
        {
            return world.Workspace.Settings.Project.GitHub is null ? [] : await new StatusGitHub(world).ObserveAsync(ct);
        }
        catch (ReleaseException ex)
        {
            world.Reporter.Warning($"What is released on GitHub was not observed: {ex.Message}");
            return [];
        }
    }

    private async Task<IEnumerable<Fact>> ServedAsync(CancellationToken ct) =>
        from place in await ServedPlace.ReadAllAsync(world.Workspace, world.Workspace.Settings.Repositories, ct)
        from package in place.Metadata?.Packages ?? []
        select FactOf(place, package.Nevra, package.File.Digest) with { Where = place.AddressOf(package) };

    private static Fact FactOf(ServedPlace place, Nevra nevra, Digest digest) =>
        (Fact.Of(KindOf(place.Repository), nevra, digest) with { Target = place.Target })
            .With(FactDetail.Repository, place.Repository.Name)
            .With(FactDetail.Revision, place.Metadata!.Repomd.Revision.ToString(CultureInfo.InvariantCulture))
            .With(FactDetail.Repomd, place.Repomd!.Value.Hex);

    private static FactKind KindOf(RepositorySettings repository) => repository.PromoteFrom is null ? FactKind.Published : FactKind.Promoted;
}
