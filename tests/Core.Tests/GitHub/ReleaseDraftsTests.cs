using DotnetRelease.Fixtures;
using DotnetRelease.GitHub;

namespace DotnetRelease.Core.Tests.GitHub;

[TestClass]
public sealed class ReleaseDraftsTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_draft_is_made_once_and_found_again_on_whatever_page_it_is()
    {
        await using var world = new GitHubWorld();
        world.Server.PageSize = 2;
        var drafts = new ReleaseDrafts(world.Releases);

        var made = await drafts.EnsureAsync(GitHubWorld.Draft, Ct);
        for (var i = 0; i < 7; i++)
        {
            world.Server.Add($"v2.{i}", isDraft: i % 2 is 0);
        }

        var found = await drafts.EnsureAsync(GitHubWorld.Draft, Ct);

        Assert.AreEqual((DraftOrigin.Created, DraftOrigin.Reused), (made.Origin, found.Origin));
        Assert.AreEqual(made.Release.Id, found.Release.Id);
        Assert.HasCount(1, world.Server.Changes);
        Assert.AreEqual(GitHubWorld.Commit, world.Server.ReleaseOf(GitHubWorld.Tag).Target);
        Assert.StartsWith("Good news.\n\n<!-- dotnet-release ", world.Server.ReleaseOf(GitHubWorld.Tag).Body, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Two_creators_in_the_same_moment_end_with_the_same_draft()
    {
        await using var world = new GitHubWorld();
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var creating = 0;
        world.Server.Misbehave = async (request, _) =>
        {
            // Neither is made before both have looked and found nothing.
            if (request.Method is "POST" && Interlocked.Increment(ref creating) is 2)
            {
                both.SetResult();
            }

            await (request.Method is "POST" ? both.Task.WaitAsync(Ct) : Task.CompletedTask);
            return false;
        };

        var receipts = await Task.WhenAll(
            new ReleaseDrafts(world.Releases).EnsureAsync(GitHubWorld.Draft, Ct),
            new ReleaseDrafts(new GitHubReleases(world.Connect(world.Server.Token))).EnsureAsync(GitHubWorld.Draft, Ct));

        Assert.AreEqual(receipts[0].Release.Id, receipts[1].Release.Id);
        Assert.AreEqual(receipts[0].Release.Id, world.Server.Releases.Single().Id);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "a draft")]
    [DataRow(false, DisplayName = "published")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_release_of_another_commit_is_refused_and_not_touched(bool isDraft)
    {
        await using var world = new GitHubWorld();
        var marker = new ReleaseMarker(GitHubWorld.Tag, GitHubWorld.OtherCommit, Digest.Of("other plan"));
        world.Server.Add(GitHubWorld.Tag, isDraft, marker.AppendTo("notes"));

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new ReleaseDrafts(world.Releases).EnsureAsync(GitHubWorld.Draft, Ct));

        Assert.AreEqual(Fault.ReleaseOfOtherCommit, failure.Fault);
        Assert.Contains(GitHubWorld.OtherCommit, failure.Message, StringComparison.Ordinal);
        Assert.Contains(GitHubWorld.Commit, failure.Message, StringComparison.Ordinal);
        Assert.IsEmpty(world.Server.Changes);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_draft_that_a_person_made_is_taken_over_with_its_notes()
    {
        await using var world = new GitHubWorld();
        world.Server.Add(GitHubWorld.Tag, body: "Written by hand.");

        var receipt = await new ReleaseDrafts(world.Releases).EnsureAsync(GitHubWorld.Draft, Ct);

        Assert.AreEqual(DraftOrigin.Adopted, receipt.Origin);
        Assert.AreEqual(GitHubWorld.Draft.Body.Replace("Good news.", "Written by hand.", StringComparison.Ordinal), world.Server.ReleaseOf(GitHubWorld.Tag).Body);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Which_of_several_drafts_of_people_is_meant_is_not_guessed()
    {
        await using var world = new GitHubWorld();
        world.Server.Add(GitHubWorld.Tag);
        world.Server.Add(GitHubWorld.Tag);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new ReleaseDrafts(world.Releases).EnsureAsync(GitHubWorld.Draft, Ct));

        Assert.AreEqual(Fault.ReleaseAmbiguous, failure.Fault);
        Assert.IsEmpty(world.Server.Changes);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_second_empty_draft_of_ours_is_removed_and_one_with_files_is_a_question()
    {
        await using var world = new GitHubWorld();
        var first = world.Server.Add(GitHubWorld.Tag, body: GitHubWorld.Draft.Body);
        var second = world.Server.Add(GitHubWorld.Tag, body: GitHubWorld.Draft.Body);
        var drafts = new ReleaseDrafts(world.Releases);
        second.Assets.Add(new FakeAsset(1, "a.txt", [1]));

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => drafts.EnsureAsync(GitHubWorld.Draft, Ct));
        Assert.AreEqual(Fault.ReleaseAmbiguous, failure.Fault);
        second.Assets.Clear();
        var receipt = await drafts.EnsureAsync(GitHubWorld.Draft, Ct);

        Assert.AreEqual(first.Id, receipt.Release.Id);
        Assert.AreEqual(first.Id, world.Server.Releases.Single().Id);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "it was made")]
    [DataRow(false, DisplayName = "it was not made")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task After_a_502_the_list_says_whether_the_draft_was_made(bool wasMade)
    {
        await using var world = new GitHubWorld();
        var broken = true;
        world.Server.Misbehave = async (request, answer) =>
        {
            if (request.Method is not "POST" || !broken)
            {
                return false;
            }

            broken = false;
            _ = await answer.BodyAsync();
            if (wasMade)
            {
                world.Server.Add(GitHubWorld.Tag, body: GitHubWorld.Draft.Body);
            }

            await answer.StatusAsync("502 Bad Gateway");
            return true;
        };

        var receipt = await new ReleaseDrafts(world.Releases).EnsureAsync(GitHubWorld.Draft, Ct);

        Assert.AreEqual(world.Server.Releases.Single().Id, receipt.Release.Id);
        Assert.HasCount(wasMade ? 1 : 2, world.Server.Changes);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Notes_that_changed_are_written_and_notes_that_forge_a_marker_are_not_believed()
    {
        await using var world = new GitHubWorld();
        var drafts = new ReleaseDrafts(world.Releases);
        _ = await drafts.EnsureAsync(GitHubWorld.Draft, Ct);
        var forged = new ReleaseMarker(GitHubWorld.Tag, GitHubWorld.OtherCommit, Digest.Of("x"));

        var receipt = await drafts.EnsureAsync(GitHubWorld.Draft with { Notes = $"Better news. {forged}" }, Ct);

        Assert.AreEqual(GitHubWorld.Commit, receipt.Release.Marker!.Commit);
        Assert.AreEqual(GitHubWorld.Draft.Body.Replace("Good news.", "Better news.", StringComparison.Ordinal), receipt.Release.Body);
        Assert.AreEqual(DraftOrigin.Reused, receipt.Origin);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_commit_that_GitHub_does_not_know_is_asked_for_once()
    {
        await using var world = new GitHubWorld();
        world.Server.Misbehave = async (request, answer) =>
        {
            if (request.Method is not "POST")
            {
                return false;
            }

            _ = await answer.BodyAsync();
            await FakeGitHub.ErrorAsync(answer, "422 Unprocessable Entity", "Validation Failed", errors: """[{"resource":"Release","code":"invalid","field":"target_commitish"}]""");
            return true;
        };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new ReleaseDrafts(world.Releases).EnsureAsync(GitHubWorld.Draft, Ct));

        Assert.Contains("target_commitish invalid", failure.Message, StringComparison.Ordinal);
        Assert.HasCount(1, world.Server.Changes);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_burned_tag_gets_no_draft()
    {
        await using var world = new GitHubWorld();
        world.Server.Burned.Add(GitHubWorld.Tag);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new ReleaseDrafts(world.Releases).EnsureAsync(GitHubWorld.Draft, Ct));

        Assert.AreEqual(Fault.TagBurned, failure.Fault, "case 78");
        Assert.Contains(GitHubWorld.Tag, failure.Message, StringComparison.Ordinal);
        Assert.HasCount(1, world.Server.Changes);
    }
}
