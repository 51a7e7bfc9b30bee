using System.Collections.Immutable;
using DotnetRelease.Core.Tests.Http;
using DotnetRelease.Fixtures;
using DotnetRelease.GitHub;
using DotnetRelease.Http;

namespace DotnetRelease.Core.Tests.GitHub;

/// <summary>A server, a client with a clock of its own, and a folder with files.</summary>
internal sealed class GitHubWorld : IAsyncDisposable
{
    internal const string Tag = "v1.2.0";
    internal static readonly string Commit = string.Concat(Enumerable.Repeat("0123456789abcdef0123", 2));
    internal static readonly string OtherCommit = new('f', 40);

    private readonly HttpDoor _door;

    internal GitHubWorld(HttpLimits? limits = null)
    {
        Server.Clock = Time;
        _door = new HttpDoor(limits ?? Doors.Impatient with { Retries = 1 }, Reporter);
        Context = new GitHubContext(Reporter, Time);
        Client = Connect(Server.Token);
    }

    internal FakeGitHub Server { get; } = new();

    internal VirtualTime Time { get; } = new();

    internal ListReporter Reporter { get; } = new();

    internal Scratch Scratch { get; } = new();

    internal GitHubContext Context { get; }

    internal GitHubClient Client { get; }

    internal GitHubReleases Releases => new(Client);

    internal HttpDoor Door => _door;

    internal static DraftRequest Draft { get; } = new(Tag, Commit, Digest.Of("plan")) { Notes = "Good news." };

    public async ValueTask DisposeAsync()
    {
        _door.Dispose();
        await Server.DisposeAsync();
        Scratch.Dispose();
    }

    internal GitHubClient Connect(string? token, GitHubContext? context = null) =>
        new(_door, GitHubPlace.Of(FakeGitHub.Repository, Server.Url), token is null ? null : GitHubToken.Of(token, "GITHUB_TOKEN"), context ?? Context);

    internal Task<AssetFile> FileAsync(string name, string text) =>
        AssetFile.OfAsync(Scratch.Write(name, text), path => Digest.OfFileAsync(path, CancellationToken.None));

    internal async Task<ImmutableArray<AssetFile>> FilesAsync(params string[] names) =>
        [.. await Task.WhenAll(names.Select(name => FileAsync(name, $"the bytes of {name}\n")))];

    /// <summary>A draft of ours with files to upload.</summary>
    internal async Task<UploadRequest> RequestAsync(params string[] names)
    {
        Server.Add(Tag, body: Draft.Body);
        return new UploadRequest((await Releases.ListAsync(CancellationToken.None)).Single(), await FilesAsync(names));
    }
}
