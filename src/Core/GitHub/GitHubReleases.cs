using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using DotnetRelease.Http;

namespace DotnetRelease.GitHub;

/// <summary>Releases and their assets: one method for each thing that the API can do with them, and no rule of when to do it.</summary>
/// <param name="client">Talks.</param>
public sealed class GitHubReleases(GitHubClient client)
{
    private string Root => $"repos/{client.Place.Repository}/releases";

    /// <summary>Who talks.</summary>
    public GitHubClient Client => client;

    /// <summary>All releases that the token may see, over all pages; drafts are among them.</summary>
    public async Task<ImmutableArray<Release>> ListAsync(CancellationToken ct)
    {
        var releases = ImmutableArray.CreateBuilder<Release>();
        await foreach (var item in client.ListAsync($"{Root}?per_page=100", "listing the releases", ct))
        {
            releases.Add(Release.Of(item));
        }

        return releases.ToImmutable();
    }

    /// <summary>The published release of a tag, or null. Drafts are never found this way.</summary>
    public Task<Release?> FindPublishedAsync(string tag, CancellationToken ct) =>
        FindAsync($"{Root}/tags/{Uri.EscapeDataString(tag)}", $"looking for the release of {tag}", Release.Of, ct);

    /// <summary>A release by its id, or null.</summary>
    public Task<Release?> FindAsync(long id, CancellationToken ct) => FindAsync($"{Root}/{id}", $"reading release {id}", Release.Of, ct);

    /// <summary>Makes a draft.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.TagBurned"/>; <see cref="Fault.RemoteFailed"/> or <see cref="Fault.RemoteStalled"/> when nobody knows whether it was made.
    /// </exception>
    public async Task<Release> CreateDraftAsync(DraftRequest draft, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(draft);
        var what = $"creating a draft for {draft.Tag}";
        var answer = await client.ChangeAsync(HttpMethod.Post, Root, Write, what, ct);
        return Release.Of(Expect(answer, HttpStatusCode.Created, new GitHubAsk(HttpMethod.Post, client.Place.At(Root)) { What = what }));

        void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("tag_name", draft.Tag);
            json.WriteString("target_commitish", draft.Commit);
            json.WriteString("name", draft.Name);
            json.WriteString("body", draft.Body);
            json.WriteBoolean("draft", true);
            json.WriteBoolean("prerelease", draft.IsPrerelease);
            json.WriteEndObject();
        }
    }

    /// <summary>Changes fields of a release.</summary>
    public async Task<Release> EditAsync(long id, Action<Utf8JsonWriter> fields, string what, CancellationToken ct)
    {
        var answer = await client.ChangeAsync(HttpMethod.Patch, $"{Root}/{id}", Write, what, ct);
        return Release.Of(Expect(answer, HttpStatusCode.OK, new GitHubAsk(HttpMethod.Patch, client.Place.At($"{Root}/{id}")) { What = what }));

        void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
    }

    /// <summary>Removes a release; one that is not there any more is removed.</summary>
    public Task DeleteAsync(long id, CancellationToken ct) => DeleteAsync($"{Root}/{id}", $"removing draft {id}", ct);

    /// <summary>The assets of a release, over all pages, also what failed uploads left behind.</summary>
    public Task<ImmutableArray<Asset>> AssetsAsync(long release, CancellationToken ct) =>
        Asset.OfAsync(client.ListAsync($"{Root}/{release}/assets?per_page=100", $"listing the assets of release {release}", ct), ct);

    /// <summary>One asset by its id, or null.</summary>
    public Task<Asset?> FindAssetAsync(long id, CancellationToken ct) => FindAsync($"{Root}/assets/{id}", $"reading asset {id}", Asset.Of, ct);

    /// <summary>Removes an asset; one that is not there any more is removed.</summary>
    public Task DeleteAssetAsync(Asset asset, CancellationToken ct) => DeleteAsync($"{Root}/assets/{asset.Id}", $"removing the asset {asset.Name}", ct);

    /// <summary>Sends a file, once.</summary>
    /// <param name="release">Where to; its own address is used after a check of the host.</param>
    /// <param name="file">What.</param>
    /// <param name="label">Shown instead of the name, or null.</param>
    /// <param name="ct">Ends the upload.</param>
    /// <exception cref="ReleaseException">GitHub said no, for a reason that another attempt does not cure.</exception>
    public async Task<UploadOutcome> UploadAsync(Release release, AssetFile file, string? label, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(file);
        if (!client.Place.IsFamily(release.Upload))
        {
            throw new ReleaseException(Fault.GitHubFailed, $"Uploads of release {release.Id} are said to go to {release.Upload.Host}, which does not belong to {client.Place.Api.Host}. Nothing was sent.");
        }

        var query = $"?name={Uri.EscapeDataString(file.Name)}{(label is null ? "" : $"&label={Uri.EscapeDataString(label)}")}";
        var reporter = client.Context.Reporter;
        var ask = new GitHubAsk(HttpMethod.Post, new Uri(release.Upload.GetLeftPart(UriPartial.Path) + query))
        {
            What = $"uploading {file.Name}",
            IsUpload = true,
            Body = HttpBody.OfFile(file.Path, file.Size, file.Type) with { Progress = sent => reporter.Progress(file.Name, sent, file.Size) },
        };
        try
        {
            var answer = await client.SendAsync(ask, ct);
            return answer.Status switch
            {
                HttpStatusCode.Created => new UploadOutcome(Asset.Of(answer.Root), ""),
                HttpStatusCode.UnprocessableEntity when answer.HasError("already_exists") => new UploadOutcome(null, "there is an asset of this name already"),
                >= HttpStatusCode.InternalServerError => new UploadOutcome(null, $"{(int)answer.Status} {answer.Status}{answer.Request}"),
                _ => throw client.Failure(ask, answer),
            };
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.RemoteFailed || ex.Fault == Fault.RemoteStalled)
        {
            return new UploadOutcome(null, ex.Message);
        }
    }

    /// <summary>The digest of an asset's bytes as the API gives them out.</summary>
    public Task<Digest> DigestOfAsync(Asset asset, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(asset);
        return client.ReceiveAsync(asset.Url, asset.Size, reply => AssetBytes.DigestAsync(reply, ct), ct);
    }

    /// <summary>The bytes of a small asset.</summary>
    public Task<ReadOnlyMemory<byte>> ReadAsync(Asset asset, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(asset);
        return client.ReceiveAsync(asset.Url, asset.Size, reply => AssetBytes.ReadAsync(reply, ct), ct);
    }

    private async Task<T?> FindAsync<T>(string path, string what, Func<JsonElement, T> read, CancellationToken ct)
        where T : class
    {
        var answer = await client.GetAsync(path, what, ct);
        return answer.Status is HttpStatusCode.NotFound ? null : read(Expect(answer, HttpStatusCode.OK, new GitHubAsk(HttpMethod.Get, client.Place.At(path)) { What = what }));
    }

    private async Task DeleteAsync(string path, string what, CancellationToken ct)
    {
        var answer = await client.ChangeAsync(HttpMethod.Delete, path, null, what, ct);
        if (answer.Status is not (HttpStatusCode.NoContent or HttpStatusCode.NotFound))
        {
            throw client.Failure(new GitHubAsk(HttpMethod.Delete, client.Place.At(path)) { What = what }, answer);
        }
    }

    private JsonElement Expect(GitHubAnswer answer, HttpStatusCode status, GitHubAsk ask) =>
        answer.Status == status && answer.Root.ValueKind is JsonValueKind.Object ? answer.Root : throw client.Failure(ask, answer);
}

/// <summary>What came of sending a file once.</summary>
/// <param name="Asset">The asset; null when nobody knows, or when the name was taken: look at the list.</param>
/// <param name="Why">Why nobody knows.</param>
public sealed record UploadOutcome(Asset? Asset, string Why);
