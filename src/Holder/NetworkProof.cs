using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>
/// Shows that a sandbox has no network before its command starts: bubblewrap waits while a thread of ours enters the sandbox's network
/// namespace and tries to get out. Nothing of ours stays there.
/// </summary>
internal sealed partial class NetworkProof : IDisposable
{
    private const int NewNetwork = 0x40000000;

    private (int Read, int Write) _info = Native.Pipe();
    private (int Read, int Write) _block = Native.Pipe();

    /// <summary>Where bubblewrap writes.</summary>
    internal int Info => _info.Write;

    /// <summary>Where bubblewrap waits.</summary>
    internal int Block => _block.Read;

    /// <summary>Runs the tries and returns what they showed. After a fault the caller has to kill bubblewrap before disposing.</summary>
    internal string Establish()
    {
        var process = Native.Check(pidfd_open(ReadPid(), 0), "pidfd_open");
        ReleaseException? reached = null;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var abstractListener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var abstractName = new UnixDomainSocketEndPoint($"\0dotnet-release-{Guid.NewGuid():n}");
        abstractListener.Bind(abstractName);
        abstractListener.Listen(1);

        // The thread never comes back from the namespace, so it ends there.
        var thread = new Thread(() => reached = Try(process, (IPEndPoint)listener.LocalEndPoint!, abstractName));
        thread.Start();
        thread.Join();
        Native.Close(process);
        if (reached is not null)
        {
            throw reached;
        }

        return "no network: 'lo' is the only interface; IPv4, IPv6, UDP to a name server, the machine's loopback and its abstract sockets were tried and refused";
    }

    /// <summary>Lets the command start.</summary>
    internal void Release() => Native.Check(Files.WriteAll(_block.Write, "\n"u8), "write");

    public void Dispose()
    {
        Native.Close(_info.Read);
        Native.Close(_info.Write);
        Native.Close(_block.Read);
        Native.Close(_block.Write);
    }

    /// <summary>Bubblewrap writes <c>{ "child-pid": N … }</c> and closes.</summary>
    private int ReadPid()
    {
        Native.Close(_info.Write);
        _info.Write = -1;
        Span<byte> text = stackalloc byte[512];
        var length = Math.Max(0, Files.ReadAll(_info.Read, text));
        var key = text[..length].IndexOf("\"child-pid\":"u8);
        return key >= 0 && Utf8Parser.TryParse(text[(key + 12)..length].TrimStart((byte)' '), out int pid, out _)
            ? pid
            : throw new ReleaseException(Fault.ContainerFailed, "bubblewrap ended before the sandbox was there.");
    }

    private static ReleaseException? Try(int process, IPEndPoint machine, UnixDomainSocketEndPoint abstractName)
    {
        if (setns(process, NewNetwork) < 0)
        {
            return new ReleaseException(Fault.ContainerFailed, $"the sandbox's network namespace could not be checked: {Native.Failure("setns").Message}.");
        }

        var opening = FindOpening(machine, abstractName);
        return opening is null ? null : new ReleaseException(Fault.ContainerFailed, $"the sandbox should have no network, but it {opening}.");
    }

    /// <summary>What is open in the calling thread's network namespace, or null.</summary>
    internal static string? FindOpening(IPEndPoint machine, UnixDomainSocketEndPoint abstractName)
    {
        // 192.0.2.0/24 and 2001:db8::/32 are for documentation: no packet to them ever means anything.
        (string Name, EndPoint Address, ProtocolType Protocol)[] tries =
        [
            ("an IPv4 address", new IPEndPoint(IPAddress.Parse("192.0.2.1"), 443), ProtocolType.Tcp),
            ("an IPv6 address", new IPEndPoint(IPAddress.Parse("2001:db8::1"), 443), ProtocolType.Tcp),
            ("a name server", new IPEndPoint(IPAddress.Parse("192.0.2.53"), 53), ProtocolType.Udp),
            ("the machine's loopback", machine, ProtocolType.Tcp),
            ("the machine's abstract sockets", abstractName, ProtocolType.Unspecified),
        ];
        var interfaces = Interfaces();
        if (interfaces is not ["lo"])
        {
            return $"has the interfaces {string.Join(", ", interfaces)}";
        }

        var open = tries.FirstOrDefault(one => Connects(one.Address, one.Protocol)).Name;
        return open is null ? null : $"reaches {open}";
    }

    private static string[] Interfaces() =>
        [.. from line in File.ReadLines("/proc/thread-self/net/dev").Skip(2) select line[..line.IndexOf(':', StringComparison.Ordinal)].Trim()];

    private static bool Connects(EndPoint address, ProtocolType protocol)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, protocol is ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
            socket.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int file, int type);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pidfd_open(int pid, uint flags);
}
