using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.GitHub;

namespace DotnetRelease.Core.Tests.GitHub;

[TestClass]
public sealed class GitHubClientTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_list_is_read_over_all_its_pages()
    {
        await using var world = new GitHubWorld();
        world.Server.PageSize = 3;
        for (var i = 0; i < 10; i++)
        {
            world.Server.Add($"v0.{i}");
        }

        var releases = await world.Releases.ListAsync(Ct);

        CollectionAssert.AreEqual(Enumerable.Range(0, 10).Reverse().Select(i => $"v0.{i}").ToList(), releases.Select(release => release.Tag).ToList());
        Assert.HasCount(4, world.Server.Requests);
    }

    [TestMethod]
    [DataRow("<{0}/repos/octo/hello/releases?page=1>; rel=\"next\"", "do not end", DisplayName = "a loop")]
    [DataRow("<https://evil.example/repos/octo/hello/releases?page=2>; rel=\"next\"", "another server", DisplayName = "another server")]
    [DataRow("<//evil.example/x>; rel=next", "another server", DisplayName = "another server, without a scheme")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Pages_that_lead_astray_are_not_followed(string link, string words)
    {
        await using var world = new GitHubWorld();
        world.Server.Misbehave = async (request, answer) =>
        {
            await answer.OkAsync("[]"u8.ToArray(), $"Link: {link.Replace("{0}", world.Server.Url, StringComparison.Ordinal)}");
            return true;
        };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => world.Releases.ListAsync(Ct));

        Assert.AreEqual(Fault.GitHubFailed, failure.Fault);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.IsLessThanOrEqualTo(2, world.Server.Requests.Count);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_list_that_never_ends_is_left_after_a_bounded_number_of_pages()
    {
        await using var world = new GitHubWorld();
        var page = 1;
        world.Server.Misbehave = async (_, answer) =>
        {
            await answer.OkAsync("[]"u8.ToArray(), $"Link: <{world.Server.Url}/repos/octo/hello/releases?page={++page}>; rel=\"next\"");
            return true;
        };
        var client = world.Connect(world.Server.Token, world.Context with { Limits = new GitHubLimits { Pages = 5 } });

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new GitHubReleases(client).ListAsync(Ct));

        Assert.Contains("do not end", failure.Message, StringComparison.Ordinal);
        Assert.HasCount(5, world.Server.Requests);
    }

    [TestMethod]
    [DataRow("403 Forbidden", "You have exceeded a secondary rate limit.", "Retry-After: 7", 7, DisplayName = "case 76: secondary limit with Retry-After")]
    [DataRow("403 Forbidden", "You have exceeded a secondary rate limit.", "", 60, DisplayName = "case 76: secondary limit without")]
    [DataRow("429 Too Many Requests", "Slow down", "", 60, DisplayName = "case 76: 429 without")]
    [DataRow("429 Too Many Requests", "Slow down", "Retry-After: 3", 3, DisplayName = "case 76: 429 with Retry-After")]
    [DataRow("403 Forbidden", "API rate limit exceeded for user ID 1.", "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: {reset+20}", 21, DisplayName = "case 76: remaining 0")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_limit_is_waited_for_as_long_as_GitHub_says(string status, string message, string headers, int seconds)
    {
        await using var world = new GitHubWorld();
        headers = headers.Replace("{reset+20}", $"{world.Time.GetUtcNow().ToUnixTimeSeconds() + 20}", StringComparison.Ordinal);
        var asked = 0;
        world.Server.Misbehave = async (_, answer) =>
        {
            if (++asked > 1)
            {
                return false;
            }

            await FakeGitHub.ErrorAsync(answer, status, message, headers);
            return true;
        };

        _ = await world.Releases.ListAsync(Ct);

        Assert.AreEqual(TimeSpan.FromSeconds(seconds), world.Time.Waits.Single());
        Assert.Contains($"wait {seconds} s", world.Reporter.Lines.Single(), StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("Retry-After: 3600", 0, DisplayName = "case 76: an hour")]
    [DataRow("Retry-After: 99999999999", 0, DisplayName = "case 76: for ever")]
    [DataRow("X-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1507651200000", 0, DisplayName = "case 76: a reset in the year 49745")]
    [DataRow("", 4, DisplayName = "case 76: again and again; 60 + 120 + 240 + 480 s, and there are five attempts")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_limit_that_takes_too_long_ends_the_run_and_says_until_when(string headers, int waits)
    {
        await using var world = new GitHubWorld();
        world.Server.Misbehave = async (_, answer) =>
        {
            await FakeGitHub.ErrorAsync(answer, "403 Forbidden", "You have exceeded a secondary rate limit.", headers);
            return true;
        };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => world.Releases.ListAsync(Ct));

        Assert.AreEqual(Fault.GitHubLimited, failure.Fault);
        Assert.AreEqual(ExitCode.Remote, failure.Fault.Exit);
        Assert.HasCount(waits, world.Time.Waits);
        Assert.Contains("until 2", failure.Message, StringComparison.Ordinal);
        Assert.Contains("FAKE:1234:ABCD", failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Changes_are_at_least_a_second_apart_and_reads_are_not()
    {
        await using var world = new GitHubWorld();
        world.Server.HasLimits = true;
        var request = await world.RequestAsync("one.txt", "two.txt", "three.txt");

        _ = await world.Releases.EditAsync(request.Release.Id, json => json.WriteString("name", "x"), "editing", Ct);
        _ = await world.Releases.EditAsync(request.Release.Id, json => json.WriteString("name", "y"), "editing", Ct);
        _ = await new AssetUploader(world.Releases).UploadAsync(request, Ct);

        Assert.HasCount(5, world.Server.Changes);
        Assert.HasCount(4, world.Time.Waits, "case 76");
        Assert.IsTrue(world.Time.Waits.All(wait => wait > TimeSpan.Zero && wait <= TimeSpan.FromSeconds(4)));
        Assert.IsGreaterThanOrEqualTo(4, (world.Server.Changes.Max(change => change.At) - world.Server.Changes[0].At).TotalSeconds);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Uploads_to_a_server_without_limits_need_not_wait_for_each_other()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("one.txt", "two.txt", "three.txt");

        _ = await new AssetUploader(world.Releases).UploadAsync(request, Ct);

        Assert.IsEmpty(world.Time.Waits);
    }

    [TestMethod]
    [DataRow("401 Unauthorized", "Bad credentials", "", "REL6001", "has expired, was revoked", DisplayName = "case 80: expired")]
    [DataRow("403 Forbidden", "Resource not accessible by personal access token", "X-Accepted-GitHub-Permissions: contents=write", "REL6001", "the permission contents=write", DisplayName = "case 80: permission")]
    [DataRow("404 Not Found", "Not Found", "X-Accepted-OAuth-Scopes: repo\nX-OAuth-Scopes: gist, user", "REL6003", "the scope repo for this repository. It has gist, user.", DisplayName = "case 80: scope")]
    [DataRow("403 Forbidden", "Resource protected by organization SAML enforcement.", "X-GitHub-SSO: required; url=https://github.com/orgs/x/sso", "REL6001", "single sign-on", DisplayName = "case 80: single sign-on")]
    [DataRow("422 Unprocessable Entity", "Validation Failed", "", "REL6004", "target_commitish invalid", DisplayName = "validation")]
    [DataRow("307 Temporary Redirect", "Moved", "Location: https://api.github.com/repositories/1", "REL6003", "another name now", DisplayName = "case 80: renamed (307)")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_refusal_says_what_is_lacking_where_the_token_came_from_and_the_request_id(string status, string message, string headers, string id, string words)
    {
        await using var world = new GitHubWorld();
        world.Server.Misbehave = async (request, answer) =>
        {
            _ = await answer.BodyAsync();
            await FakeGitHub.ErrorAsync(answer, status, message, headers, """[{"resource":"Release","code":"invalid","field":"target_commitish"}]""");
            return true;
        };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => world.Releases.CreateDraftAsync(GitHubWorld.Draft, Ct));

        Assert.AreEqual(id, failure.Fault.Id);
        Assert.Contains(words, $"{failure.Message} {failure.Remedy}", StringComparison.Ordinal);
        Assert.Contains("creating a draft for v1.2.0", failure.Message, StringComparison.Ordinal);
        Assert.Contains("FAKE:1234:ABCD", failure.Message, StringComparison.Ordinal);
        Assert.HasCount(1, world.Server.Requests, "nothing that changes something is repeated by itself");
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_server_that_echoes_the_token_does_not_get_it_into_a_message()
    {
        await using var world = new GitHubWorld();
        world.Server.Misbehave = async (request, answer) =>
        {
            _ = await answer.BodyAsync();
            await FakeGitHub.ErrorAsync(answer, "400 Bad Request", $"Problems with Bearer {world.Server.Token} and {Uri.EscapeDataString(world.Server.Token)}\e[31m");
            return true;
        };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => world.Releases.CreateDraftAsync(GitHubWorld.Draft, Ct));

        Assert.DoesNotContain(world.Server.Token, failure.ToString(), StringComparison.Ordinal, "case 83");
        Assert.Contains("Problems with Bearer *** and ***", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("<html>502</html>")]
    [DataRow("[]")]
    [DataRow("{}")]
    [DataRow("""{"id":"x","tag_name":"v1","upload_url":"%","html_url":"y"}""")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task What_is_no_release_is_refused_with_a_code(string body)
    {
        await using var world = new GitHubWorld();
        world.Server.Misbehave = async (_, answer) =>
        {
            await answer.OkAsync(System.Text.Encoding.UTF8.GetBytes(body));
            return true;
        };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => world.Releases.FindAsync(1, Ct));

        Assert.AreEqual(Fault.GitHubFailed, failure.Fault);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_tag_is_followed_through_its_tag_object_to_the_commit()
    {
        await using var world = new GitHubWorld();
        world.Server.Tags["v1.2.0"] = GitHubWorld.Commit;
        world.Server.Tags["release/1.2"] = GitHubWorld.OtherCommit;
        var history = new GitHubHistory(world.Client);

        Assert.AreEqual(GitHubWorld.Commit, await history.CommitOfTagAsync("v1.2.0", Ct));
        Assert.AreEqual(GitHubWorld.OtherCommit, await history.CommitOfTagAsync("release/1.2", Ct));
        Assert.IsNull(await history.CommitOfTagAsync("v9", Ct));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Pull_requests_are_those_merged_since_with_the_issues_they_fix()
    {
        await using var world = new GitHubWorld();
        world.Server.PageSize = 2;
        Add(5, "2026-01-10T00:00:00Z", "2026-01-10T00:00:00Z", "Fixes #7, closes #3 and resolves: #3. See #1; prefixes #4");
        Add(4, "2026-01-09T00:00:00Z", null, "never merged");
        Add(3, "2026-01-08T00:00:00Z", "2026-01-02T00:00:00Z", null);
        Add(2, "2026-01-07T00:00:00Z", "2025-12-01T00:00:00Z", "merged before, commented on later");
        Add(1, "2025-11-01T00:00:00Z", "2025-11-01T00:00:00Z", "old");
        for (var old = 0; old < 6; old++)
        {
            Add(-old, "2025-10-01T00:00:00Z", "2025-10-01T00:00:00Z", "older");
        }

        var pulls = await new GitHubHistory(world.Client).MergedAsync(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Ct);

        CollectionAssert.AreEqual((long[])[5, 3], pulls.Select(pull => pull.Number).ToArray());
        CollectionAssert.AreEqual((long[])[3, 7], pulls[0].Fixes.ToArray());
        Assert.AreEqual("- Change 5 (#5, fixes #3, #7) by @alice\n- Change 3 (#3) by @alice", NotesTemplate.Of(pulls));
        Assert.HasCount(3, world.Server.Requests, "older pages are not asked for");

        void Add(int number, string updated, string? merged, string? body) => world.Server.Pulls.Add(JsonSerializer.SerializeToNode(new
        {
            number,
            title = $"Change {number}",
            body,
            user = new { login = "alice" },
            updated_at = updated,
            merged_at = merged,
        }));
    }

    [TestMethod]
    [DataRow("https://api.github.com", "https://uploads.github.com/x", true)]
    [DataRow("https://api.github.com", "https://github.com/x", true)]
    [DataRow("https://api.github.com", "https://api.github.com/x", true)]
    [DataRow("https://api.github.com", "https://uploads.github.com.evil.example/x", false)]
    [DataRow("https://api.github.com", "https://evil-github.com/x", false)]
    [DataRow("https://api.github.com", "http://uploads.github.com/x", false)]
    [DataRow("https://api.github.com", "https://uploads.github.com:444/x", false)]
    [DataRow("https://api.github.com", "https://me@uploads.github.com/x", false)]
    [DataRow("https://api.octo.ghe.com", "https://uploads.octo.ghe.com/x", true)]
    [DataRow("https://ghe.example.org/api/v3", "https://ghe.example.org/api/uploads/x", true)]
    [DataRow("https://ghe.example.org/api/v3", "https://uploads.ghe.example.org/x", false)]
    public void The_token_goes_to_the_family_of_the_api_and_nowhere_else(string api, string url, bool isFamily) =>
        Assert.AreEqual(isFamily, GitHubPlace.Of("octo/hello", api).IsFamily(new Uri(url)));

    [TestMethod]
    [DataRow("http://ghe.example.org/api/v3")]
    [DataRow("https://user:CANARY_in_api_url@ghe.example.org/api/v3")]
    [DataRow("ghe.example.org")]
    [DataRow("https://ghe.example.org/api/v3?x=1")]
    public void An_api_address_that_is_not_safe_is_refused_without_being_shown(string api)
    {
        var failure = Assert.ThrowsExactly<ReleaseException>(() => GitHubPlace.Of("octo/hello", api));

        Assert.AreEqual(Fault.Usage, failure.Fault);
        Assert.DoesNotContain("CANARY", failure.Message, StringComparison.Ordinal);
    }
}
