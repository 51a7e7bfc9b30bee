extern alias holder;

using System.Net;
using System.Net.Sockets;
using DotnetRelease.Fixtures;
using holder::DotnetRelease.Holder;

namespace DotnetRelease.Core.Tests.Holder;

/// <summary>Each try of the proof is seen to fail where its way is open: this process has the machine's own network.</summary>
[TestClass]
public sealed class NetworkProofTests
{
    [TestMethod]
    [Timeout(30_000)]
    public void This_process_has_a_network_and_the_proof_sees_it()
    {
        using var ways = new WaysOut([new IPEndPoint(IPAddress.Loopback, 53)]);

        // A machine without any interface but 'lo' is found out by its loopback.
        Assert.IsNotNull(ways.FindOpen());
    }

    [TestMethod]
    [DataRow("the machine's loopback by TCP")]
    [DataRow("the machine's loopback by UDP")]
    [DataRow("the machine's abstract sockets")]
    [Timeout(30_000)]
    public void A_way_that_is_open_is_seen(string name)
    {
        using var ways = new WaysOut([]);

        Assert.IsTrue(ways.All.Single(way => way.Name == name).IsOpen());
    }

    [TestMethod]
    [Timeout(30_000)]
    public void Routes_out_are_seen_where_there_are_any()
    {
        using var ways = new WaysOut([]);
        foreach (var (name, address) in new[] { ("TCP over IPv4", "192.0.2.1"), ("UDP", "192.0.2.1"), ("TCP over IPv6", "2001:db8::1") })
        {
            Assert.AreEqual(HasRoute(IPAddress.Parse(address)), ways.All.Single(way => way.Name == name).IsOpen(), name);
        }
    }

    [TestMethod]
    [Timeout(30_000)]
    public void A_name_server_on_loopback_is_reached_when_it_answers()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)server.Client.LocalEndPoint!;
        using var ways = new WaysOut([address]);
        var (_, isOpen) = ways.All.Single(way => way.Name is "DNS (127.0.0.1)");

        var answering = Task.Run(async () =>
        {
            var question = await server.ReceiveAsync();
            await server.SendAsync(question.Buffer, question.RemoteEndPoint);
        });
        Assert.IsTrue(isOpen());
        answering.GetAwaiter().GetResult();

        server.Close();
        Assert.IsFalse(isOpen());
    }

    [TestMethod]
    public void The_machines_name_servers_are_asked()
    {
        using var scratch = new Scratch();
        scratch.Write("resolv.conf", "# comment\nsearch example.org\nnameserver 192.0.2.53\nnameserver fe80::1\nnameserver rubbish\nnameserver\t10.0.0.1\nnameserver 10.0.0.2\n");

        CollectionAssert.AreEqual(new[] { "192.0.2.53", "fe80::1", "10.0.0.1" }, WaysOut.NameServers(scratch["resolv.conf"]).Select(server => server.Address.ToString()).ToArray());
        Assert.AreEqual("127.0.0.1:53", WaysOut.NameServers(scratch["missing"]).Single().ToString());
    }

    /// <summary>A UDP socket needs a route to be connected and sends nothing.</summary>
    private static bool HasRoute(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(address, 9);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
