using System.Collections.Immutable;

namespace DotnetRelease.GitHub;

/// <summary>Makes a draft public, last of all: what it has is compared once more, and the tag has to lead to the commit, before and after.</summary>
/// <param name="releases">The API.</param>
/// <param name="history">Tags.</param>
public sealed class ReleasePublisher(GitHubReleases releases, GitHubHistory history)
{
    private const int Attempts = 3;

    private GitHubContext Context => releases.Client.Context;

    /// <summary>Publishes a release; one that is public already is only checked.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.AssetConflict"/>, <see cref="Fault.TagElsewhere"/>, <see cref="Fault.TagBurned"/> (the draft is removed then), and
    /// what the API says.
    /// </exception>
    public async Task<PublishReceipt> PublishAsync(PublishRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var release = await ReadAsync(request, ct);
        await ProveAssetsAsync(request, release, ct);
        await ProveTagAsync(request, ct);
        var wasDraft = release.IsDraft;
        if (wasDraft)
        {
            release = await PublishAsync(release, ct);
            FailPoint.At("github.published");
            await ProveTagAsync(request, ct);
        }

        return new PublishReceipt(release, request.Commit, wasDraft);
    }

    private async Task<Release> PublishAsync(Release draft, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            FailPoint.At("github.publish");
            try
            {
                _ = await releases.EditAsync(draft.Id, json => json.WriteBoolean("draft", false), $"publishing {draft.Tag}", ct);
            }
            catch (ReleaseException ex) when (ex.Fault == Fault.TagBurned)
            {
                // Case 78: this draft can never be published, and it would lie there for ever.
                await releases.DeleteAsync(draft.Id, CancellationToken.None);
                throw new ReleaseException(Fault.TagBurned, $"{ex.Message.TrimEnd('.')}. Draft {draft.Id} was removed.", inner: ex);
            }
            catch (ReleaseException ex) when (attempt < Attempts && (ex.Fault == Fault.RemoteFailed || ex.Fault == Fault.RemoteStalled))
            {
                Context.Reporter.Info($"{ex.Message} Looking whether it is public now.");
            }

            var now = await releases.FindAsync(draft.Id, ct) ?? throw Gone(draft.Id, draft.Tag);
            if (!now.IsDraft)
            {
                return now.Tag == draft.Tag ? now : throw new ReleaseException(Fault.TagElsewhere, $"The release that was published for {draft.Tag} says {now.Tag}: {now.Page}.");
            }

            if (attempt == Attempts)
            {
                throw new ReleaseException(Fault.GitHubFailed, $"publishing {draft.Tag}: GitHub still shows it as a draft after {Attempts} attempts.");
            }
        }
    }

    private async Task<Release> ReadAsync(PublishRequest request, CancellationToken ct)
    {
        var release = await releases.FindAsync(request.Release, ct) ?? throw Gone(request.Release, request.Tag);
        return release.Tag == request.Tag ? release : throw new ReleaseException(Fault.ReleaseAmbiguous, $"Release {release.Id} is for {release.Tag} now, not for {request.Tag}.");
    }

    private async Task ProveAssetsAsync(PublishRequest request, Release release, CancellationToken ct)
    {
        var there = await releases.AssetsAsync(release.Id, ct);
        var states = await new AssetUploader(releases).CompareAsync(request.Files, there, ct);
        var wrong = request.Files.Zip(states).Where(pair => pair.Second is not AssetState.Same).Select(pair => $"{pair.First.Name} ({pair.Second})").ToList();
        if (wrong.Count > 0)
        {
            throw new ReleaseException(Fault.AssetConflict, $"The release {release} is not complete: {string.Join(", ", wrong)}.")
            {
                Remedy = "Upload them first: dotnet release github upload",
            };
        }

        var foreign = there.Select(asset => asset.Name).Except(request.Files.Select(file => file.Name), StringComparer.Ordinal).ToList();
        if (foreign.Count > 0)
        {
            throw new ReleaseException(Fault.AssetConflict, $"The release {release} has files that are not in the checksums: {string.Join(", ", foreign)}. It was not published.")
            {
                Remedy = "Delete them on its page, or add them to github.assets.",
            };
        }
    }

    private async Task ProveTagAsync(PublishRequest request, CancellationToken ct)
    {
        var commit = await history.CommitOfTagAsync(request.Tag, ct);
        if (!string.Equals(commit, request.Commit, StringComparison.Ordinal))
        {
            throw new ReleaseException(
                Fault.TagElsewhere,
                commit is null ? $"There is no tag {request.Tag} on GitHub; it was not published." : $"The tag {request.Tag} leads to {commit} on GitHub, and the release was made from {request.Commit}.")
            {
                Remedy = commit is null ? $"Push it: git push origin {request.Tag}" : "Find out who moved the tag.",
            };
        }
    }

    private static ReleaseException Gone(long id, string tag) => new(Fault.GitHubNotFound, $"Release {id} for {tag} is not there any more.")
    {
        Remedy = "Run the command again; it makes a new draft.",
    };
}

/// <summary>What is to become public.</summary>
/// <param name="Release">Id.</param>
/// <param name="Tag">Its tag.</param>
/// <param name="Commit">Where the tag has to lead.</param>
/// <param name="Files">All that it may have, the checksums and their signature included.</param>
public sealed record PublishRequest(long Release, string Tag, string Commit, ImmutableArray<AssetFile> Files);

/// <summary>Proof that a release is public, complete, and of the right commit.</summary>
/// <param name="Release">As it is now.</param>
/// <param name="Commit">Where its tag leads.</param>
/// <param name="IsNew">False when it was public before.</param>
public sealed record PublishReceipt(Release Release, string Commit, bool IsNew);
