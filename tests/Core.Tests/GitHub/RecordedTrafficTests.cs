using DotnetRelease.Core.Tests.Http;
using DotnetRelease.Fixtures;
using DotnetRelease.GitHub;
using DotnetRelease.Http;

namespace DotnetRelease.Core.Tests.GitHub;

/// <summary>Traffic of api.github.com that was recorded, played back by the server of its makers, in order and request by request.</summary>
[TestClass]
public sealed class RecordedTrafficTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Release_assets()
    {
        await using var world = await RecordedGitHub.PlayAsync("release-assets", Ct);
        using var door = Doors.Open();
        var releases = world.Releases(door);

        var release = (await releases.FindPublishedAsync("v1.0.0", Ct))!;
        var outcome = await releases.UploadAsync(release, await world.HelloAsync(), "test", Ct);
        var listed = await releases.AssetsAsync(release.Id, Ct);
        var one = await releases.FindAssetAsync(listed.Single().Id, Ct);

        Assert.AreEqual((1000, "v1.0.0", false), (release.Id, release.Tag, release.IsDraft));
        Assert.AreEqual(("test-upload.txt", 14, true, null), (outcome.Asset!.Name, outcome.Asset.Size, outcome.Asset.IsComplete, outcome.Asset.Digest));
        Assert.AreEqual(outcome.Asset, one);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Release_assets_conflict()
    {
        await using var world = await RecordedGitHub.PlayAsync("release-assets-conflict", Ct);
        using var door = Doors.Open();
        var releases = world.Releases(door);

        var release = (await releases.FindPublishedAsync("v1.0.0", Ct))!;
        var taken = await releases.UploadAsync(release, await world.HelloAsync(), "test", Ct);
        var there = (await releases.AssetsAsync(release.Id, Ct)).Single();
        await releases.DeleteAssetAsync(there, Ct);
        var outcome = await releases.UploadAsync(release, await world.HelloAsync(), "test", Ct);

        Assert.IsNull(taken.Asset);
        Assert.AreEqual("there is an asset of this name already", taken.Why);
        Assert.AreEqual(1001, outcome.Asset!.Id);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Rename_repository()
    {
        // The recording starts with the renaming itself, which is nothing that we ever do.
        await using var world = await RecordedGitHub.PlayAsync("rename-repository", Ct, skip: 1);
        using var door = Doors.Open();

        var repository = await new GitHubHistory(world.Client(door, "octokit-fixture-org/rename-repository")).RepositoryAsync(Ct);

        Assert.AreEqual("octokit-fixture-org/rename-repository-newname", repository.Name, "case 80");
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public async Task Paginate_issues()
    {
        await using var world = await RecordedGitHub.PlayAsync("paginate-issues", Ct);
        using var door = Doors.Open();
        var numbers = new List<long>();

        await foreach (var issue in world.Client(door, "octokit-fixture-org/paginate-issues").ListAsync("repos/octokit-fixture-org/paginate-issues/issues?per_page=3", "listing issues", Ct))
        {
            numbers.Add(Json.RequiredNumber(issue, "number"));
        }

        CollectionAssert.AreEqual(Enumerable.Range(1, 13).Reverse().Select(number => (long)number).ToList(), numbers);
    }
}

/// <summary>One scenario on the fixtures server of octokit.</summary>
internal sealed class RecordedGitHub : IAsyncDisposable
{
    private const string Token = "0000000000000000000000000000000000000001";
    private readonly Scratch _scratch;
    private readonly FixturesServer _server;
    private readonly Uri _url;

    private RecordedGitHub(Scratch scratch, FixturesServer server, Uri url) => (_scratch, _server, _url) = (scratch, server, url);

    internal static async Task<RecordedGitHub> PlayAsync(string scenario, CancellationToken ct, int skip = 0)
    {
        var scratch = new Scratch();
        var server = await FixturesServer.StartAsync(scratch, scenario, skip, ct);
        return new RecordedGitHub(scratch, server, await server.LoadAsync(scenario, ct));
    }

    internal GitHubReleases Releases(HttpDoor door) => new(Client(door, $"octokit-fixture-org/{_server.Scenario}"));

    internal GitHubClient Client(HttpDoor door, string repository) =>
        new(door, GitHubPlace.Of(repository, _url.AbsoluteUri), GitHubToken.Of(Token, "the recording"), new GitHubContext(new ListReporter(), new VirtualTime()));

    internal Task<AssetFile> HelloAsync() => AssetFile.OfAsync(_scratch.Write("test-upload.txt", "Hello, world!\n"), path => Digest.OfFileAsync(path, CancellationToken.None));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _scratch.Dispose();
    }
}
