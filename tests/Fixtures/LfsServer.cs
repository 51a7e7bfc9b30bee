using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DotnetRelease.Fixtures;

/// <summary>
/// A Git LFS server on loopback: the batch API with the basic transfer, and verification. Objects lie in a folder under their digest. Only who has
/// the token gets in, and the token is what an ssh server gives out; it misbehaves when it is told to.
/// </summary>
public sealed class LfsServer : IAsyncDisposable
{
    private const string Json = "Content-Type: application/vnd.git-lfs+json";

    private readonly RawServer _http;
    private readonly ConcurrentQueue<LfsRequest> _requests = new();

    private LfsServer(string folder)
    {
        Folder = folder;
        _http = new RawServer(AnswerAsync);
    }

    /// <summary>What has to be in each request's <c>Authorization</c>.</summary>
    public string Token { get; } = $"Bearer lfs-secret-{Guid.NewGuid():n}";

    /// <summary>Where objects are kept.</summary>
    public string Folder { get; }

    /// <summary>Ends in a slash.</summary>
    public Uri Url => _http.Url;

    /// <summary>Asked before each request that was let in; an answer is given instead of doing it.</summary>
    public Func<LfsRequest, Task<LfsFailure?>> Misbehave { get; set; } = _ => Task.FromResult<LfsFailure?>(null);

    /// <summary>Every request so far.</summary>
    public IReadOnlyList<LfsRequest> Requests => [.. _requests];

    /// <summary>Digests of the objects that are there, ordered.</summary>
    public string[] Objects => [.. Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Starts it.</summary>
    /// <param name="scratch">Takes the objects.</param>
    public static LfsServer Start(Scratch scratch) => new(scratch.Folder("lfs-objects"));

    /// <summary>The program with which an ssh server tells git-lfs where objects go and with what token, as hosts do.</summary>
    public void AnnounceBy(SshServer server)
    {
        var program = Path.Combine(server.Programs, "git-lfs-authenticate");
        var answer = new JsonObject { ["href"] = Url.AbsoluteUri.TrimEnd('/'), ["header"] = Header(), ["expires_in"] = 3600 };
        File.WriteAllText(program, $"#!/bin/sh\necho \"$*\" >> '{Folder}.announced'\ncat <<'END'\n{answer.ToJsonString()}\nEND\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>What the ssh server was asked for: path and operation, a line for each time.</summary>
    public string[] Announced => File.Exists(Folder + ".announced") ? File.ReadAllLines(Folder + ".announced") : [];

    public ValueTask DisposeAsync() => _http.DisposeAsync();

    private async Task AnswerAsync(RawRequest http, RawAnswer answer)
    {
        var request = new LfsRequest(http, await answer.BodyAsync());
        _requests.Enqueue(request);
        var failure = http["Authorization"] != Token ? new LfsFailure("401 Unauthorized", "Credentials needed") : await Misbehave(request);
        await (failure is not null ? FailAsync(answer, failure) : request.Kind switch
        {
            "batch" => BatchAsync(request, answer),
            "upload" => UploadAsync(request, answer),
            "verify" => VerifyAsync(request, answer),
            "download" when Has(request.Oid) => answer.OkAsync(await File.ReadAllBytesAsync(At(request.Oid))),
            _ => FailAsync(answer, new LfsFailure("404 Not Found", "Not found")),
        });
    }

    private async Task BatchAsync(LfsRequest request, RawAnswer answer)
    {
        var asked = JsonNode.Parse(request.Body)!;
        var isUpload = (string)asked["operation"]! is "upload";
        var objects = asked["objects"]!.AsArray().Select(one => Offer((string)one!["oid"]!, (long)one["size"]!, isUpload)).ToArray<JsonNode>();
        await SendAsync(answer, new JsonObject { ["transfer"] = "basic", ["objects"] = new JsonArray(objects) });
    }

    private JsonObject Offer(string oid, long size, bool isUpload)
    {
        var offer = new JsonObject { ["oid"] = oid, ["size"] = size, ["authenticated"] = true };
        if (!isUpload && !Has(oid))
        {
            offer["error"] = new JsonObject { ["code"] = 404, ["message"] = "Object does not exist" };
        }
        else if (!isUpload)
        {
            offer["actions"] = new JsonObject { ["download"] = Action($"objects/{oid}") };
        }
        else if (!Has(oid))
        {
            offer["actions"] = new JsonObject { ["upload"] = Action($"objects/{oid}"), ["verify"] = Action("verify") };
        }

        return offer;
    }

    private async Task UploadAsync(LfsRequest request, RawAnswer answer)
    {
        if (Convert.ToHexStringLower(SHA256.HashData(request.Body)) != request.Oid)
        {
            await FailAsync(answer, new LfsFailure("422 Unprocessable Entity", "The bytes are not those of the digest"));
            return;
        }

        await File.WriteAllBytesAsync(At(request.Oid), request.Body);
        await answer.OkAsync(default);
    }

    private async Task VerifyAsync(LfsRequest request, RawAnswer answer)
    {
        var asked = JsonNode.Parse(request.Body)!;
        var path = At((string)asked["oid"]!);
        await (File.Exists(path) && new FileInfo(path).Length == (long)asked["size"]!
            ? answer.OkAsync(default)
            : FailAsync(answer, new LfsFailure("404 Not Found", "The object did not arrive")));
    }

    private JsonObject Action(string path) => new() { ["href"] = new Uri(Url, path).AbsoluteUri, ["header"] = Header(), ["expires_in"] = 3600 };

    private JsonObject Header() => new() { ["Authorization"] = Token };

    private bool Has(string oid) => File.Exists(At(oid));

    private string At(string oid) => oid.Length is 64 && oid.All(char.IsAsciiHexDigitLower) ? Path.Combine(Folder, oid) : throw new JsonException($"'{oid}' is no digest.");

    private static Task SendAsync(RawAnswer answer, JsonObject json) => answer.OkAsync(JsonSerializer.SerializeToUtf8Bytes(json), Json);

    private static Task FailAsync(RawAnswer answer, LfsFailure failure) =>
        answer.StatusAsync(failure.Status, failure.Headers ?? Json, failure.Body ?? JsonSerializer.SerializeToUtf8Bytes(new { message = failure.Message }));
}

/// <summary>A request with its body.</summary>
/// <param name="Http">Method, path and headers.</param>
/// <param name="Body">All of it.</param>
public sealed record LfsRequest(RawRequest Http, byte[] Body)
{
    /// <summary><c>batch</c>, <c>upload</c>, <c>verify</c>, <c>download</c>, or what was asked when it is none of them.</summary>
    public string Kind => (Http.Method, Http.Target) switch
    {
        ("POST", "/objects/batch") => "batch",
        ("POST", "/verify") => "verify",
        ("PUT", _) when Oid.Length > 0 => "upload",
        ("GET", _) when Oid.Length > 0 => "download",
        _ => $"{Http.Method} {Http.Target}",
    };

    /// <summary>The digest in the path; empty for those without.</summary>
    public string Oid => Http.Target.StartsWith("/objects/", StringComparison.Ordinal) && Http.Method is not "POST" ? Http.Target["/objects/".Length..] : "";
}

/// <summary>An answer that is no help.</summary>
/// <param name="Status">Number and reason.</param>
/// <param name="Message">For a person.</param>
public sealed record LfsFailure(string Status, string Message = "")
{
    /// <summary>Instead of the type of the message.</summary>
    public string? Headers { get; init; }

    /// <summary>Instead of the message as JSON.</summary>
    public byte[]? Body { get; init; }

    /// <summary>The batch is answered well, and each object of it with an error, as hosts do that look at each one.</summary>
    public static LfsFailure OfEachObject(LfsRequest batch, int code, string message) => new("200 OK")
    {
        Body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            objects = JsonNode.Parse(batch.Body)!["objects"]!.AsArray().Select(one => new { oid = one!["oid"], size = one["size"], error = new { code, message } }),
        }),
    };
}
