using System.Net;
using System.Net.Sockets;

namespace DotnetRelease.Http;

/// <summary>How far away an address is. A public server must not be able to send us to a nearer place.</summary>
internal enum Reach
{
    /// <summary>The Internet.</summary>
    Public,

    /// <summary>A local network: RFC 1918, RFC 6598, RFC 4193.</summary>
    Private,

    /// <summary>This machine.</summary>
    Loopback,

    /// <summary>Link-local (cloud metadata lives there), unspecified, multicast, reserved: never a place to be sent to.</summary>
    Forbidden,
}

/// <summary>Sorts hosts and addresses.</summary>
internal static class Reaches
{
    /// <summary>The reach that a host's text alone tells, or null for a name that has to be resolved.</summary>
    internal static Reach? OfText(string host)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
        {
            return Of(address);
        }

        var name = host.TrimEnd('.');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            ? Reach.Loopback
            : null;
    }

    internal static Reach Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (IPAddress.IsLoopback(address))
        {
            return Reach.Loopback;
        }

        var bytes = address.GetAddressBytes();
        return address.AddressFamily is AddressFamily.InterNetwork ? OfIPv4(bytes) : OfIPv6(address, bytes);
    }

    private static Reach OfIPv4(byte[] bytes) => (bytes[0], bytes[1]) switch
    {
        (0, _) or (169, 254) or ( >= 224, _) => Reach.Forbidden,
        (10, _) or (172, >= 16 and < 32) or (192, 168) or (100, >= 64 and < 128) => Reach.Private,
        _ => Reach.Public,
    };

    private static Reach OfIPv6(IPAddress address, byte[] bytes)
    {
        // RFC 6052: 64:ff9b::/96 is a way to write an IPv4 address.
        if (bytes.AsSpan(0, 12).SequenceEqual<byte>([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]))
        {
            return Of(new IPAddress(bytes.AsSpan(12)));
        }

        if (address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.IsIPv6SiteLocal || address.Equals(IPAddress.IPv6Any))
        {
            return Reach.Forbidden;
        }

        return address.IsIPv6UniqueLocal ? Reach.Private : Reach.Public;
    }
}
