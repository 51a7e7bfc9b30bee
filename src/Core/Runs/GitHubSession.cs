using System.Collections.Immutable;
using DotnetRelease.GitHub;
using DotnetRelease.Http;

namespace DotnetRelease.Runs;

/// <summary>The steps of a release that need GitHub. Each gives a receipt, and each may be done again.</summary>
public sealed class GitHubSession : IDisposable
{
    private readonly GitHubContext _context;
    private readonly HttpDoor _door;
    private GitHubClient _client;

    internal GitHubSession(GitHubPlace place, GitHubToken? token, GitHubContext context)
    {
        _context = context;
        _door = new HttpDoor(context.Http, context.Reporter);
        _client = new GitHubClient(_door, place, token, context);
    }

    /// <summary>What the repository is called today, and what the token may do there.</summary>
    public GitHubRepository? Repository { get; private set; }

    /// <summary>The API.</summary>
    public GitHubReleases Releases => new(_client);

    /// <summary>Tags and pull requests.</summary>
    public GitHubHistory History => new(_client);

    /// <summary>Finds or makes the draft of a release.</summary>
    public Task<DraftReceipt> EnsureDraftAsync(SealedRelease release, ReleaseNotes notes, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(notes);
        RequireRights();
        var plan = release.Plan;
        var request = new DraftRequest(plan.Tag.Name, plan.Tag.Commit, plan.Options.Plan ?? release.Checksums.Digest)
        {
            Notes = notes.Text,
            IsPrerelease = plan.Tag.IsPrerelease,
        };
        return new ReleaseDrafts(Releases).EnsureAsync(request, ct);
    }

    /// <summary>Uploads what is missing. A signature that is there already and good is taken over instead of being in conflict with a newer one.</summary>
    /// <returns>Proof, and the release as it was uploaded.</returns>
    public async Task<(UploadReceipt Receipt, SealedRelease Release)> UploadAsync(SealedRelease release, DraftReceipt draft, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(draft);
        var adopted = await AdoptSignatureAsync(release, draft.Release, ct);
        var request = new UploadRequest(draft.Release, adopted.Files) { Replace = adopted.Plan.Options.Replace };
        return (await new AssetUploader(Releases).UploadAsync(request, ct), adopted);
    }

    /// <summary>Adds files to a release that is there, whoever made it.</summary>
    /// <param name="tag">Its tag; null: the newest draft.</param>
    /// <param name="files">What to add.</param>
    /// <param name="replace">Replace complete assets that have other bytes.</param>
    /// <param name="ct">Ends the upload.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.GitHubNotFound"/>: there is no such release; and what an upload says.</exception>
    public async Task<(Release Release, UploadReceipt Receipt)> AddAsync(string? tag, ImmutableArray<AssetFile> files, bool replace, CancellationToken ct)
    {
        RequireRights();
        var release = tag is null
            ? (await Releases.ListAsync(ct)).Where(release => release.IsDraft).MaxBy(release => release.Id)
            : await new ReleaseDrafts(Releases).LookAsync(tag, ct);
        if (release is null)
        {
            throw new ReleaseException(Fault.GitHubNotFound, $"{_client.Place.Repository} has no {(tag is null ? "draft" : $"release of {tag}")}.")
            {
                Remedy = "'dotnet release github upload' makes one.",
            };
        }

        return (release, await new AssetUploader(Releases).UploadAsync(new UploadRequest(release, files) { Replace = replace }, ct));
    }

    /// <summary>Makes the release public, or proves that it is.</summary>
    public Task<PublishReceipt> PublishAsync(SealedRelease release, DraftReceipt draft, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(draft);
        var tag = release.Plan.Tag;
        return new ReleasePublisher(Releases, History).PublishAsync(new PublishRequest(draft.Release.Id, tag.Name, tag.Commit, release.Files), ct);
    }

    /// <summary>Downloads a release as this session sees it and compares it with its signed checksums.</summary>
    /// <param name="tag">Its tag.</param>
    /// <param name="certificate">Public keys that may have signed.</param>
    /// <param name="ct">Ends the downloads.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.GitHubNotFound"/>, <see cref="Fault.ReleaseUnverified"/>.</exception>
    public async Task<ReleaseReport> VerifyAsync(string tag, ReadOnlyMemory<byte> certificate, CancellationToken ct)
    {
        var release = _client.Token is null ? await Releases.FindPublishedAsync(tag, ct) : await new ReleaseDrafts(Releases).LookAsync(tag, ct);
        if (release is null)
        {
            throw new ReleaseException(Fault.GitHubNotFound, $"{_client.Place.Repository} has no release of {tag} that {(_client.Token is null ? "strangers" : "this token")} can see.")
            {
                Remedy = _client.Token is null ? "A draft or a private repository needs a token: GITHUB_TOKEN, or --token-file FILE." : "See 'dotnet release github upload --help'.",
            };
        }

        var report = await new ReleaseVerifier(Releases, _door).VerifyAsync(release, certificate, ct);
        if (release is { IsDraft: false, Marker: { } marker } && await History.CommitOfTagAsync(tag, ct) is var commit && commit != marker.Commit)
        {
            var moved = new AssetFinding($"tag {tag}", null, $"leads to {commit ?? "nothing"}, and the release says that it was made from {marker.Commit}");
            report = report with { Items = [.. report.Items, moved] };
        }

        return report;
    }

    /// <inheritdoc/>
    public void Dispose() => _door.Dispose();

    /// <summary>A renamed repository is found by its old name, but what changes something has to use the new one.</summary>
    internal async Task LookAsync(CancellationToken ct)
    {
        Repository = await History.RepositoryAsync(ct);
        if (!string.Equals(Repository.Name, _client.Place.Repository, StringComparison.OrdinalIgnoreCase))
        {
            _context.Reporter.Warning($"{_client.Place.Repository} is called {Repository.Name} now. Change project.github.");
            _client = new GitHubClient(_door, _client.Place with { Repository = Repository.Name }, _client.Token, _context);
        }
    }

    internal void RequireRights()
    {
        if (Repository is { MayPush: false } repository)
        {
            throw new ReleaseException(Fault.GitHubUnauthorized, $"The token from {_client.Token} may read {repository.Name} and not change it.")
            {
                Remedy = "It needs the permission contents=write (classic: the scope repo).",
            };
        }
    }

    private async Task<SealedRelease> AdoptSignatureAsync(SealedRelease release, Release draft, CancellationToken ct)
    {
        if (release.Signature is not { } own)
        {
            return release;
        }

        var there = await Releases.AssetsAsync(draft.Id, ct);
        var same = there.Any(asset => asset.Name == Checksums.FileName && asset.Digest == release.Checksums.Digest);
        var other = there.FirstOrDefault(asset => asset is { Name: Checksums.SignatureName, IsComplete: true, Size: <= ChecksumSignature.SizeLimit } && asset.Digest != own.File.Digest);
        if (!same || other is null)
        {
            return release;
        }

        try
        {
            // Every signing gives other bytes; two good signatures of the same list are equally good.
            var bytes = await Releases.ReadAsync(other, ct);
            var checksums = await File.ReadAllBytesAsync(release.Checksums.Path, ct);
            return release with { Signature = await GitHubSignature.WriteAsync(own.File.Path, bytes, (checksums, own.Certificate), ct) };
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.ReleaseUnverified)
        {
            return release;
        }
    }
}
