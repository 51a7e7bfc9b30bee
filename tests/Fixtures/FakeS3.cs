using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace DotnetRelease.Fixtures;

/// <summary>
/// An object store in memory that keeps to what Amazon documents, conditional writes included, and misbehaves when it is told to. It does not
/// check signatures: the real server of <see cref="S3Rver"/> does. Everybody may read, as a web server lets clients.
/// </summary>
public sealed class FakeS3 : IAsyncDisposable
{
    private static readonly XNamespace Xml = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, FakeObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, byte[]>> _uploads = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly Task _serving;

    private FakeS3(HttpListener listener, int port)
    {
        (_listener, Port) = (listener, port);
        _serving = ServeAsync();
    }

    /// <summary>The one bucket there is.</summary>
    public const string Bucket = "packages";

    public int Port { get; }

    /// <summary><c>http://127.0.0.1:PORT/</c></summary>
    public string Endpoint => $"http://127.0.0.1:{Port}/";

    /// <summary>Most entries of one answer to a listing.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Whether conditions are kept; a service that does not know them writes all the same.</summary>
    public bool HasConditions { get; set; } = true;

    /// <summary>Asked before each request; an answer is given instead of doing it.</summary>
    public Func<FakeRequest, FakeFailure?> Misbehave { get; set; } = _ => null;

    /// <summary>Told after each request that was done, before it is answered.</summary>
    public Action<FakeRequest> Done { get; set; } = _ => { };

    /// <summary>Every request so far.</summary>
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    /// <summary>Keys, ordered.</summary>
    public string[] Keys
    {
        get
        {
            lock (_lock)
            {
                return [.. _objects.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Uploads in pieces that are neither finished nor given up.</summary>
    public int OpenUploads
    {
        get
        {
            lock (_lock)
            {
                return _uploads.Count;
            }
        }
    }

    /// <summary>An object's bytes, past the protocol.</summary>
    public byte[] this[string key]
    {
        get
        {
            lock (_lock)
            {
                return _objects[key].Bytes;
            }
        }

        set
        {
            lock (_lock)
            {
                _objects[key] = FakeObject.Of(value);
            }
        }
    }

    /// <summary>Starts it on a free port of loopback.</summary>
    public static FakeS3 Start()
    {
        for (var attempts = 0; ; attempts++)
        {
            var port = ListeningProgram.FreePort();
            var listener = new HttpListener();
            listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                listener.Start();
                return new FakeS3(listener, port);
            }
            catch (HttpListenerException) when (attempts < 5)
            {
                // Somebody else was faster.
            }
        }
    }

    /// <summary>Forgets an object, past the protocol.</summary>
    public void Remove(string key)
    {
        lock (_lock)
        {
            _objects.Remove(key);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        try
        {
            _listener.Close();
        }
        catch (HttpListenerException)
        {
            // It takes the port once more to let it go, and somebody may have it by now.
        }
    }

    private async Task ServeAsync()
    {
        List<Task> answers = [];
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                answers.RemoveAll(answer => answer.IsCompleted);
                answers.Add(Task.Run(() => AnswerAsync(context)));
            }
        }
        catch (Exception ex) when (ex is HttpListenerException or ObjectDisposedException || (ex is InvalidOperationException && !_listener.IsListening))
        {
            // A listener that was stopped says so in three ways, depending on whether it was waiting, about to wait, or closed.
            await Task.WhenAll(answers);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            var request = FakeRequest.Of(context.Request, body.ToArray());
            Requests.Enqueue(request);
            FakeAnswer answer;
            if (Misbehave(request) is { } failure)
            {
                answer = failure.Answer;
            }
            else
            {
                lock (_lock)
                {
                    answer = Do(request);
                }

                Done(request);
            }

            await answer.SendAsync(context.Response, request.Method is "HEAD");
        }
        catch (Exception ex) when (ex is HttpListenerException or IOException or ObjectDisposedException || (ex is InvalidOperationException && !_listener.IsListening))
        {
            // The client went away, which clients may, or the listener was stopped, which sends the answers that are still being made, empty.
        }
    }

    private FakeAnswer Do(FakeRequest request)
    {
        if (request.Bucket is not Bucket)
        {
            return FakeAnswer.Error(404, "NoSuchBucket");
        }

        return (request.Method, request.Key, request.Query) switch
        {
            ("GET", "", _) when request.Query.ContainsKey("uploads") => ListUploads(),
            ("GET", "", _) => List(request),
            ("GET" or "HEAD", _, _) => _objects.TryGetValue(request.Key, out var found) ? found.ToAnswer() : FakeAnswer.Error(404, "NoSuchKey"),
            ("POST", _, _) when request.Query.ContainsKey("uploads") => StartUpload(request),
            ("POST", _, _) => FinishUpload(request),
            ("PUT", _, _) when request.Query.TryGetValue("uploadId", out var id) => AddPiece(request, id),
            ("PUT", _, _) => Refused(request) ?? Put(request.Key, request.Body),
            ("DELETE", _, _) when request.Query.TryGetValue("uploadId", out var id) => Gone(() => _uploads.Remove(id)),
            ("DELETE", _, _) => Gone(() => _objects.Remove(request.Key)),
            _ => FakeAnswer.Error(501, "NotImplemented"),
        };
    }

    private static FakeAnswer Gone(Func<bool> remove)
    {
        remove();
        return new FakeAnswer(204, []);
    }

    private FakeAnswer Put(string key, byte[] bytes)
    {
        _objects[key] = FakeObject.Of(bytes);
        return new FakeAnswer(200, []) { Headers = { ["ETag"] = _objects[key].ETag } };
    }

    /// <summary>What the conditions and checksums of a write have against it.</summary>
    private FakeAnswer? Refused(FakeRequest request)
    {
        _objects.TryGetValue(request.Key, out var there);
        if (request.Header("x-amz-checksum-sha256") is { } promised && promised != Convert.ToBase64String(SHA256.HashData(request.Body)))
        {
            return FakeAnswer.Error(400, "BadDigest");
        }

        if (!HasConditions)
        {
            return null;
        }

        if (request.Header("If-None-Match") is "*" && there is not null)
        {
            return FakeAnswer.Error(412, "PreconditionFailed");
        }

        return request.Header("If-Match") is { } tag
            ? there is null ? FakeAnswer.Error(404, "NoSuchKey") : there.ETag == tag ? null : FakeAnswer.Error(412, "PreconditionFailed")
            : null;
    }

    private FakeAnswer List(FakeRequest request)
    {
        var prefix = request.Query.GetValueOrDefault("prefix", "");
        var after = request.Query.GetValueOrDefault("continuation-token", "");
        var keys = _objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, after) > 0).Order(StringComparer.Ordinal).ToList();
        var page = keys.Take(PageSize).ToList();
        var more = page.Count < keys.Count;
        return FakeAnswer.Document(new XElement(
            Xml + "ListBucketResult",
            new XElement(Xml + "Name", Bucket),
            new XElement(Xml + "Prefix", prefix),
            new XElement(Xml + "KeyCount", page.Count),
            new XElement(Xml + "IsTruncated", more ? "true" : "false"),
            more ? new XElement(Xml + "NextContinuationToken", page[^1]) : null,
            page.Select(key => new XElement(
                Xml + "Contents",
                new XElement(Xml + "Key", key),
                new XElement(Xml + "LastModified", _objects[key].Modified.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null)),
                new XElement(Xml + "ETag", _objects[key].ETag),
                new XElement(Xml + "Size", _objects[key].Bytes.Length)))));
    }

    private FakeAnswer ListUploads() => FakeAnswer.Document(new XElement(
        Xml + "ListMultipartUploadsResult",
        new XElement(Xml + "Bucket", Bucket),
        new XElement(Xml + "IsTruncated", "false"),
        _uploads.Keys.Select(id => new XElement(Xml + "Upload", new XElement(Xml + "Key", id[33..]), new XElement(Xml + "UploadId", id)))));

    private FakeAnswer StartUpload(FakeRequest request)
    {
        var id = $"{Guid.NewGuid():n}-{request.Key}";
        _uploads[id] = [];
        return FakeAnswer.Document(new XElement(
            Xml + "InitiateMultipartUploadResult", new XElement(Xml + "Bucket", Bucket), new XElement(Xml + "Key", request.Key), new XElement(Xml + "UploadId", id)));
    }

    private FakeAnswer AddPiece(FakeRequest request, string id)
    {
        if (!_uploads.TryGetValue(id, out var pieces))
        {
            return FakeAnswer.Error(404, "NoSuchUpload");
        }

        pieces[int.Parse(request.Query["partNumber"], null)] = request.Body;
        return new FakeAnswer(200, []) { Headers = { ["ETag"] = FakeObject.Of(request.Body).ETag } };
    }

    private FakeAnswer FinishUpload(FakeRequest request)
    {
        var id = request.Query.GetValueOrDefault("uploadId", "");
        if (!_uploads.TryGetValue(id, out var pieces))
        {
            return FakeAnswer.Error(404, "NoSuchUpload");
        }

        if (Refused(request with { Headers = request.Headers.Where(header => header.Key is not "x-amz-checksum-sha256").ToDictionary() }) is { } refused)
        {
            return refused;
        }

        _uploads.Remove(id);
        Put(request.Key, [.. pieces.Values.SelectMany(piece => piece)]);
        return FakeAnswer.Document(new XElement(
            Xml + "CompleteMultipartUploadResult", new XElement(Xml + "Bucket", Bucket), new XElement(Xml + "Key", request.Key), new XElement(Xml + "ETag", _objects[request.Key].ETag)));
    }

    private sealed record FakeObject(byte[] Bytes, string ETag, DateTime Modified)
    {
        /// <summary>A tag that changes with every write and is no digest, as with encrypted objects.</summary>
        internal static FakeObject Of(byte[] bytes) => new(bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData([.. bytes, .. Guid.NewGuid().ToByteArray()]))[..32]}-1\"", DateTime.UtcNow);

        internal FakeAnswer ToAnswer() => new(200, Bytes) { Headers = { ["ETag"] = ETag, ["Last-Modified"] = Modified.ToString("R", null) } };
    }
}

/// <summary>What a client asked for.</summary>
public sealed record FakeRequest(string Method, string Bucket, string Key, IReadOnlyDictionary<string, string> Query, byte[] Body)
{
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The value of a header, or null.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name.ToLowerInvariant());

    public override string ToString() => $"{Method} {Key}{(Query.Count > 0 ? "?" + string.Join('&', Query.Select(pair => $"{pair.Key}={pair.Value}")) : "")}";

    internal static FakeRequest Of(HttpListenerRequest request, byte[] body)
    {
        var path = Uri.UnescapeDataString(request.Url!.AbsolutePath).TrimStart('/').Split('/', 2);
        var query = request.Url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "");
        return new FakeRequest(request.HttpMethod, path[0], path.Length > 1 ? path[1] : "", query, body)
        {
            Headers = request.Headers.AllKeys.OfType<string>().ToDictionary(name => name.ToLowerInvariant(), name => request.Headers[name]!),
        };
    }
}

/// <summary>An answer that a request does not deserve.</summary>
public sealed record FakeFailure(int Status, string Code)
{
    /// <summary>A header that says more, such as the region of a bucket.</summary>
    public (string Name, string Value)? Header { get; init; }

    internal FakeAnswer Answer
    {
        get
        {
            var answer = FakeAnswer.Error(Status, Code);
            if (Header is { } header)
            {
                answer.Headers[header.Name] = header.Value;
            }

            return answer;
        }
    }
}

internal sealed record FakeAnswer(int Status, byte[] Body)
{
    internal Dictionary<string, string> Headers { get; } = [];

    internal static FakeAnswer Error(int status, string code) =>
        Document(new XElement("Error", new XElement("Code", code), new XElement("Message", $"The fake says {code}."), new XElement("RequestId", "1"))) with { Status = status };

    internal static FakeAnswer Document(XElement root) => new(200, Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + root)) { Headers = { ["Content-Type"] = "application/xml" } };

    internal async Task SendAsync(HttpListenerResponse response, bool isHead)
    {
        response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            response.Headers[name] = value;
        }

        response.ContentLength64 = Body.Length;
        if (!isHead)
        {
            await response.OutputStream.WriteAsync(Body);
        }

        response.Close();
    }
}
