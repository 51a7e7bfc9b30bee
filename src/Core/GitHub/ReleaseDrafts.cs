using System.Collections.Immutable;

namespace DotnetRelease.GitHub;

/// <summary>
/// Sees to it that there is one draft for a tag, and that it is ours: found by tag and marker over all pages, made when missing, and
/// never one that was made from another commit.
/// </summary>
/// <param name="releases">The API.</param>
public sealed class ReleaseDrafts(GitHubReleases releases)
{
    private const int Attempts = 3;

    private IReporter Reporter => releases.Client.Context.Reporter;

    /// <summary>Finds or makes the draft. Doing it again, also at the same time from elsewhere, ends with the same one.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.ReleaseOfOtherCommit"/>, <see cref="Fault.ReleaseAmbiguous"/>, <see cref="Fault.TagBurned"/>, and what the API says.
    /// </exception>
    public async Task<DraftReceipt> EnsureAsync(DraftRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        for (var attempt = 1; ; attempt++)
        {
            var found = await FindAsync(request, ct);
            if (found is not null)
            {
                return found;
            }

            FailPoint.At("github.draft");
            try
            {
                var created = await releases.CreateDraftAsync(request, ct);
                FailPoint.At("github.draft.created");
                return await KeepLowestAsync(request, created, ct);
            }
            catch (ReleaseException ex) when (attempt < Attempts && (ex.Fault == Fault.RemoteFailed || ex.Fault == Fault.RemoteStalled))
            {
                // Nobody knows whether it was made: the list does.
                Reporter.Info($"{ex.Message} Looking whether there is a draft now.");
            }
        }
    }

    /// <summary>The release that there is for the tag, or null: what <see cref="EnsureAsync"/> would start from, without a change.</summary>
    public async Task<Release?> LookAsync(string tag, CancellationToken ct)
    {
        var all = (await releases.ListAsync(ct)).Where(release => release.Tag == tag).OrderBy(release => release.Id).ToList();
        return all.Find(release => !release.IsDraft) ?? all.Find(release => release.Marker is not null) ?? all.FirstOrDefault();
    }

    private async Task<DraftReceipt?> FindAsync(DraftRequest request, CancellationToken ct)
    {
        ImmutableArray<Release> same = [.. (await releases.ListAsync(ct)).Where(release => release.Tag == request.Tag).OrderBy(release => release.Id)];
        if (same.FirstOrDefault(release => !release.IsDraft) is { } published)
        {
            RefuseOther(published, request);
            return new(published, DraftOrigin.Published);
        }

        var ours = same.Where(release => release.Marker is not null).ToList();
        ours.ForEach(release => RefuseOther(release, request));
        if (ours is [var first, .. var later])
        {
            await RemoveAsync(later, first, ct);
            return new(await UpdateAsync(first, request, ct), DraftOrigin.Reused);
        }

        return same switch
        {
            [] => null,
            [var one] => new(await AdoptAsync(one, request, ct), DraftOrigin.Adopted),
            _ => throw new ReleaseException(Fault.ReleaseAmbiguous, $"There are {same.Length} drafts for {request.Tag} that this tool did not make: {string.Join(", ", same.Select(release => release.Page))}.")
            {
                Remedy = "Delete all but the one that is meant, then run the command again.",
            },
        };
    }

    /// <summary>Two runs may make a draft in the same moment. Both see both, and the lower id stays.</summary>
    private async Task<DraftReceipt> KeepLowestAsync(DraftRequest request, Release created, CancellationToken ct)
    {
        // The list may be older than what was just made.
        var ours = (await releases.ListAsync(ct)).Where(release => release.IsDraft && release.Tag == request.Tag && release.Marker is not null)
            .Append(created).DistinctBy(release => release.Id).OrderBy(release => release.Id).ToList();
        ours.ForEach(release => RefuseOther(release, request));
        await RemoveAsync([.. ours.Skip(1).Where(release => release.Id == created.Id)], ours[0], ct);
        return new(ours[0], ours[0].Id == created.Id ? DraftOrigin.Created : DraftOrigin.Reused);
    }

    private async Task RemoveAsync(List<Release> superfluous, Release kept, CancellationToken ct)
    {
        foreach (var release in superfluous)
        {
            if ((await releases.AssetsAsync(release.Id, ct)).Length > 0)
            {
                throw new ReleaseException(Fault.ReleaseAmbiguous, $"There are two drafts for {release.Tag} with files in them: {kept.Page} and {release.Page}.")
                {
                    Remedy = "Delete one of them, then run the command again.",
                };
            }

            Reporter.Info($"Removing draft {release.Id}, a second one for {release.Tag}; {kept.Id} stays.");
            await releases.DeleteAsync(release.Id, ct);
        }
    }

    private static void RefuseOther(Release release, DraftRequest request)
    {
        if (release.Marker is { } marker && !string.Equals(marker.Commit, request.Commit, StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.ReleaseOfOtherCommit, $"The release {release} was made from commit {marker.Commit}, and this is {request.Commit}. It was not touched.")
            {
                Remedy = release.IsDraft ? "Delete that draft if it is not wanted any more, or release the commit it was made from." : "Release this commit under a new version.",
            };
        }
    }

    private async Task<Release> AdoptAsync(Release draft, DraftRequest request, CancellationToken ct)
    {
        if (draft.Target.Length >= 40 && draft.Target.All(char.IsAsciiHexDigitLower) && !string.Equals(draft.Target, request.Commit, StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.ReleaseOfOtherCommit, $"The draft {draft} is for commit {draft.Target}, and this is {request.Commit}. It was not touched.")
            {
                Remedy = "Delete that draft, or change its target.",
            };
        }

        Reporter.Info($"Using {draft}, which a person made; its title and notes stay.");
        return await EditBodyAsync(draft, request.Marker.AppendTo(draft.Body), ct);
    }

    /// <summary>Notes that changed since, and a plan that did, are brought up to date; a draft has no readers yet.</summary>
    private Task<Release> UpdateAsync(Release draft, DraftRequest request, CancellationToken ct)
    {
        var body = request.Notes is null ? request.Marker.AppendTo(draft.Body) : request.Body;
        return string.Equals(draft.Body.ReplaceLineEndings("\n"), body, StringComparison.Ordinal) ? Task.FromResult(draft) : EditBodyAsync(draft, body, ct);
    }

    private Task<Release> EditBodyAsync(Release draft, string body, CancellationToken ct)
    {
        FailPoint.At("github.draft.edit");
        return releases.EditAsync(draft.Id, json => json.WriteString("body", body), $"writing the notes of {draft.Tag}", ct);
    }
}
