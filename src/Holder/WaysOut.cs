using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DotnetRelease.Holder;

/// <summary>
/// Every way out of a network namespace that a program could take, for trying: TCP, UDP, DNS, the machine's loopback and its abstract
/// sockets. Made outside, with listeners there; tried by a thread that is inside. Where there is no way out each try ends at once.
/// </summary>
internal sealed class WaysOut : IDisposable
{
    private const int DnsPort = 53;

    // For documentation (RFC 5737, RFC 3849): no packet to them ever means anything. A route to them is a way out.
    private static readonly IPAddress Outside = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress OutsideIPv6 = IPAddress.Parse("2001:db8::1");

    /// <summary>A question for the servers of the root.</summary>
    private static readonly byte[] Question = [0x52, 0x4c, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IPEndPoint[] _nameServers;
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _abstract = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Opens the listeners on this machine.</summary>
    /// <param name="nameServers">Whom programs would ask for names.</param>
    internal WaysOut(IPEndPoint[] nameServers)
    {
        _nameServers = nameServers;
        foreach (var socket in (Socket[])[_tcp, _udp])
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        }

        _abstract.Bind(new UnixDomainSocketEndPoint($"\0dotnet-release-{Guid.NewGuid():n}"));
        _tcp.Listen(1);
        _abstract.Listen(1);
    }

    /// <summary>Each way, with a try that says whether it is open from where the calling thread is.</summary>
    internal IEnumerable<(string Name, Func<bool> IsOpen)> All =>
    [
        ("TCP over IPv4", () => Connects(new IPEndPoint(Outside, 443), ProtocolType.Tcp)),
        ("TCP over IPv6", () => Connects(new IPEndPoint(OutsideIPv6, 443), ProtocolType.Tcp)),
        ("UDP", () => Connects(new IPEndPoint(Outside, 123), ProtocolType.Udp)),
        ($"DNS ({string.Join(", ", _nameServers.Select(server => server.Address))})", () => _nameServers.Any(Answers)),
        ("the machine's loopback by TCP", () => Connects(_tcp.LocalEndPoint!, ProtocolType.Tcp)),
        ("the machine's loopback by UDP", () => Listens(_udp.LocalEndPoint!, _udp)),
        ("the machine's abstract sockets", () => Connects(_abstract.LocalEndPoint!, ProtocolType.Unspecified)),
    ];

    /// <summary>What is open, in words that go on after "it", or null.</summary>
    internal string? FindOpen()
    {
        var interfaces = File.ReadLines("/proc/thread-self/net/dev").Skip(2).Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)].Trim()).ToArray();
        if (interfaces is not ["lo"])
        {
            return $"has the interfaces {string.Join(", ", interfaces)}";
        }

        var open = All.FirstOrDefault(way => way.IsOpen()).Name;
        return open is null ? null : $"reaches {open}";
    }

    /// <summary>The machine's name servers; without any, programs ask its own loopback.</summary>
    internal static IPEndPoint[] NameServers(string file = "/etc/resolv.conf")
    {
        const string key = "nameserver";
        const int most = 3;
        var lines = File.Exists(file) ? File.ReadLines(file) : [];
        var servers = lines.Where(line => line.StartsWith(key, StringComparison.Ordinal))
            .Select(line => IPAddress.TryParse(line[key.Length..].Trim(), out var address) ? address : null)
            .OfType<IPAddress>()
            .Take(most)
            .ToArray();
        return [.. (servers is [] ? [IPAddress.Loopback] : servers).Select(server => new IPEndPoint(server, DnsPort))];
    }

    /// <summary>All of them, for the proof.</summary>
    public override string ToString() => string.Join(", ", All.Select(way => way.Name));

    public void Dispose()
    {
        _tcp.Dispose();
        _udp.Dispose();
        _abstract.Dispose();
    }

    /// <summary>Whether there is a connection, or at least a route on which one is on its way. Loopback answers at once.</summary>
    private static bool Connects(EndPoint address, ProtocolType protocol)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, protocol is ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol) { Blocking = address is not IPEndPoint { Address: var ip } || IPAddress.IsLoopback(ip) };
            socket.Connect(address);
            return true;
        }
        catch (SocketException ex)
        {
            return ex.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress;
        }
    }

    /// <summary>A name server elsewhere is reached when there is a route to it; one at an address of loopback, which every namespace has, when it is there.</summary>
    private static bool Answers(IPEndPoint server) => IPAddress.IsLoopback(server.Address) ? Listens(server, null) : Connects(server, ProtocolType.Udp);

    /// <summary>
    /// Whether somebody takes what is sent to an address of loopback. Where nobody does the kernel refuses it at once; silence is not
    /// taken for a refusal.
    /// </summary>
    private static bool Listens(EndPoint address, Socket? listener)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            socket.Connect(address);
            socket.Send(Question);
            var answer = new byte[512];
            for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Patience;)
            {
                if (listener?.Poll(0, SelectMode.SelectRead) is true)
                {
                    return true;
                }

                _ = socket.Receive(answer, SocketFlags.None, out var end);
                if (end is not SocketError.WouldBlock)
                {
                    return end is SocketError.Success;
                }

                Thread.Sleep(1);
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
