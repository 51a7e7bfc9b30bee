using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DotnetRelease.Http;

/// <summary>
/// A small web server for one folder, on loopback and read-only: for trying a repository by hand as its clients would see it. Files
/// with validators and ranges, listings of folders, nothing else. Names with a dot in front are not served.
/// </summary>
public sealed class LoopbackServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly ServedFolder _folder;

    private LoopbackServer(HttpListener listener, ServedFolder folder, Uri url) => (_listener, _folder, Url) = (listener, folder, url);

    /// <summary>Where it listens; ends in a slash.</summary>
    public Uri Url { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="root">The folder; it has to be there.</param>
    /// <param name="port">A port, or 0 for a free one.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.PortTaken"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    public static LoopbackServer Start(string root, int port)
    {
        if (!Directory.Exists(root))
        {
            throw new ReleaseException(Fault.FileUnreadable, $"There is no folder '{root}' to serve.");
        }

        // Between finding a free port and taking it somebody else may take it.
        const int attempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{(port is 0 ? FreePort() : port)}/");
            var listener = new HttpListener { Prefixes = { url } };
            try
            {
                listener.Start();
                return new LoopbackServer(listener, new ServedFolder(root), new Uri(url));
            }
            catch (HttpListenerException ex) when (port is not 0 || attempt == attempts)
            {
                ((IDisposable)listener).Dispose();
                throw new ReleaseException(Fault.PortTaken, $"{url} could not be served: {ex.Message}.", inner: ex);
            }
            catch (HttpListenerException)
            {
                ((IDisposable)listener).Dispose();
            }
        }
    }

    /// <summary>Answers until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await using var stop = ct.Register(_listener.Stop);
        List<Task> open = [];
        while (!ct.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception ex) when (ex is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                break;
            }

            open.RemoveAll(task => task.IsCompleted);
            open.Add(Task.Run(() => AnswerAsync(context, ct), CancellationToken.None));
        }

        await Task.WhenAll(open);
    }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)_listener).Dispose();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task AnswerAsync(HttpListenerContext context, CancellationToken ct)
    {
        var response = context.Response;
        try
        {
            response.Headers["X-Content-Type-Options"] = "nosniff";
            await AnswerAsync(context.Request, response, ct);
            response.Close();
        }
        catch (Exception ex) when (ex is IOException or HttpListenerException or ObjectDisposedException or UnauthorizedAccessException or OperationCanceledException or ProtocolViolationException)
        {
            // The client went away, or the file could not be read: half an answer must not look like a whole one.
            response.Abort();
        }
    }

    private Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response, CancellationToken ct)
    {
        if (request.HttpMethod is not ("GET" or "HEAD"))
        {
            response.Headers["Allow"] = "GET, HEAD";
            return SayAsync(request, response, HttpStatusCode.MethodNotAllowed, ct);
        }

        var path = (request.RawUrl ?? "").Split('?', '#')[0];
        return _folder.Find(path) switch
        {
            null => SayAsync(request, response, HttpStatusCode.NotFound, ct),
            var file when File.Exists(file) => path.EndsWith('/') ? SayAsync(request, response, HttpStatusCode.NotFound, ct) : SendAsync(request, response, file, ct),
            var folder when path.EndsWith('/') => ListAsync(request, response, folder, ct),
            _ => RedirectAsync(request, response, path + "/", ct),
        };
    }

    private static Task RedirectAsync(HttpListenerRequest request, HttpListenerResponse response, string path, CancellationToken ct)
    {
        // Two slashes in front would name another host.
        response.Headers["Location"] = "/" + path.TrimStart('/');
        return SayAsync(request, response, HttpStatusCode.MovedPermanently, ct);
    }

    private static async Task SendAsync(HttpListenerRequest request, HttpListenerResponse response, string path, CancellationToken ct)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.SequentialScan | FileOptions.Asynchronous);
        var version = FileVersion.Of(path, file.Length);
        response.Headers["ETag"] = version.ETag;
        response.Headers["Last-Modified"] = version.LastModified;
        response.Headers["Accept-Ranges"] = "bytes";
        if (version.IsKnownTo(request))
        {
            response.StatusCode = (int)HttpStatusCode.NotModified;
            return;
        }

        var range = version.MayContinue(request) ? ByteRange.Parse(request.Headers["Range"], file.Length) : null;
        if (range is { Length: 0 })
        {
            response.Headers["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Length}");
            await SayAsync(request, response, HttpStatusCode.RequestedRangeNotSatisfiable, ct);
            return;
        }

        var (start, length) = (range?.Start ?? 0, range?.Length ?? file.Length);
        if (range is { } part)
        {
            response.StatusCode = (int)HttpStatusCode.PartialContent;
            response.Headers["Content-Range"] = part.Of(file.Length);
        }

        response.ContentType = TypeOf(path);
        response.ContentLength64 = length;
        if (request.HttpMethod is "GET")
        {
            file.Position = start;
            await CopyAsync(file, response.OutputStream, length, ct);
        }
    }

    private static async Task CopyAsync(FileStream file, Stream output, long length, CancellationToken ct)
    {
        var buffer = new byte[128 * 1024];
        while (length > 0)
        {
            var count = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), ct);
            if (count is 0)
            {
                throw new EndOfStreamException("The file became shorter while it was sent.");
            }

            await output.WriteAsync(buffer.AsMemory(0, count), ct);
            length -= count;
        }
    }

    private static Task ListAsync(HttpListenerRequest request, HttpListenerResponse response, string folder, CancellationToken ct)
    {
        var lines = ServedFolder.List(folder).Select(name => $"<li><a href=\"./{Uri.EscapeDataString(name.TrimEnd('/'))}{(name.EndsWith('/') ? "/" : "")}\">{WebUtility.HtmlEncode(name)}</a></li>");
        var title = WebUtility.HtmlEncode(Uri.UnescapeDataString(request.RawUrl!.Split('?')[0]));
        response.ContentType = "text/html; charset=utf-8";
        return WriteAsync(request, response, $"<!DOCTYPE html>\n<title>{title}</title>\n<h1>{title}</h1>\n<ul>\n<li><a href=\"../\">../</a></li>\n{string.Join('\n', lines)}\n</ul>\n", ct);
    }

    private static Task SayAsync(HttpListenerRequest request, HttpListenerResponse response, HttpStatusCode status, CancellationToken ct)
    {
        response.StatusCode = (int)status;
        response.ContentType = "text/plain; charset=utf-8";
        return WriteAsync(request, response, $"{(int)status} {status}\n", ct);
    }

    private static async Task WriteAsync(HttpListenerRequest request, HttpListenerResponse response, string text, CancellationToken ct)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        response.ContentLength64 = bytes.Length;
        if (request.HttpMethod is not "HEAD")
        {
            await response.OutputStream.WriteAsync(bytes, ct);
        }
    }

    private static string TypeOf(string path) => Path.GetExtension(path) switch
    {
        ".xml" => "application/xml",
        ".gz" => "application/gzip",
        ".zst" => "application/zstd",
        ".rpm" => "application/x-rpm",
        ".json" => "application/json",
        ".repo" or ".asc" or ".txt" or ".signed" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}
