using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DotnetRelease.Fixtures;
using DotnetRelease.Http;

namespace DotnetRelease.Core.Tests.Http;

[TestClass]
public sealed class TlsTests(TestContext test)
{
    // cases.md 11
    [TestMethod]
    [DataRow("127.0.0.1", 1, "UntrustedRoot", DisplayName = "self-signed")]
    [DataRow("127.0.0.1", -1, "NotTimeValid", DisplayName = "expired")]
    [DataRow("files.example", 1, "RemoteCertificateNameMismatch", DisplayName = "another host")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_server_that_cannot_prove_who_it_is_is_not_asked(string host, int endsInDays, string reason)
    {
        using var certificate = Certificate(host, endsInDays);
        await using var server = new RawServer((_, answer) => answer.OkAsync("secret"u8.ToArray()), certificate);

        var error = await Doors.FailsAsync(new HttpAsk(server["x"]), test.CancellationToken);

        Assert.AreEqual(Fault.RemoteFailed, error.Fault, error.Message);
        Assert.StartsWith($"GET {server["x"]} -> 127.0.0.1 could not prove who it is: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("insecure", error.Message + error.Remedy, StringComparison.OrdinalIgnoreCase);
        Assert.IsEmpty(server.Requests);
        Assert.AreEqual(1, server.Connections);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_handshake_that_gets_no_answer_names_the_connect_limit()
    {
        await using var server = new RawServer((_, answer) => answer.SilenceAsync());
        var url = new UriBuilder(server["x"]) { Scheme = "https" }.Uri;

        var error = await Doors.FailsAsync(new HttpAsk(url), test.CancellationToken, Doors.Impatient with { Connect = TimeSpan.FromMilliseconds(500) });

        Assert.AreEqual($"GET {url} -> no connection to 127.0.0.1 within 0.5 s (connect limit).", error.Message);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_handshake_that_is_cut_off_is_tried_again()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var calls = 0;
        var hangingUp = Task.Run(async () =>
        {
            while (calls < 5)
            {
                using var client = await listener.AcceptSocketAsync(test.CancellationToken);
                calls++;
            }
        });

        var error = await Doors.FailsAsync(new HttpAsk(new Uri($"https://{listener.LocalEndpoint}/")), test.CancellationToken);
        await hangingUp;

        Assert.AreEqual(Fault.RemoteFailed, error.Fault);
        Assert.EndsWith("(5 attempts).", error.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 Certificate(string host, int endsInDays)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddDays(-10), now.AddDays(endsInDays));

        // SslStream wants a key that lives in the certificate's own store.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
