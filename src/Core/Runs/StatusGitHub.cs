using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.GitHub;
using DotnetRelease.Runs.Shipping;

namespace DotnetRelease.Runs;

/// <summary>Compares releases on GitHub with what the ledger says was uploaded, and reads there what it does not know.</summary>
/// <param name="world">Where.</param>
internal sealed class StatusGitHub(ShipWorld world)
{
    /// <summary>Older releases are not asked for each time.</summary>
    private const int Releases = 20;

    private readonly GitHubRun _run = new(world.Workspace, new GitHubContext(world.Reporter, TimeProvider.System));

    /// <summary>Assets that are missing, different or extra, and releases that are gone.</summary>
    internal async Task<ImmutableArray<Drift>> FindAsync(CancellationToken ct)
    {
        var uploads = world.Ledger.Facts.Where(fact => fact.Kind is FactKind.Uploaded && fact.Details.ContainsKey(FactDetail.Asset) && fact.Details.ContainsKey(FactDetail.Tag))
            .GroupBy(fact => fact.Details[FactDetail.Tag], StringComparer.Ordinal)
            .Where(tag => world.Ledger.Facts.Exists(fact => fact.Kind is FactKind.Released && fact.Details.GetValueOrDefault(FactDetail.Tag) == tag.Key))
            .TakeLast(Releases).ToList();
        if (world.Workspace.Settings.Project.GitHub is null || uploads is [])
        {
            return [];
        }

        using var session = await ConnectAsync(ct);
        var drift = ImmutableArray.CreateBuilder<Drift>();
        foreach (var tag in uploads)
        {
            drift.AddRange(await CompareAsync(session, tag.Key, tag.GroupBy(fact => fact.Details[FactDetail.Asset], StringComparer.Ordinal).ToDictionary(asset => asset.Key, asset => asset.Last().Digest!.Value, StringComparer.Ordinal), ct));
        }

        return drift.ToImmutable();
    }

    /// <summary>What releases of ours hold.</summary>
    internal async Task<ImmutableArray<Fact>> ObserveAsync(CancellationToken ct)
    {
        using var session = await ConnectAsync(ct);
        var facts = ImmutableArray.CreateBuilder<Fact>();
        foreach (var release in (await session.Releases.ListAsync(ct)).Where(release => release is { IsDraft: false, Marker: not null }).OrderBy(release => release.Id).TakeLast(Releases))
        {
            var about = new Fact(FactKind.Uploaded)
            {
                Package = world.Workspace.Settings.Project.Name,
                Version = ReleaseTag.VersionOf(release.Tag, world.Workspace.Settings.Project),
                Where = AddressOf(_run.Place(), release.Tag),
            }.With(FactDetail.Tag, release.Tag);
            facts.AddRange((await session.Releases.AssetsAsync(release.Id, ct)).Where(asset => asset is { IsComplete: true, Digest: not null } && !IsChecksum(asset.Name))
                .Select(asset => (about with { Digest = asset.Digest }).With(FactDetail.Asset, asset.Name)));
            facts.Add((about with { Kind = FactKind.Released, Digest = release.Marker!.Plan, Where = null }).With(FactDetail.Commit, release.Marker.Commit));
        }

        return facts.ToImmutable();
    }

    /// <summary>What a person calls a release; the same before and after it is public.</summary>
    internal static string AddressOf(GitHubPlace place, string tag) => $"https://{place.WebHost}/{place.Repository}/releases/tag/{tag}";

    private static async Task<ImmutableArray<Drift>> CompareAsync(GitHubSession session, string tag, Dictionary<string, Digest> uploaded, CancellationToken ct)
    {
        if (await session.Releases.FindPublishedAsync(tag, ct) is not { } release)
        {
            return [new Drift("missing", $"GitHub {tag}", $"GitHub has no published release of {tag} any more.")];
        }

        var assets = await session.Releases.AssetsAsync(release.Id, ct);
        var drift = ImmutableArray.CreateBuilder<Drift>();
        foreach (var (name, digest) in uploaded)
        {
            if (assets.FirstOrDefault(asset => asset.Name == name && asset.IsComplete) is not { } asset)
            {
                drift.Add(new Drift("missing", $"GitHub {tag}", $"The release {tag} on GitHub has no asset {name} any more."));
            }
            else if ((asset.Digest ?? await session.Releases.DigestOfAsync(asset, ct)) is var there && there != digest)
            {
                drift.Add(new Drift("different", $"GitHub {tag}", $"The asset {name} of {tag} has sha256 {there.Hex}; uploaded was {digest.Hex}."));
            }
        }

        drift.AddRange(assets.Where(asset => !uploaded.ContainsKey(asset.Name) && !IsChecksum(asset.Name))
            .Select(asset => new Drift("extra", $"GitHub {tag}", $"The release {tag} has the asset {asset.Name}, and the ledger does not know who uploaded it.")));
        return drift.ToImmutable();
    }

    /// <summary>Their bytes follow from the others'.</summary>
    private static bool IsChecksum(string asset) => asset is Checksums.FileName or Checksums.SignatureName;

    private async Task<GitHubSession> ConnectAsync(CancellationToken ct) => await _run.ConnectAsync(await _run.Tokens(new GitHubOptions()).FindAsync(ct), ct);
}
