using System.Net;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Http;

namespace DotnetRelease.Core.Tests.Http;

[TestClass]
public sealed class RedirectTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow("301 Moved Permanently")]
    [DataRow("302 Found")]
    [DataRow("303 See Other")]
    [DataRow("307 Temporary Redirect")]
    [DataRow("308 Permanent Redirect")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_path_is_followed_on_the_same_server_with_everything(string status)
    {
        await using var server = new RawServer((request, answer) => request.Target is "/old"
            ? answer.RedirectAsync("/new", status)
            : answer.OkAsync("here"u8.ToArray()));
        using var door = Doors.Open();

        var document = await door.ReadAsync(new HttpAsk(server["old"]) { Headers = [new("Authorization", "Bearer hush")] }, Ct);

        Assert.AreEqual("here", Encoding.UTF8.GetString(document.Bytes.Span));
        Assert.AreEqual(server["new"], document.Url);
        Assert.AreEqual("Bearer hush", server.Requests[1]["Authorization"]);
    }

    // cases.md 8
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Another_port_gets_no_credentials_and_coming_back_does_not_bring_them_back()
    {
        RawServer? home = null;
        await using var storage = new RawServer((_, answer) => answer.RedirectAsync(home!["end"].ToString()));
        await using var start = home = new RawServer((request, answer) => request.Target is "/end"
            ? answer.OkAsync("blob"u8.ToArray())
            : answer.RedirectAsync(storage["blob"].ToString()));
        using var door = Doors.Open();

        await door.ReadAsync(
            new HttpAsk(home["start"])
            {
                Accept = "application/octet-stream",
                PastCaches = true,
                Headers = [new("Authorization", "Bearer hush"), new("Cookie", "id=hush"), new("PRIVATE-TOKEN", "hush")],
            },
            Ct);

        Assert.AreEqual("hush", home.Requests[0]["PRIVATE-TOKEN"]);
        foreach (var request in storage.Requests.Append(home.Requests[1]))
        {
            Assert.IsFalse(request.Headers.Values.Any(value => value.Contains("hush", StringComparison.Ordinal)), request.ToString());
            Assert.AreEqual("application/octet-stream", request["Accept"]);
            Assert.AreEqual("no-cache", request["Cache-Control"]);
        }
    }

    // cases.md 9
    [TestMethod]
    [DataRow("file:///etc/passwd")]
    [DataRow("http://169.254.169.254/latest/meta-data/")]
    [DataRow("https://169.254.169.254/latest/meta-data/")]
    [DataRow("https://0xa9fea9fe/")]
    [DataRow("https://2852039166/")]
    [DataRow("https://[fe80::1]/")]
    [DataRow("https://[::ffff:169.254.169.254]/")]
    [DataRow("https://[64:ff9b::a9fe:a9fe]/")]
    [DataRow("https://10.0.0.1/")]
    [DataRow("https://192.168.1.1/")]
    [DataRow("https://100.64.0.1/")]
    [DataRow("https://[fd00::1]/")]
    [DataRow("https://0.0.0.0/")]
    [DataRow("http://files.example/x.whl")]
    [DataRow("ftp://files.example/x.whl")]
    [DataRow("javascript:alert(1)")]
    [DataRow("https://user:secret@files.example/x.whl")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_redirect_to_a_nearer_or_weaker_place_is_refused_and_not_asked(string target)
    {
        await using var server = new RawServer((_, answer) => answer.RedirectAsync(target));

        var error = await Doors.FailsAsync(new HttpAsk(server["x.whl"]), Ct);

        Assert.AreEqual(Fault.UrlRefused, error.Fault, error.Message);
        Assert.Contains(server["x.whl"].ToString(), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.HasCount(1, server.Requests);
    }

    [TestMethod]
    [DataRow("http://pypi.example/simple/")]
    [DataRow("file:///etc/passwd")]
    [DataRow("ftp://pypi.example/")]
    [DataRow("https://pypi.org@evil.example/")]
    [DataRow("/relative")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Such_urls_are_not_asked_in_the_first_place(string url)
    {
        var error = await Doors.FailsAsync(new HttpAsk(new Uri(url, UriKind.RelativeOrAbsolute)), Ct);

        Assert.AreEqual(Fault.UrlRefused, error.Fault);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("Location: http://[::1")]
    [DataRow("Location: //")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_redirect_to_nowhere_is_a_remote_failure_or_refused(string header)
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync("302 Found", header));

        var error = await Doors.FailsAsync(new HttpAsk(server.Url), Ct);

        Assert.IsTrue(error.Fault == Fault.RemoteFailed || error.Fault == Fault.UrlRefused, error.Message);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_circle_ends_after_five_hops()
    {
        await using var server = new RawServer((_, answer) => answer.RedirectAsync("/again"));

        var error = await Doors.FailsAsync(new HttpAsk(server.Url), Ct);

        Assert.AreEqual(Fault.RemoteFailed, error.Fault);
        Assert.Contains("more than 5 redirects", error.Message, StringComparison.Ordinal);
        Assert.HasCount(6, server.Requests);
    }

    // cases.md 7; a trusted TLS server cannot be had in a test, the decision can.
    [TestMethod]
    [DataRow("http://files.example/x", "weaker http://files.example/x")]
    [DataRow("http://127.0.0.1/x", "weaker http://127.0.0.1/x")]
    [DataRow("https://localhost/x", "private or local")]
    public void From_https_there_is_no_way_back(string target, string said)
    {
        var ask = new HttpAsk(new Uri("https://files.example/x")) { AllowPlain = true };

        var error = Assert.ThrowsExactly<ReleaseException>(() => UrlRules.Follow(Redirect(ask.Url, target), ask));

        Assert.AreEqual(Fault.UrlRefused, error.Fault);
        Assert.Contains("https://files.example/x redirects to", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    // A name that looks public and means this machine or the cloud's metadata: rebinding works like this.
    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("169.254.169.254")]
    [DataRow("10.1.2.3")]
    [DataRow("::1")]
    public void A_redirect_to_a_name_is_judged_by_the_address_it_has(string address)
    {
        var transport = new Transport();
        var first = new HttpRequestMessage(HttpMethod.Get, "https://files.example/x");
        var next = new HttpRequestMessage(HttpMethod.Get, "https://innocent.example/x");
        next.Options.Set(Transport.AskedFirst, first.RequestUri!);
        IPAddress far = IPAddress.Parse("93.184.216.34"), near = IPAddress.Parse(address);

        Assert.HasCount(1, transport.Permitted([far], first));
        Assert.HasCount(1, transport.Permitted([near, far], next));
        Assert.AreEqual(Fault.UrlRefused, Assert.ThrowsExactly<ReleaseException>(() => transport.Permitted([near], next)).Fault);
    }

    [TestMethod]
    public void A_server_of_a_private_network_may_lead_into_it_but_not_to_this_machine()
    {
        var transport = new Transport();
        var first = new HttpRequestMessage(HttpMethod.Get, "https://mirror.corp.example/x");
        var next = new HttpRequestMessage(HttpMethod.Get, "https://storage.corp.example/x");
        next.Options.Set(Transport.AskedFirst, first.RequestUri!);
        transport.Permitted([IPAddress.Parse("10.0.0.1")], first);

        Assert.HasCount(1, transport.Permitted([IPAddress.Parse("10.0.0.2")], next));
        Assert.ThrowsExactly<ReleaseException>(() => transport.Permitted([IPAddress.Loopback], next));
    }

    [TestMethod]
    public void Plain_http_that_the_user_configured_holds_for_that_host_alone()
    {
        var ask = new HttpAsk(new Uri("http://mirror.example/simple/")) { AllowPlain = true };

        UrlRules.Check(ask.Url, ask);

        Assert.AreEqual("http://mirror.example/y", UrlRules.Follow(Redirect(ask.Url, "/y"), ask)!.ToString());
        Assert.AreEqual("https://other.example/", UrlRules.Follow(Redirect(ask.Url, "https://other.example/"), ask)!.ToString());
        Assert.ThrowsExactly<ReleaseException>(() => UrlRules.Follow(Redirect(ask.Url, "http://other.example/"), ask));
        Assert.ThrowsExactly<ReleaseException>(() => UrlRules.Check(ask.Url, ask with { AllowPlain = false }));
    }

    [TestMethod]
    public void What_a_public_server_may_lead_to_is_the_internet_alone()
    {
        Assert.IsTrue(UrlRules.MayLead(Reach.Public, Reach.Public));
        Assert.IsFalse(UrlRules.MayLead(Reach.Public, Reach.Private));
        Assert.IsFalse(UrlRules.MayLead(Reach.Public, Reach.Loopback));
        Assert.IsFalse(UrlRules.MayLead(Reach.Loopback, Reach.Private));
        Assert.IsFalse(UrlRules.MayLead(Reach.Forbidden, Reach.Forbidden));
        Assert.IsTrue(UrlRules.MayLead(Reach.Private, Reach.Private));
        Assert.IsTrue(UrlRules.MayLead(Reach.Loopback, Reach.Loopback));
    }

    [TestMethod]
    [DataRow("127.0.0.1", "Loopback")]
    [DataRow("127.8.9.1", "Loopback")]
    [DataRow("[::1]", "Loopback")]
    [DataRow("localhost.", "Loopback")]
    [DataRow("a.LOCALHOST", "Loopback")]
    [DataRow("[::ffff:10.1.2.3]", "Private")]
    [DataRow("172.31.255.255", "Private")]
    [DataRow("172.32.0.1", "Public")]
    [DataRow("8.8.8.8", "Public")]
    [DataRow("[2606:4700::1]", "Public")]
    [DataRow("0.1.2.3", "Forbidden")]
    [DataRow("255.255.255.255", "Forbidden")]
    [DataRow("224.0.0.1", "Forbidden")]
    [DataRow("[::]", "Forbidden")]
    [DataRow("[ff02::1]", "Forbidden")]
    [DataRow("localhost.example", null)]
    [DataRow("pypi.org", null)]
    public void A_host_is_sorted_by_its_text(string host, string? reach) => Assert.AreEqual(reach, Reaches.OfText(host)?.ToString());

    private static HttpResponseMessage Redirect(Uri from, string to)
    {
        var response = new HttpResponseMessage(HttpStatusCode.Found) { RequestMessage = new HttpRequestMessage(HttpMethod.Get, from) };
        response.Headers.TryAddWithoutValidation("Location", to);
        return response;
    }
}
