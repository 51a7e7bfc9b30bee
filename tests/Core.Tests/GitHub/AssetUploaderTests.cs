using DotnetRelease.Core.Tests.Http;
using DotnetRelease.Fixtures;
using DotnetRelease.GitHub;

namespace DotnetRelease.Core.Tests.GitHub;

/// <summary>Uploads to a server that fails in the ways of section 10 of the cases.</summary>
[TestClass]
public sealed class AssetUploaderTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_is_missing_is_uploaded_and_a_second_run_changes_nothing()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("a.txt", "b.rpm", "c+d_e-f.tar.gz");

        var first = await new AssetUploader(world.Releases).UploadAsync(request, Ct);
        var changes = world.Server.Changes.Count;
        var second = await new AssetUploader(world.Releases).UploadAsync(request, Ct);

        Assert.IsTrue(first.Assets.All(asset => asset.Change is AssetChange.Uploaded));
        Assert.IsTrue(second.Assets.All(asset => asset.Change is AssetChange.None), "case 98");
        Assert.HasCount(changes, world.Server.Changes);
        CollectionAssert.AreEquivalent(request.Files.Select(file => file.Name).ToList(), world.Server.ReleaseOf(GitHubWorld.Tag).Assets.Select(asset => asset.Name).ToList());
        Assert.Contains("POST /uploads/1001?name=c%2Bd_e-f.tar.gz", world.Server.Requests, "the name is escaped");
        Assert.IsTrue(world.Reporter.ProgressCalls.Any(call => call.What is "b.rpm" && call.Done == call.Total), "progress");
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_502_that_left_an_empty_place_is_cleaned_up_and_tried_again()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        FailOnce(world, (asset, answer) =>
        {
            (asset.State, asset.Bytes) = ("starter", []);
            return answer.StatusAsync("502 Bad Gateway");
        });

        var receipt = await new AssetUploader(world.Releases).UploadAsync(request, Ct);

        Assert.AreEqual(AssetChange.Uploaded, receipt.Assets.Single().Change, "case 73");
        CollectionAssert.AreEqual((string[])["POST", "DELETE", "POST"], Methods(world));
        var looked = world.Server.Requests.ToList();
        Assert.IsLessThan(looked.FindIndex(line => line.StartsWith("DELETE", StringComparison.Ordinal)), looked.FindIndex(line => line.StartsWith("GET /repos/octo/hello/releases/assets/", StringComparison.Ordinal)), "its id is looked at before");
        Assert.AreEqual("uploaded", world.Server.ReleaseOf(GitHubWorld.Tag).Assets.Single().State);
    }

    [TestMethod]
    [DataRow("502 Bad Gateway")]
    [DataRow("500 Internal Server Error")]
    [DataRow("504 Gateway Timeout")]
    [DataRow("reset")]
    [DataRow("silence")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_answer_that_hides_a_success_is_no_reason_to_upload_again(string answer)
    {
        await using var world = new GitHubWorld(Doors.Impatient with { Retries = 1, Headers = TimeSpan.FromSeconds(1), Connect = TimeSpan.FromSeconds(1), Idle = TimeSpan.FromSeconds(1) });
        var request = await world.RequestAsync("bar.rpm");
        FailOnce(world, (_, reply) =>
        {
            switch (answer)
            {
                case "reset":
                    reply.Reset();
                    return Task.CompletedTask;
                case "silence":
                    return reply.SilenceAsync();
                default:
                    return reply.StatusAsync(answer);
            }
        });

        var receipt = await new AssetUploader(world.Releases).UploadAsync(request, Ct);

        Assert.AreEqual(AssetChange.Uploaded, receipt.Assets.Single().Change, "case 74");
        CollectionAssert.AreEqual((string[])["POST"], Methods(world));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_upload_that_always_fails_ends_with_exit_code_6_after_four_attempts()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        world.Server.AfterUpload = async (asset, answer) =>
        {
            (asset.State, asset.Bytes) = ("starter", []);
            await answer.StatusAsync("502 Bad Gateway", "X-GitHub-Request-Id: FAKE:77");
            return true;
        };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new AssetUploader(world.Releases).UploadAsync(request, Ct));

        Assert.AreEqual(ExitCode.Remote, failure.Fault.Exit);
        Assert.Contains("bar.rpm", failure.Message, StringComparison.Ordinal);
        Assert.Contains("FAKE:77", failure.Message, StringComparison.Ordinal);
        Assert.AreEqual(4, Methods(world).Count(method => method is "POST"));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_empty_place_of_an_earlier_run_is_removed_and_one_with_bytes_may_be_somebody_elses()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        var place = new FakeAsset(world.Server.NextId(), "bar.rpm", [1, 2, 3]) { State = "starter" };
        world.Server.ReleaseOf(GitHubWorld.Tag).Assets.Add(place);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new AssetUploader(world.Releases).UploadAsync(request, Ct));
        Assert.AreEqual(Fault.AssetConflict, failure.Fault);
        Assert.IsEmpty(world.Server.Changes);
        place.Bytes = [];
        _ = await new AssetUploader(world.Releases).UploadAsync(request, Ct);

        CollectionAssert.AreEqual((string[])["DELETE", "POST"], Methods(world));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_place_that_is_filled_while_we_look_again_is_left_alone()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        var place = new FakeAsset(world.Server.NextId(), "bar.rpm", []) { State = "starter" };
        world.Server.ReleaseOf(GitHubWorld.Tag).Assets.Add(place);
        world.Server.Misbehave = (raw, _) =>
        {
            if (raw.Target.EndsWith($"/assets/{place.Id}", StringComparison.Ordinal))
            {
                (place.State, place.Bytes) = ("uploaded", File.ReadAllBytes(request.Files[0].Path));
            }

            return Task.FromResult(false);
        };

        var receipt = await new AssetUploader(world.Releases).UploadAsync(request, Ct);

        Assert.AreEqual(place.Id, receipt.Assets.Single().Id);
        Assert.DoesNotContain("DELETE", Methods(world));
    }

    [TestMethod]
    [DataRow(true, DisplayName = "case 75: the same bytes")]
    [DataRow(false, DisplayName = "case 75: other bytes of the same length")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_asset_without_a_digest_is_downloaded_and_hashed(bool isSame)
    {
        await using var world = new GitHubWorld();
        world.Server.HasDigests = false;
        var request = await world.RequestAsync("bar.rpm");
        var bytes = await File.ReadAllBytesAsync(request.Files[0].Path, Ct);
        bytes[0] ^= (byte)(isSame ? 0 : 1);
        world.Server.ReleaseOf(GitHubWorld.Tag).Assets.Add(new FakeAsset(world.Server.NextId(), "bar.rpm", bytes));
        var uploader = new AssetUploader(world.Releases);

        if (isSame)
        {
            Assert.AreEqual(AssetChange.None, (await uploader.UploadAsync(request, Ct)).Assets.Single().Change);
        }
        else
        {
            Assert.AreEqual(Fault.AssetConflict, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => uploader.UploadAsync(request, Ct))).Fault);
        }

        Assert.IsEmpty(world.Server.Changes);
        Assert.AreEqual(1, world.Server.RawRequests.Count(raw => raw["Accept"] is "application/octet-stream"), "and only once");
        Assert.IsTrue(world.Reporter.Lines.Any(line => line.Contains("no digest of bar.rpm", StringComparison.Ordinal)));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Other_bytes_are_a_conflict_before_anything_is_sent_and_replaced_only_when_asked()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("a.txt", "bar.rpm");
        world.Server.ReleaseOf(GitHubWorld.Tag).Assets.Add(new FakeAsset(world.Server.NextId(), "bar.rpm", [1, 2, 3]));

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new AssetUploader(world.Releases).UploadAsync(request, Ct));
        Assert.AreEqual(ExitCode.Conflict, failure.Fault.Exit);
        Assert.Contains("bar.rpm", failure.Message, StringComparison.Ordinal);
        Assert.IsEmpty(world.Server.Changes);
        var receipt = await new AssetUploader(world.Releases).UploadAsync(request with { Replace = true }, Ct);

        Assert.AreEqual(AssetChange.Replaced, receipt.Assets.Single(asset => asset.File.Name is "bar.rpm").Change);
        Assert.AreEqual(AssetChange.Uploaded, receipt.Assets.Single(asset => asset.File.Name is "a.txt").Change);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_immutable_release_that_lacks_a_file_is_a_conflict_without_an_attempt()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        var release = world.Server.ReleaseOf(GitHubWorld.Tag);
        (release.IsDraft, release.IsImmutable) = (false, true);
        request = request with { Release = (await world.Releases.FindAsync(release.Id, Ct))! };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new AssetUploader(world.Releases).UploadAsync(request, Ct));

        Assert.AreEqual(Fault.ReleaseImmutable, failure.Fault, "case 77");
        Assert.Contains("is immutable and lacks bar.rpm", failure.Message, StringComparison.Ordinal);
        Assert.Contains("new version", failure.Remedy, StringComparison.Ordinal);
        Assert.IsEmpty(world.Server.Changes);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_release_that_turns_immutable_while_we_upload_ends_it_without_a_loop()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        world.Server.ReleaseOf(GitHubWorld.Tag).IsImmutable = true;

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new AssetUploader(world.Releases).UploadAsync(request, Ct));

        Assert.AreEqual(Fault.ReleaseImmutable, failure.Fault, "case 77");
        Assert.HasCount(1, world.Server.Changes);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_name_that_was_taken_in_this_moment_by_the_same_bytes_is_fine()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        var bytes = await File.ReadAllBytesAsync(request.Files[0].Path, Ct);
        world.Server.Misbehave = (raw, _) =>
        {
            var assets = world.Server.ReleaseOf(GitHubWorld.Tag).Assets;
            if (raw.Method is "POST" && assets.Count is 0)
            {
                assets.Add(new FakeAsset(world.Server.NextId(), "bar.rpm", bytes));
            }

            return Task.FromResult(false);
        };

        _ = await new AssetUploader(world.Releases).UploadAsync(request, Ct);

        CollectionAssert.AreEqual((string[])["POST"], Methods(world));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_server_that_stores_other_bytes_or_another_name_is_not_believed()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        world.Server.AfterUpload = (asset, _) =>
        {
            asset.Bytes = [.. asset.Bytes, 0];
            return Task.FromResult(false);
        };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new AssetUploader(world.Releases).UploadAsync(request, Ct));

        Assert.AreEqual(Fault.AssetConflict, failure.Fault);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_file_that_changes_while_it_is_sent_ends_the_upload()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        await File.WriteAllTextAsync(request.Files[0].Path, "x", Ct);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new AssetUploader(world.Releases).UploadAsync(request, Ct));

        Assert.AreEqual(Fault.FileUnreadable, failure.Fault);
        Assert.Contains("Somebody changed it", failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_upload_address_on_another_host_gets_nothing()
    {
        await using var world = new GitHubWorld();
        var request = await world.RequestAsync("bar.rpm");
        await using var evil = new RawServer((_, answer) => answer.OkAsync(Array.Empty<byte>()));
        request = request with { Release = request.Release with { Upload = evil["uploads/1"] } };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new AssetUploader(world.Releases).UploadAsync(request, Ct));

        Assert.AreEqual(Fault.GitHubFailed, failure.Fault);
        Assert.AreEqual(0, evil.Connections);
    }

    private static void FailOnce(GitHubWorld world, Func<FakeAsset, RawAnswer, Task> fail)
    {
        var failures = 1;
        world.Server.AfterUpload = async (asset, answer) =>
        {
            if (Interlocked.Decrement(ref failures) < 0)
            {
                return false;
            }

            await fail(asset, answer);
            return true;
        };
    }

    private static string[] Methods(GitHubWorld world) => [.. world.Server.Changes.Select(change => change.Request.Split(' ')[0])];
}
