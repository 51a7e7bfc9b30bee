using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DotnetRelease.Http;

/// <summary>
/// Opens connections. It resolves names itself, because a redirect to a harmless name may mean an address of our own network.
/// </summary>
internal sealed class Transport
{
    /// <summary>Set on a request that a redirect led to: the URL that was asked first.</summary>
    internal static readonly HttpRequestOptionsKey<Uri> AskedFirst = new("dotnet-release.asked-first");

    /// <summary>How near the hosts are that we were asked to talk to, found when connecting.</summary>
    private readonly ConcurrentDictionary<string, Reach> _reached = new(StringComparer.OrdinalIgnoreCase);

    internal HttpMessageInvoker Open(HttpLimits limits) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = limits.Connect,
        ConnectCallback = ConnectAsync,
        Proxy = new ProxyBeyondThisMachine(HttpClient.DefaultProxy),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, ct);
        var url = context.InitialRequestMessage.RequestUri!;

        // Through a proxy the end point is the proxy, which the user configured and which resolves the name for us.
        var direct = host.Equals(url.IdnHost, StringComparison.OrdinalIgnoreCase) && port == url.Port;
        if (direct && addresses.Length > 0)
        {
            addresses = Permitted(addresses, context.InitialRequestMessage);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The addresses that a request may connect to; a redirect must not lead to a nearer place than where it started.</summary>
    internal IPAddress[] Permitted(IPAddress[] addresses, HttpRequestMessage request)
    {
        var url = request.RequestUri!;
        if (!request.Options.TryGetValue(AskedFirst, out var first) || first.IdnHost.Equals(url.IdnHost, StringComparison.OrdinalIgnoreCase))
        {
            _reached[url.IdnHost] = addresses.Select(Reaches.Of).Max();
            return addresses;
        }

        var from = Reaches.OfText(first.Host) ?? _reached.GetValueOrDefault(first.IdnHost, Reach.Public);
        IPAddress[] permitted = [.. addresses.Where(address => UrlRules.MayLead(from, Reaches.Of(address)))];
        return permitted.Length > 0 ? permitted : throw UrlRules.RefuseNear(first, url);
    }

    /// <summary>The environment's proxies, but never for this machine's own servers: a proxy's loopback is another one.</summary>
    private sealed class ProxyBeyondThisMachine(IWebProxy inner) : IWebProxy
    {
        public ICredentials? Credentials { get => inner.Credentials; set => inner.Credentials = value; }

        public Uri? GetProxy(Uri destination) => inner.GetProxy(destination);

        public bool IsBypassed(Uri host) => Reaches.OfText(host.Host) is Reach.Loopback || inner.IsBypassed(host);
    }
}
