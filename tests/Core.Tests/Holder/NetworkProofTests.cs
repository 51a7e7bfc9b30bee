extern alias holder;

using System.Net;
using System.Net.Sockets;
using holder::DotnetRelease.Holder;

namespace DotnetRelease.Core.Tests.Holder;

[TestClass]
public sealed class NetworkProofTests
{
    [TestMethod]
    [Timeout(30_000)]
    public void This_process_has_a_network_and_the_proof_sees_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        // A machine without any interface but 'lo' is found out by its loopback.
        Assert.IsNotNull(NetworkProof.FindOpening((IPEndPoint)listener.LocalEndpoint, new UnixDomainSocketEndPoint("\0nobody listens here")));
    }
}
