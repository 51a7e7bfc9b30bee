using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>
/// An HTTP server on loopback that may misbehave in every way a socket allows: a test says what goes over the wire. One request for
/// each connection.
/// </summary>
public sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<RawRequest, RawAnswer, Task> _answer;
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<RawRequest> _requests = new();
    private readonly Task _serving;

    /// <summary>Starts on a free port; with a certificate it speaks TLS.</summary>
    public RawServer(Func<RawRequest, RawAnswer, Task> answer, X509Certificate2? certificate = null)
    {
        (_answer, _certificate) = (answer, certificate);
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Url = new Uri($"{(certificate is null ? "http" : "https")}://127.0.0.1:{port}/");
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>Where it listens, with a slash at the end.</summary>
    public Uri Url { get; }

    /// <summary>Everything asked so far, in order.</summary>
    public IReadOnlyList<RawRequest> Requests => [.. _requests];

    /// <summary>TCP connections so far, also those that never sent a request.</summary>
    public int Connections { get; private set; }

    /// <summary>An address below <see cref="Url"/>.</summary>
    public Uri this[string path] => new(Url, path);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                Connections++;
                open.Add(Task.Run(() => ServeAsync(client)));
            }
        }
        catch (Exception ex) when (ex is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped; a listener that was stopped between two connections calls it an invalid operation.
        }

        await Task.WhenAll(open);
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using (client)
            await using (var stream = await OpenAsync(client))
            {
                if (await ReadAsync(stream) is { } request)
                {
                    _requests.Enqueue(request);
                    await _answer(request, new RawAnswer(stream, client, _stop.Token) { Request = request });
                    await stream.FlushAsync(_stop.Token);
                }
            }
        }
        catch (Exception ex) when (ex is IOException or SocketException or OperationCanceledException or ObjectDisposedException
            or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, which is what many tests want it to do.
        }
    }

    private async Task<Stream> OpenAsync(Socket client)
    {
        var plain = new NetworkStream(client);
        if (_certificate is null)
        {
            return plain;
        }

        var secure = new SslStream(plain);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        return secure;
    }

    private async Task<RawRequest?> ReadAsync(Stream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (bytes.Count < 64 * 1024)
        {
            if (await stream.ReadAsync(one, _stop.Token) is 0)
            {
                return null;
            }

            bytes.Add(one[0]);
            if (bytes is [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'])
            {
                return RawRequest.Parse(Encoding.Latin1.GetString([.. bytes]));
            }
        }

        return null;
    }
}

/// <summary>A request as it came.</summary>
/// <param name="Method">GET, HEAD, ….</param>
/// <param name="Target">Path and query.</param>
/// <param name="Headers">Names in any case; several lines of one name are joined by a comma.</param>
public sealed record RawRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The value of a header, or null.</summary>
    public string? this[string header] => Headers.TryGetValue(header, out var value) ? value : null;

    internal static RawRequest Parse(string text)
    {
        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1)
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => string.Join(",", group.Select(pair => pair[1])), StringComparer.OrdinalIgnoreCase);
        var start = lines[0].Split(' ');
        return new(start[0], start[1], headers);
    }
}

/// <summary>The way back to the client. What is not sent, is not sent: nothing is added.</summary>
public sealed class RawAnswer(Stream stream, Socket socket, CancellationToken stop)
{
    /// <summary>Ends when the server stops.</summary>
    public CancellationToken Stop => stop;

    /// <summary>What is answered.</summary>
    public required RawRequest Request { get; init; }

    /// <summary>Reads the request's body, as far as its length says; a client that asks first is told to go on.</summary>
    /// <param name="most">Reads no more than this, for servers that give up.</param>
    /// <param name="pause">Waits before each tenth of it, for servers that are slow.</param>
    public async Task<byte[]> BodyAsync(int most = int.MaxValue, TimeSpan pause = default)
    {
        if (Request["Expect"] is not null)
        {
            await TextAsync("HTTP/1.1 100 Continue\n\n");
        }

        var body = new byte[Math.Min(most, int.Parse(Request["Content-Length"] ?? "0", System.Globalization.CultureInfo.InvariantCulture))];
        var pieces = pause > TimeSpan.Zero ? 10 : 1;
        for (var piece = 0; piece < pieces; piece++)
        {
            await Task.Delay(pause, stop);
            await stream.ReadExactlyAsync(body.AsMemory((int)((long)body.Length * piece / pieces)..(int)((long)body.Length * (piece + 1) / pieces)), stop);
        }

        return body;
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task BytesAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes, stop);
        await stream.FlushAsync(stop);
    }

    /// <summary>Sends a text as it is; lines end with <c>\n</c> in tests and with CR LF on the wire.</summary>
    public Task TextAsync(string text) => BytesAsync(Encoding.Latin1.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal)));

    /// <summary>A well-behaved 200 with a length.</summary>
    public Task OkAsync(ReadOnlyMemory<byte> body, string headers = "") => StatusAsync("200 OK", headers, body);

    /// <summary>A well-behaved answer of any status.</summary>
    public async Task StatusAsync(string status, string headers = "", ReadOnlyMemory<byte> body = default)
    {
        await TextAsync($"HTTP/1.1 {status}\nContent-Length: {body.Length}\nConnection: close\n{(headers.Length > 0 ? headers + "\n" : "")}\n");
        await BytesAsync(body);
    }

    /// <summary>A redirect.</summary>
    public Task RedirectAsync(string location, string status = "302 Found") => StatusAsync(status, $"Location: {location}");

    /// <summary>Says nothing more until the server stops.</summary>
    public Task SilenceAsync() => Task.Delay(Timeout.Infinite, stop);

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
