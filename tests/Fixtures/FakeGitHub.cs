using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DotnetRelease.Fixtures;

/// <summary>
/// A GitHub in this process that keeps releases, assets and tags as the real one does, until a test makes it misbehave: asset digests,
/// <c>starter</c> left-overs, drafts that strangers and tag look-ups do not see, immutable releases and burned tags.
/// </summary>
public sealed class FakeGitHub : IAsyncDisposable
{
    /// <summary>Of every repository here.</summary>
    public const string Repository = "octo/hello";

    private readonly RawServer _server;
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<(DateTimeOffset At, string Request)> _changes = new();
    private long _lastId = 1000;

    /// <summary>Starts on a free port.</summary>
    public FakeGitHub() => _server = new RawServer(AnswerAsync);

    /// <summary>What <c>GITHUB_API_URL</c> gets.</summary>
    public string Url => _server.Url.AbsoluteUri.TrimEnd('/');

    /// <summary>The only token that is accepted.</summary>
    public string Token { get; set; } = "CANARY_fake_github_token_0123456789";

    /// <summary>All releases; changed under the server's lock only by the server.</summary>
    public List<FakeRelease> Releases { get; } = [];

    /// <summary>Commit by tag.</summary>
    public Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>Tags of immutable releases that were deleted.</summary>
    public HashSet<string> Burned { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether releases become immutable when they are published.</summary>
    public bool IsImmutable { get; set; }

    /// <summary>Whether assets get a digest, as they do since 2025.</summary>
    public bool HasDigests { get; set; } = true;

    /// <summary>Whether every answer tells the limits, as github.com does.</summary>
    public bool HasLimits { get; set; }

    /// <summary>Dates the changes.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Items on a page, whatever is asked for.</summary>
    public int PageSize { get; set; } = 100;

    /// <summary>The closed pull requests, newest change first.</summary>
    public JsonArray Pulls { get; } = [];

    /// <summary>Answers a request in its own way and returns true, or returns false and lets the server do it.</summary>
    public Func<RawRequest, RawAnswer, Task<bool>> Misbehave { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>Called with the asset after it was stored and before the answer: null for the usual answer, or another one.</summary>
    public Func<FakeAsset, RawAnswer, Task<bool>> AfterUpload { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>Method and path of all requests, in order.</summary>
    public IReadOnlyList<string> Requests => [.. _server.Requests.Select(request => $"{request.Method} {request.Target}")];

    /// <summary>Requests as they came.</summary>
    public IReadOnlyList<RawRequest> RawRequests => _server.Requests;

    /// <summary>Requests that change something, with the time they came.</summary>
    public IReadOnlyList<(DateTimeOffset At, string Request)> Changes => [.. _changes];

    /// <summary>The bodies of JSON requests, in order.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>The only release of a tag.</summary>
    public FakeRelease ReleaseOf(string tag) => Releases.Single(release => release.Tag == tag);

    /// <summary>A number that nothing has yet.</summary>
    public long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>Puts a release there, as if somebody had made it.</summary>
    public FakeRelease Add(string tag, bool isDraft = true, string body = "")
    {
        var release = new FakeRelease(NextId(), tag) { IsDraft = isDraft, Body = body };
        Releases.Add(release);
        return release;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>An error in GitHub's form.</summary>
    public static Task ErrorAsync(RawAnswer answer, string status, string message, string headers = "", string? errors = null) => answer.StatusAsync(
        status,
        $"Content-Type: application/json\nX-GitHub-Request-Id: FAKE:1234:ABCD{(headers.Length > 0 ? "\n" + headers : "")}",
        JsonSerializer.SerializeToUtf8Bytes(new { message, errors = errors is null ? null : JsonNode.Parse(errors), documentation_url = "https://docs.github.com/rest" }));

    private async Task AnswerAsync(RawRequest request, RawAnswer answer)
    {
        if (request.Method is not "GET")
        {
            _changes.Enqueue((Clock.GetUtcNow(), $"{request.Method} {request.Target.Split('?')[0]}"));
        }

        if (await Misbehave(request, answer))
        {
            return;
        }

        var isKnown = request["Authorization"] == $"Bearer {Token}";
        if (request["Authorization"] is not null && !isKnown)
        {
            await ErrorAsync(answer, "401 Unauthorized", "Bad credentials");
            return;
        }

        var path = request.Target.Split('?')[0].Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        await (path switch
        {
            ["repos", "octo", "hello", .. var rest] => RepositoryAsync(request, answer, rest, isKnown),
            ["uploads", var release] when isKnown => UploadAsync(request, answer, long.Parse(release, CultureInfo.InvariantCulture)),
            ["download", var id, _] => DownloadAsync(answer, long.Parse(id, CultureInfo.InvariantCulture), isKnown),
            _ => ErrorAsync(answer, "404 Not Found", "Not Found"),
        });
    }

    private Task RepositoryAsync(RawRequest request, RawAnswer answer, string[] path, bool isKnown)
    {
        lock (_gate)
        {
            return (request.Method, path) switch
            {
                ("GET", []) => OkAsync(answer, new JsonObject
                {
                    ["full_name"] = Repository,
                    ["default_branch"] = "main",
                    ["private"] = false,
                    ["permissions"] = isKnown ? new JsonObject { ["push"] = true } : null,
                }),
                ("GET", ["git", "ref", "tags", .. var tag]) => TagAsync(answer, string.Join('/', tag)),
                ("GET", ["git", "tags", var id]) => OkAsync(answer, new JsonObject { ["object"] = new JsonObject { ["type"] = "commit", ["sha"] = new string([.. id.Reverse()]) } }),
                ("GET", ["pulls"]) => PageAsync(request, answer, [.. Pulls.Select(pull => pull!.DeepClone())]),
                ("GET", ["releases"]) => PageAsync(request, answer, [.. Releases.Where(release => isKnown || !release.IsDraft).OrderByDescending(release => release.Id).Select(release => release.ToJson(Url))]),
                ("GET", ["releases", "tags", var tag]) => FoundAsync(answer, Releases.Find(release => release.Tag == tag && !release.IsDraft)?.ToJson(Url)),
                ("GET", ["releases", "assets", var id]) => AssetAsync(request, answer, Number(id), isKnown),
                ("GET", ["releases", var id]) => FoundAsync(answer, Visible(id, isKnown)?.ToJson(Url)),
                ("GET", ["releases", var id, "assets"]) => Visible(id, isKnown) is { } release
                    ? PageAsync(request, answer, [.. release.Assets.Select(asset => asset.ToJson(Url, HasDigests))])
                    : ErrorAsync(answer, "404 Not Found", "Not Found"),
                _ when !isKnown => ErrorAsync(answer, "401 Unauthorized", "Requires authentication"),
                ("POST", ["releases"]) => CreateAsync(answer),
                ("PATCH", ["releases", var id]) => EditAsync(answer, Number(id)),
                ("DELETE", ["releases", "assets", var id]) => DeleteAssetAsync(answer, Number(id)),
                ("DELETE", ["releases", var id]) => DeleteAsync(answer, Number(id)),
                _ => ErrorAsync(answer, "404 Not Found", "Not Found"),
            };
        }
    }

    private FakeRelease? Visible(string id, bool isKnown) => Releases.Find(release => release.Id == Number(id) && (isKnown || !release.IsDraft));

    private async Task CreateAsync(RawAnswer answer)
    {
        var json = await JsonAsync(answer);
        var tag = (string)json["tag_name"]!;
        if (Burned.Contains(tag))
        {
            await BurnedAsync(answer);
            return;
        }

        FakeRelease release;
        lock (_gate)
        {
            release = Add(tag, (bool?)json["draft"] ?? false, (string?)json["body"] ?? "");
            release.Target = (string?)json["target_commitish"] ?? "main";
            release.Name = (string?)json["name"] ?? "";
        }

        await answer.StatusAsync("201 Created", Headers(), Bytes(release.ToJson(Url)));
    }

    private async Task EditAsync(RawAnswer answer, long id)
    {
        var json = await JsonAsync(answer);
        FakeRelease? release;
        lock (_gate)
        {
            release = Releases.Find(each => each.Id == id);
        }

        if (release is null)
        {
            await ErrorAsync(answer, "404 Not Found", "Not Found");
            return;
        }

        if (json["draft"] is { } draft && !(bool)draft && release.IsDraft)
        {
            if (Burned.Contains(release.Tag))
            {
                await BurnedAsync(answer);
                return;
            }

            (release.IsDraft, release.IsImmutable) = (false, IsImmutable);
        }

        release.Body = (string?)json["body"] ?? release.Body;
        await OkAsync(answer, release.ToJson(Url));
    }

    private Task BurnedAsync(RawAnswer answer) => ErrorAsync(
        answer,
        "422 Unprocessable Entity",
        "Validation Failed",
        errors: """[{"resource":"Release","code":"custom","field":"tag_name","message":"tag_name was used by an immutable release"}]""");

    private Task DeleteAsync(RawAnswer answer, long id)
    {
        if (Releases.RemoveAll(release => release.Id == id) is 0)
        {
            return ErrorAsync(answer, "404 Not Found", "Not Found");
        }

        return answer.StatusAsync("204 No Content", Headers());
    }

    private Task DeleteAssetAsync(RawAnswer answer, long id)
    {
        var removed = Releases.Sum(release => release.Assets.RemoveAll(asset => asset.Id == id));
        return removed > 0 ? answer.StatusAsync("204 No Content", Headers()) : ErrorAsync(answer, "404 Not Found", "Not Found");
    }

    private async Task UploadAsync(RawRequest request, RawAnswer answer, long id)
    {
        FakeRelease? release;
        bool isTaken;
        var query = request.Target.Split('?')[1].Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal);
        lock (_gate)
        {
            release = Releases.Find(each => each.Id == id);
            isTaken = release?.Assets.Exists(asset => asset.Name == query["name"]) is true;
        }

        if (release is null or { IsImmutable: true } || isTaken)
        {
            if (request["Expect"] is null)
            {
                _ = await answer.BodyAsync();
            }

            await (release switch
            {
                null => ErrorAsync(answer, "404 Not Found", "Not Found"),
                { IsImmutable: true } => ErrorAsync(answer, "422 Unprocessable Entity", "Cannot upload assets to an immutable release."),
                _ => ErrorAsync(answer, "422 Unprocessable Entity", "Validation Failed", errors: """[{"resource":"ReleaseAsset","code":"already_exists","field":"name"}]"""),
            });
            return;
        }

        var asset = new FakeAsset(NextId(), query["name"], await answer.BodyAsync());
        lock (_gate)
        {
            release.Assets.Add(asset);
        }

        if (!await AfterUpload(asset, answer))
        {
            await answer.StatusAsync("201 Created", Headers(), Bytes(asset.ToJson(Url, HasDigests)));
        }
    }

    private Task AssetAsync(RawRequest request, RawAnswer answer, long id, bool isKnown)
    {
        var release = Releases.Find(each => each.Assets.Exists(asset => asset.Id == id) && (isKnown || !each.IsDraft));
        var asset = release?.Assets.Find(each => each.Id == id);
        return asset is null ? ErrorAsync(answer, "404 Not Found", "Not Found")
            : request["Accept"] is "application/octet-stream" ? answer.OkAsync(asset.Bytes)
            : OkAsync(answer, asset.ToJson(Url, HasDigests));
    }

    private Task DownloadAsync(RawAnswer answer, long id, bool isKnown)
    {
        lock (_gate)
        {
            var release = Releases.Find(each => each.Assets.Exists(asset => asset.Id == id) && (isKnown || !each.IsDraft));
            return release?.Assets.Find(each => each.Id == id) is { } asset ? answer.OkAsync(asset.Bytes) : ErrorAsync(answer, "404 Not Found", "Not Found");
        }
    }

    private Task TagAsync(RawAnswer answer, string tag) => Tags.TryGetValue(tag, out var commit)
        ? OkAsync(answer, new JsonObject { ["ref"] = $"refs/tags/{tag}", ["object"] = new JsonObject { ["type"] = "tag", ["sha"] = new string([.. commit.Reverse()]) } })
        : ErrorAsync(answer, "404 Not Found", "Not Found");

    private Task FoundAsync(RawAnswer answer, JsonNode? json) => json is null ? ErrorAsync(answer, "404 Not Found", "Not Found") : OkAsync(answer, json);

    private Task PageAsync(RawRequest request, RawAnswer answer, List<JsonNode> items)
    {
        var query = request.Target.Contains('?', StringComparison.Ordinal) ? request.Target.Split('?')[1] : "";
        var page = query.Split('&').FirstOrDefault(pair => pair.StartsWith("page=", StringComparison.Ordinal)) is { } asked ? int.Parse(asked[5..], CultureInfo.InvariantCulture) : 1;
        var next = items.Count > page * PageSize ? $"Link: <{Url}{request.Target.Split('?')[0]}?page={page + 1}>; rel=\"next\", <{Url}/last>; rel=\"last\"" : "";
        return answer.OkAsync(Bytes(new JsonArray([.. items.Skip((page - 1) * PageSize).Take(PageSize)])), string.Join('\n', new[] { Headers(), next }.Where(line => line.Length > 0)));
    }

    private Task OkAsync(RawAnswer answer, JsonNode json) => answer.OkAsync(Bytes(json), Headers());

    private string Headers() => "Content-Type: application/json\nX-GitHub-Request-Id: FAKE:1234:ABCD" + (HasLimits ? "\nX-RateLimit-Limit: 5000\nX-RateLimit-Remaining: 4999" : "");

    private async Task<JsonNode> JsonAsync(RawAnswer answer)
    {
        var bytes = await answer.BodyAsync();
        Bodies.Enqueue(System.Text.Encoding.UTF8.GetString(bytes));
        return JsonNode.Parse(bytes)!;
    }

    private static byte[] Bytes(JsonNode json) => JsonSerializer.SerializeToUtf8Bytes(json);

    private static long Number(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : -1;
}

/// <summary>A release in a <see cref="FakeGitHub"/>.</summary>
public sealed class FakeRelease(long id, string tag)
{
    public long Id { get; } = id;

    public string Tag { get; set; } = tag;

    public string Name { get; set; } = "";

    public string Body { get; set; } = "";

    public string Target { get; set; } = "main";

    public bool IsDraft { get; set; }

    public bool IsImmutable { get; set; }

    public List<FakeAsset> Assets { get; } = [];

    public DateTimeOffset Published { get; set; } = DateTimeOffset.UnixEpoch;

    internal JsonNode ToJson(string url) => new JsonObject
    {
        ["id"] = Id,
        ["tag_name"] = Tag,
        ["name"] = Name,
        ["body"] = Body,
        ["draft"] = IsDraft,
        ["immutable"] = IsImmutable,
        ["prerelease"] = false,
        ["target_commitish"] = Target,
        ["html_url"] = $"{url}/octo/hello/releases/{Tag}",
        ["upload_url"] = $"{url}/uploads/{Id}{{?name,label}}",
        ["published_at"] = IsDraft ? null : Published.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["assets"] = new JsonArray(),
    };
}

/// <summary>An asset in a <see cref="FakeGitHub"/>.</summary>
public sealed class FakeAsset(long id, string name, byte[] bytes)
{
    public long Id { get; } = id;

    public string Name { get; set; } = name;

    public byte[] Bytes { get; set; } = bytes;

    /// <summary><c>uploaded</c>, or <c>starter</c> for what a failed upload leaves behind.</summary>
    public string State { get; set; } = "uploaded";

    internal JsonNode ToJson(string url, bool hasDigest) => new JsonObject
    {
        ["id"] = Id,
        ["name"] = Name,
        ["size"] = Bytes.Length,
        ["state"] = State,
        ["digest"] = hasDigest && State is "uploaded" ? Digest.Of(Bytes).ToString() : null,
        ["url"] = $"{url}/repos/octo/hello/releases/assets/{Id}",
        ["browser_download_url"] = $"{url}/download/{Id}/{Name}",
    };
}
