using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.GitHub;

namespace DotnetRelease.Runs.Shipping;

/// <summary>The release on GitHub as its steps share it: one connection, and what goes into it.</summary>
/// <param name="world">Where.</param>
/// <param name="plan">What.</param>
internal sealed class ShipGitHub(ShipWorld world, ShipPlan plan) : IDisposable
{
    private readonly GitHubRun _run = new(world.Workspace, new GitHubContext(world.Reporter, TimeProvider.System)) { Gpg = world.Gpg };
    private readonly GitHubOptions _options = new() { Tag = plan.Tag.Name, Plan = plan.Digest };
    private GitHubSession? _session;
    private SealedRelease? _sealed;

    /// <summary>What a person calls it; the same before and after it is public.</summary>
    internal string Address => StatusGitHub.AddressOf(_run.Place(), plan.Tag.Name);

    /// <summary>The release that there is, with its assets; null: none.</summary>
    internal async Task<(Release Release, ImmutableArray<Asset> Assets)?> FindAsync(CancellationToken ct)
    {
        var releases = (await ConnectAsync(ct)).Releases;
        return await new ReleaseDrafts(releases).LookAsync(plan.Tag.Name, ct) is { } found ? (found, await releases.AssetsAsync(found.Id, ct)) : null;
    }

    /// <summary>Whether the token may publish, and whether the tag on GitHub is the one that is released.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.GitHubUnauthorized"/>, <see cref="Fault.TagMissing"/> or <see cref="Fault.ShipPlanChanged"/>.</exception>
    internal async Task CheckAsync(CancellationToken ct)
    {
        var session = await ConnectAsync(ct);
        session.RequireRights();
        var commit = await session.History.CommitOfTagAsync(plan.Tag.Name, ct);
        if (commit is null)
        {
            throw new ReleaseException(Fault.TagMissing, $"GitHub has no tag {plan.Tag.Name} in {_run.Place().Repository}.") { Remedy = $"Push it: git push origin refs/tags/{plan.Tag.Name}" };
        }

        if (commit != plan.Tag.Commit)
        {
            throw new ReleaseException(Fault.ShipPlanChanged, $"Tag {plan.Tag.Name} on GitHub leads to commit {commit}, and this release is made from {plan.Tag.Commit}.")
            {
                Remedy = "Find out who moved it. A tag that was published once is never moved: make a new version.",
            };
        }
    }

    /// <summary>What would be uploaded; null while a file is not there yet.</summary>
    internal async Task<GitHubPlan?> TryPlanAsync(CancellationToken ct)
    {
        try
        {
            return await _run.PlanAsync(_options, await _run.Tokens(_options).RequireAsync(ct), ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.AssetNotFound)
        {
            return null;
        }
    }

    /// <summary>The files with their checksums, signed. Only after everything is built and signed.</summary>
    internal async Task<SealedRelease> SealAsync(CancellationToken ct) =>
        _sealed ??= await _run.SealAsync(await _run.PlanAsync(_options, await _run.Tokens(_options).RequireAsync(ct), ct), ct);

    /// <summary>The one draft, made or found.</summary>
    internal async Task<DraftReceipt> EnsureDraftAsync(CancellationToken ct)
    {
        var (session, release) = (await ConnectAsync(ct), await SealAsync(ct));
        var notes = await new NotesRun(world.Workspace).WriteAsync(release.Plan.Tag, null, () => Task.FromResult(session), ct);
        return await session.EnsureDraftAsync(release, notes, ct);
    }

    internal async Task<UploadReceipt> UploadAsync(CancellationToken ct)
    {
        var draft = await EnsureDraftAsync(ct);
        (var receipt, _sealed) = await (await ConnectAsync(ct)).UploadAsync(await SealAsync(ct), draft, ct);
        return receipt;
    }

    internal async Task<PublishReceipt> PublishAsync(CancellationToken ct)
    {
        var draft = await EnsureDraftAsync(ct);
        return await (await ConnectAsync(ct)).PublishAsync(await SealAsync(ct), draft, ct);
    }

    /// <summary>Downloads everything without a token, as users do.</summary>
    internal async Task<ReleaseReport> VerifyAsync(CancellationToken ct)
    {
        var certificate = await world.Gpg.ExportAsync(plan.Settings.Signing!.Key, armor: false, ct);
        return (await _run.VerifyAsync(plan.Tag.Name, certificate, _options, ct)).Report;
    }

    /// <summary>How each file compares with what is there.</summary>
    internal async Task<ImmutableArray<AssetState>> CompareAsync(ImmutableArray<AssetFile> files, ImmutableArray<Asset> there, CancellationToken ct) =>
        await new AssetUploader((await ConnectAsync(ct)).Releases).CompareAsync(files, there, ct);

    internal Fact FactOf(string asset, Digest digest) => new Fact(FactKind.Uploaded)
    {
        Package = plan.Settings.Project.Name,
        Version = plan.Tag.Version,
        Digest = digest,
        Where = Address,
    }.With(FactDetail.Asset, asset);

    /// <inheritdoc/>
    public void Dispose() => _session?.Dispose();

    private async Task<GitHubSession> ConnectAsync(CancellationToken ct) => _session ??= await _run.ConnectAsync(await _run.Tokens(_options).RequireAsync(ct), ct);
}
