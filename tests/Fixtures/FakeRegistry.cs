namespace DotnetRelease.Fixtures;

/// <summary>A registry in this process. It serves its content well until a test makes it misbehave.</summary>
public sealed class FakeRegistry : IAsyncDisposable
{
    private readonly RawServer _server;

    public FakeRegistry() => _server = new RawServer(AnswerAsync);

    public OciContent Content { get; } = new();

    /// <summary>Digest by tag; the same for every repository.</summary>
    public Dictionary<string, Digest> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers a request in its own way and returns true, or returns false and lets the registry do it.</summary>
    public Func<RawRequest, RawAnswer, Task<bool>> Misbehave { get; set; } = (_, _) => Task.FromResult(false);

    public Uri Url => _server.Url;

    /// <summary><c>127.0.0.1:PORT</c>.</summary>
    public string Host => Url.Authority;

    /// <summary>Method and path of all requests, in order.</summary>
    public IReadOnlyList<string> Requests => [.. _server.Requests.Select(request => $"{request.Method} {request.Target}")];

    public IReadOnlyList<RawRequest> RawRequests => _server.Requests;

    /// <summary>Gives a tag to a descriptor's digest.</summary>
    public void Tag(string tag, string descriptor) => Tags[tag] = OciContent.DigestOf(descriptor);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(RawRequest request, RawAnswer answer)
    {
        if (await Misbehave(request, answer))
        {
            return;
        }

        var asked = request.Target.Split('?')[0].Split('/')[^1];
        var digest = Tags.TryGetValue(asked, out var tagged) ? tagged.ToString() : asked;
        if (!Content.Blobs.TryGetValue(digest, out var blob))
        {
            await answer.StatusAsync("404 Not Found", "Content-Type: application/json", """{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"""u8.ToArray());
            return;
        }

        var type = request.Target.Contains("/manifests/", StringComparison.Ordinal) ? blob.Type : "application/octet-stream";
        if (request.Method is "HEAD")
        {
            await answer.TextAsync($"HTTP/1.1 200 OK\nContent-Length: {blob.Bytes.Length}\nContent-Type: {type}\nDocker-Content-Digest: {digest}\nConnection: close\n\n");
        }
        else
        {
            await answer.OkAsync(blob.Bytes, $"Content-Type: {type}\nDocker-Content-Digest: {digest}");
        }
    }
}
