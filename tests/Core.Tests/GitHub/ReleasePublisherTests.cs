using DotnetRelease.Fixtures;
using DotnetRelease.GitHub;

namespace DotnetRelease.Core.Tests.GitHub;

[TestClass]
public sealed class ReleasePublisherTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_complete_draft_of_the_right_commit_becomes_public_and_publishing_again_changes_nothing()
    {
        await using var world = new GitHubWorld();
        var (publisher, request) = await ReadyAsync(world);

        var first = await publisher.PublishAsync(request, Ct);
        var changes = world.Server.Changes.Count;
        var second = await publisher.PublishAsync(request, Ct);

        Assert.IsTrue(first.IsNew);
        Assert.IsFalse(second.IsNew, "case 98");
        Assert.IsFalse(world.Server.ReleaseOf(GitHubWorld.Tag).IsDraft);
        Assert.HasCount(changes, world.Server.Changes);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_tag_that_leads_elsewhere_or_nowhere_stops_the_publication()
    {
        await using var world = new GitHubWorld();
        var (publisher, request) = await ReadyAsync(world);
        world.Server.Tags[GitHubWorld.Tag] = GitHubWorld.OtherCommit;
        var moved = await Assert.ThrowsExactlyAsync<ReleaseException>(() => publisher.PublishAsync(request, Ct));
        world.Server.Tags.Clear();
        var missing = await Assert.ThrowsExactlyAsync<ReleaseException>(() => publisher.PublishAsync(request, Ct));

        Assert.AreEqual((Fault.TagElsewhere, Fault.TagElsewhere), (moved.Fault, missing.Fault));
        Assert.Contains(GitHubWorld.OtherCommit, moved.Message, StringComparison.Ordinal);
        Assert.Contains("git push origin v1.2.0", missing.Remedy, StringComparison.Ordinal);
        Assert.IsTrue(world.Server.ReleaseOf(GitHubWorld.Tag).IsDraft);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_file_that_nobody_signed_or_that_is_missing_stops_the_publication()
    {
        await using var world = new GitHubWorld();
        var (publisher, request) = await ReadyAsync(world);
        var assets = world.Server.ReleaseOf(GitHubWorld.Tag).Assets;
        assets.Add(new FakeAsset(world.Server.NextId(), "malware.exe", [1]));
        var foreign = await Assert.ThrowsExactlyAsync<ReleaseException>(() => publisher.PublishAsync(request, Ct));
        assets.RemoveAll(asset => asset.Name is "malware.exe" or "a.txt");
        var missing = await Assert.ThrowsExactlyAsync<ReleaseException>(() => publisher.PublishAsync(request, Ct));

        Assert.Contains("malware.exe", foreign.Message, StringComparison.Ordinal);
        Assert.Contains("a.txt (Missing)", missing.Message, StringComparison.Ordinal);
        Assert.IsTrue(world.Server.ReleaseOf(GitHubWorld.Tag).IsDraft, "case 79: a draft until all is verified");
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_burned_tag_is_a_conflict_and_the_draft_is_removed()
    {
        await using var world = new GitHubWorld();
        var (publisher, request) = await ReadyAsync(world);
        world.Server.Burned.Add(GitHubWorld.Tag);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => publisher.PublishAsync(request, Ct));

        Assert.AreEqual(Fault.TagBurned, failure.Fault, "case 78");
        Assert.AreEqual(ExitCode.Conflict, failure.Fault.Exit);
        Assert.Contains(GitHubWorld.Tag, failure.Message, StringComparison.Ordinal);
        Assert.IsEmpty(world.Server.Releases);
    }

    [TestMethod]
    [DataRow(true, DisplayName = "it was published")]
    [DataRow(false, DisplayName = "it was not")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task After_a_502_the_release_itself_says_whether_it_is_public(bool wasDone)
    {
        await using var world = new GitHubWorld();
        var (publisher, request) = await ReadyAsync(world);
        var broken = true;
        world.Server.Misbehave = async (raw, answer) =>
        {
            if (raw.Method is not "PATCH" || !broken)
            {
                return false;
            }

            broken = false;
            _ = await answer.BodyAsync();
            world.Server.ReleaseOf(GitHubWorld.Tag).IsDraft = !wasDone;
            await answer.StatusAsync("502 Bad Gateway");
            return true;
        };

        var receipt = await publisher.PublishAsync(request, Ct);

        Assert.IsFalse(receipt.Release.IsDraft);
        Assert.AreEqual(wasDone ? 1 : 2, world.Server.Changes.Count(change => change.Request.StartsWith("PATCH", StringComparison.Ordinal)));
    }

    private async Task<(ReleasePublisher Publisher, PublishRequest Request)> ReadyAsync(GitHubWorld world)
    {
        var upload = await world.RequestAsync("a.txt", "b.txt");
        _ = await new AssetUploader(world.Releases).UploadAsync(upload, Ct);
        world.Server.Tags[GitHubWorld.Tag] = GitHubWorld.Commit;
        return (new ReleasePublisher(world.Releases, new GitHubHistory(world.Client)), new PublishRequest(upload.Release.Id, GitHubWorld.Tag, GitHubWorld.Commit, upload.Files));
    }
}
