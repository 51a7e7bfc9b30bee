using System.Globalization;
using DotnetRelease.Fixtures;
using DotnetRelease.Http;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Http;

[TestClass]
public sealed class LoopbackServerTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Curl_gets_a_file_its_head_a_part_of_it_and_not_again_what_it_has()
    {
        await using var served = new Served(Ct);
        var url = served.Write("repo/a-1-1.noarch.rpm", "0123456789");

        Assert.AreEqual("0123456789", await CurlAsync(url));
        var head = await CurlAsync("-I", url);
        Assert.Contains("200 OK", head, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 10", head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/x-rpm", head, StringComparison.Ordinal);
        Assert.AreEqual("234", await CurlAsync("-r", "2-4", url));
        Assert.AreEqual("789", await CurlAsync("-r", "-3", url));
        Assert.AreEqual("56789", await CurlAsync("-r", "5-99", url));
        Assert.AreEqual("416", await StatusAsync("-r", "10-", url));
        var etag = head.Split('\n').Single(line => line.StartsWith("ETag:", StringComparison.OrdinalIgnoreCase)).Split(' ')[1].Trim();
        Assert.AreEqual("304", await StatusAsync("-H", $"If-None-Match: {etag}", url));
        Assert.AreEqual("200", await StatusAsync("-H", "If-None-Match: \"other\"", url));
        Assert.AreEqual("206", await StatusAsync("-H", $"If-Range: {etag}", "-r", "2-4", url));
        Assert.AreEqual("200", await StatusAsync("-H", "If-Range: \"other\"", "-r", "2-4", url));
        Assert.AreEqual("304", await StatusAsync("-H", $"If-Modified-Since: {DateTimeOffset.UtcNow.AddDays(1).ToString("R", CultureInfo.InvariantCulture)}", url));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow("/../secret")]
    [DataRow("/%2e%2e/secret")]
    [DataRow("/repo/..%2f..%2fsecret")]
    [DataRow("/repo/%2e%2e/%2e%2e/secret")]
    [DataRow("/repo\\..\\..\\secret")]
    [DataRow("/.hidden")]
    [DataRow("/repo/.unfinished-1")]
    [DataRow("/out/secret")]
    [DataRow("/out")]
    [DataRow("/loop")]
    [DataRow("/repo/file%00.txt")]
    [DataRow("/repo/file.txt/")]
    [DataRow("/missing")]
    public async Task Nothing_outside_the_folder_and_nothing_hidden_is_served(string path)
    {
        await using var served = new Served(Ct);
        await File.WriteAllTextAsync(served.Scratch["secret"], "secret", Ct);
        served.Write("repo/file.txt", "x");
        served.Write("repo/.unfinished-1", "secret");
        served.Write(".hidden", "secret");
        File.CreateSymbolicLink(served.Scratch["served/out"], served.Scratch.Root);
        File.CreateSymbolicLink(served.Scratch["served/loop"], "loop");

        var answer = await CurlAsync("-o", "-", "-w", " %{http_code}", "--path-as-is", served.Url.AbsoluteUri.TrimEnd('/') + path);

        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
        Assert.Contains(answer[^3..], "400 404", StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_link_inside_the_folder_and_a_listing_are_served_and_nothing_can_be_written()
    {
        await using var served = new Served(Ct);
        served.Write("fedora-43/a <b>&+#1.txt", "text");
        File.CreateSymbolicLink(served.Scratch["served/latest"], "fedora-43");

        Assert.AreEqual("text", await CurlAsync($"{served.Url}latest/a%20%3Cb%3E%26%2B%231.txt"));
        Assert.AreEqual("301", await StatusAsync($"{served.Url}fedora-43"));
        var page = await CurlAsync("-L", $"{served.Url}fedora-43");
        Assert.Contains("<a href=\"./a%20%3Cb%3E%26%2B%231.txt\">a &lt;b&gt;&amp;+#1.txt</a>", page, StringComparison.Ordinal);
        foreach (var method in (string[])["PUT", "POST", "DELETE", "OPTIONS", "PROPFIND"])
        {
            Assert.AreEqual("405", await StatusAsync("-X", method, "--data", "x", $"{served.Url}fedora-43/new"), method);
        }
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Another_name_for_this_machine_is_not_answered()
    {
        await using var served = new Served(Ct);
        var url = served.Write("a.txt", "text");

        // A web page whose name was pointed at loopback must not read it.
        Assert.DoesNotContain("text", await CurlAsync("-H", "Host: evil.example.org", url), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_taken_port_is_told()
    {
        await using var served = new Served(Ct);

        var ex = Assert.ThrowsExactly<ReleaseException>(() => LoopbackServer.Start(served.Scratch.Root, served.Url.Port));

        Assert.AreEqual(Fault.PortTaken, ex.Fault);
        Assert.Contains(served.Url.AbsoluteUri, ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("bytes=0-0", 0, 1)]
    [DataRow("bytes=9-", 9, 1)]
    [DataRow("bytes=0-9223372036854775807", 0, 10)]
    [DataRow("bytes=-100", 0, 10)]
    [DataRow("bytes=10-", 0, 0)]
    [DataRow("bytes=-0", 0, 0)]
    [DataRow("bytes=99-100", 0, 0)]
    public void A_range_is_cut_to_the_file(string header, int start, int length) => Assert.AreEqual(new ByteRange(start, length), ByteRange.Parse(header, 10));

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow("bytes")]
    [DataRow("bytes=")]
    [DataRow("bytes=-")]
    [DataRow("bytes=5-3")]
    [DataRow("bytes=a-b")]
    [DataRow("bytes=1-2,4-5")]
    [DataRow("bytes=99999999999999999999-")]
    [DataRow("lines=1-2")]
    public void What_is_no_single_range_is_ignored(string? header) => Assert.IsNull(ByteRange.Parse(header, 10));

    private async Task<string> CurlAsync(params string[] arguments) =>
        (await Exec.ReadAsync(new Command("curl", ["-q", "-s", "--noproxy", "*", "--max-time", "20", .. arguments]), Ct)).Output;

    private Task<string> StatusAsync(params string[] arguments) => CurlAsync(["-o", "/dev/null", "-w", "%{http_code}", .. arguments]);

    /// <summary>A folder that is served while a test runs.</summary>
    private sealed class Served : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop;
        private readonly LoopbackServer _server;
        private readonly Task _running;

        internal Served(CancellationToken ct)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            _server = LoopbackServer.Start(Scratch.Folder("served"), 0);
            _running = _server.RunAsync(_stop.Token);
        }

        internal Scratch Scratch { get; } = new();

        internal Uri Url => _server.Url;

        /// <summary>Writes a file and returns its URL.</summary>
        internal string Write(string relative, string text)
        {
            Scratch.Write(Path.Combine("served", relative), text);
            return Url + relative;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _server.Dispose();
            _stop.Dispose();
            Scratch.Dispose();
        }
    }
}
