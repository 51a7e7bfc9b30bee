using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DotnetRelease.GitHub;

/// <summary>What the repository knows about commits and pull requests.</summary>
/// <param name="client">Talks.</param>
public sealed partial class GitHubHistory(GitHubClient client)
{
    /// <summary>Tags of tags of tags; nobody means that.</summary>
    private const int TagDepth = 5;

    private string Root => $"repos/{client.Place.Repository}";

    /// <summary>The repository under its name of today; a renamed one is found by the old name.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.GitHubNotFound"/>, <see cref="Fault.GitHubUnauthorized"/>.</exception>
    public async Task<GitHubRepository> RepositoryAsync(CancellationToken ct)
    {
        var answer = await client.GetAsync(Root, "looking at the repository", ct);
        return answer.Status is HttpStatusCode.OK
            ? new(Json.RequiredText(answer.Root, "full_name"), Json.Text(answer.Root, "default_branch") ?? "main", Json.Flag(answer.Root, "private"), Permission(answer.Root))
            : throw client.Failure(new GitHubAsk(HttpMethod.Get, client.Place.At(Root)) { What = "looking at the repository" }, answer);
    }

    /// <summary>The commit that a tag leads to, tag objects followed; null when there is no such tag.</summary>
    public async Task<string?> CommitOfTagAsync(string tag, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(tag);
        var name = string.Join('/', tag.Split('/').Select(Uri.EscapeDataString));
        var path = $"{Root}/git/ref/tags/{name}";
        for (var depth = 0; depth < TagDepth; depth++)
        {
            var answer = await client.GetAsync(path, $"looking for the tag {tag}", ct);
            if (answer.Status is HttpStatusCode.NotFound)
            {
                return null;
            }

            var target = Json.Find(answer.Root, "object");
            var id = Json.Text(target, "sha");
            if (answer.Status is not HttpStatusCode.OK || id is null || !ObjectId().IsMatch(id))
            {
                throw client.Failure(new GitHubAsk(HttpMethod.Get, client.Place.At(path)) { What = $"looking for the tag {tag}" }, answer);
            }

            switch (Json.Text(target, "type"))
            {
                case "commit":
                    return id;
                case "tag":
                    path = $"{Root}/git/tags/{id}";
                    break;
                default:
                    throw new ReleaseException(Fault.TagElsewhere, $"The tag {tag} on GitHub leads to no commit.");
            }
        }

        throw new ReleaseException(Fault.TagElsewhere, $"The tag {tag} on GitHub leads to tags of tags.");
    }

    /// <summary>Pull requests that were merged after a time, newest first, over all pages.</summary>
    public async Task<ImmutableArray<PullRequest>> MergedAsync(DateTimeOffset? since, CancellationToken ct)
    {
        var merged = ImmutableArray.CreateBuilder<PullRequest>();
        await foreach (var item in client.ListAsync($"{Root}/pulls?state=closed&sort=updated&direction=desc&per_page=100", "listing the pull requests", ct))
        {
            // Sorted by their last change, which is never before the merge: from here on all are older.
            if (Json.Time(item, "updated_at") < since)
            {
                break;
            }

            if (Json.Time(item, "merged_at") is { } at && !(at <= since))
            {
                merged.Add(PullOf(item, at));
            }
        }

        return [.. merged.OrderByDescending(pull => pull.Merged).ThenBy(pull => pull.Number)];
    }

    private static PullRequest PullOf(JsonElement json, DateTimeOffset merged)
    {
        var number = Json.RequiredNumber(json, "number");
        var fixes = Fixes().Matches(Json.Text(json, "body") ?? "").Select(match => long.Parse(match.Groups["issue"].Value)).Distinct().Order();
        return new PullRequest(number, Json.Text(json, "title") ?? "", Json.Text(Json.Find(json, "user"), "login") ?? "", merged) { Fixes = [.. fixes] };
    }

    private static bool? Permission(JsonElement json) => Json.Find(json, "permissions") is { ValueKind: JsonValueKind.Object } permissions ? Json.Flag(permissions, "push") : null;

    [GeneratedRegex("^[0-9a-f]{40}([0-9a-f]{24})?$", RegexOptions.ExplicitCapture)]
    private static partial Regex ObjectId();

    /// <summary>The words that close an issue of the same repository.</summary>
    [GeneratedRegex(@"\b(close[sd]?|fix(e[sd])?|resolve[sd]?):?\s+#(?<issue>[0-9]{1,9})\b", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Fixes();
}

/// <summary>A repository.</summary>
/// <param name="Name"><c>owner/name</c>, as it is today.</param>
/// <param name="Branch">The default branch.</param>
/// <param name="IsPrivate">Strangers do not see it.</param>
/// <param name="MayPush">Whether the token may change it; null when GitHub does not say.</param>
public sealed record GitHubRepository(string Name, string Branch, bool IsPrivate, bool? MayPush);

/// <summary>A merged pull request.</summary>
/// <param name="Number">Of the repository.</param>
/// <param name="Title">Its title.</param>
/// <param name="Author">Login of who wrote it.</param>
/// <param name="Merged">When.</param>
public sealed record PullRequest(long Number, string Title, string Author, DateTimeOffset Merged)
{
    /// <summary>Issues that its text says it closes, in ascending order.</summary>
    public ImmutableArray<long> Fixes { get; init; } = [];
}
