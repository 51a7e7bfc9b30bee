using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Http;

namespace DotnetRelease.Core.Tests.Http;

[TestClass]
public sealed class HttpDoorTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_document_comes_with_its_status_and_headers()
    {
        await using var server = new RawServer((_, answer) => answer.OkAsync("hello"u8.ToArray(), "X-Kind: small"));
        using var door = Doors.Open();

        var document = await door.ReadAsync(new HttpAsk(server["a/b?c=d"]) { Accept = "text/plain" }, Ct);

        Assert.AreEqual("hello", Encoding.UTF8.GetString(document.Bytes.Span));
        Assert.AreEqual("small", document.Value("x-kind"));
        Assert.AreEqual(HttpStatusCode.OK, document.Status);
        var request = server.Requests.Single();
        Assert.AreEqual("/a/b?c=d", request.Target);
        Assert.AreEqual("text/plain", request["Accept"]);
        Assert.AreEqual("identity", request["Accept-Encoding"]);
        Assert.StartsWith("dotnet-release/", request["User-Agent"], StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_challenge_comes_through_with_every_line_of_it()
    {
        await using var server = new RawServer((_, answer) =>
            answer.StatusAsync("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\nWWW-Authenticate: Bearer realm=\"https://auth.example/token\",service=\"s\""));
        using var door = Doors.Open();

        var document = await door.ReadAsync(new HttpAsk(server.Url), Ct);

        Assert.AreEqual(HttpStatusCode.Unauthorized, document.Status);
        CollectionAssert.AreEqual(
            new[] { "Basic realm=\"x\"", "Bearer realm=\"https://auth.example/token\",service=\"s\"" }, document.Values("WWW-Authenticate").ToArray());
        Assert.AreEqual(Fault.RemoteUnauthorized, Assert.ThrowsExactly<ReleaseException>(document.RequireOk).Fault);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_head_request_needs_no_body()
    {
        await using var server = new RawServer((_, answer) => answer.TextAsync("HTTP/1.1 200 OK\nContent-Length: 123456789012\nConnection: close\n\n"));
        using var door = Doors.Open();

        var document = await door.ReadAsync(new HttpAsk(server.Url) { Method = HttpMethod.Head }, Ct);

        Assert.AreEqual(123456789012, document.Length);
        Assert.AreEqual(0, document.Bytes.Length);
    }

    [TestMethod]
    [DataRow("404 Not Found", "REL2002")]
    [DataRow("410 Gone", "REL2002")]
    [DataRow("403 Forbidden", "REL2008")]
    [DataRow("204 No Content", "REL2006")]
    [DataRow("206 Partial Content", "REL2006")]
    [DataRow("304 Not Modified", "REL2006")]
    [DataRow("501 Not Implemented", "REL2006")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Whoever_needs_the_bytes_goes_on_only_with_200(string status, string fault)
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync(status));
        using var door = Doors.Open();

        var document = await door.ReadAsync(new HttpAsk(server["file?token=hush"]), Ct);
        var error = Assert.ThrowsExactly<ReleaseException>(document.RequireOk);

        Assert.AreEqual(fault, error.Fault.Id);
        Assert.StartsWith($"GET {server["file"]}?… -> {status[..3]} ", error.Message, StringComparison.Ordinal);
        Assert.HasCount(1, server.Requests);
    }

    // cases.md 10
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_busy_server_is_asked_again_after_the_wait_it_wants()
    {
        var left = new Queue<string>(["429 Too Many Requests", "503 Service Unavailable", "503 Service Unavailable"]);
        await using var server = new RawServer((_, answer) => left.TryDequeue(out var status)
            ? answer.StatusAsync(status, left.Count is 2 ? "Retry-After: 1" : "")
            : answer.OkAsync("done"u8.ToArray()));
        var reporter = new ListReporter();
        using var door = Doors.Open(reporter);
        var clock = Stopwatch.StartNew();

        var document = await door.ReadAsync(new HttpAsk(server.Url), Ct);

        Assert.AreEqual("done", Encoding.UTF8.GetString(document.Bytes.Span));
        Assert.IsGreaterThanOrEqualTo(TimeSpan.FromSeconds(1), clock.Elapsed);
        Assert.HasCount(3, reporter.Lines);
        Assert.AreEqual($"GET {server.Url} -> 429 TooManyRequests; trying again in 1 s", reporter.Lines[0]);
    }

    // cases.md 10
    [TestMethod]
    [DataRow("Retry-After: 99999")]
    [DataRow("Retry-After: Fri, 31 Dec 2100 23:59:59 GMT")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_wait_of_a_day_is_not_waited(string header)
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync("429 Too Many Requests", header));

        var error = await Doors.FailsAsync(new HttpAsk(server.Url), Ct);

        Assert.AreEqual(Fault.RemoteFailed, error.Fault);
        Assert.Contains("wants us to wait", error.Message, StringComparison.Ordinal);
        Assert.HasCount(1, server.Requests);
    }

    [TestMethod]
    [DataRow("408 Request Timeout")]
    [DataRow("425 Too Early")]
    [DataRow("429 Too Many Requests")]
    [DataRow("500 Internal Server Error")]
    [DataRow("502 Bad Gateway")]
    [DataRow("503 Service Unavailable")]
    [DataRow("504 Gateway Timeout")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_server_that_stays_broken_is_given_up(string status)
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync(status));

        var error = await Doors.FailsAsync(new HttpAsk(server.Url), Ct);

        Assert.AreEqual(Fault.RemoteFailed, error.Fault);
        Assert.EndsWith("(5 attempts).", error.Message, StringComparison.Ordinal);
        Assert.HasCount(5, server.Requests);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_reset_is_tried_again()
    {
        var first = true;
        await using var server = new RawServer(async (_, answer) =>
        {
            if (first)
            {
                first = false;
                answer.Reset();
                return;
            }

            await answer.OkAsync("x"u8.ToArray());
        });
        using var door = Doors.Open();

        var document = await door.ReadAsync(new HttpAsk(server.Url), Ct);

        Assert.AreEqual(1, document.Bytes.Length);
        Assert.HasCount(2, server.Requests);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Nobody_there_is_an_error_that_names_the_host()
    {
        using var taken = new Socket(SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}/x");

        var error = await Doors.FailsAsync(new HttpAsk(url), Ct);

        Assert.AreEqual(Fault.RemoteFailed, error.Fault);
        Assert.StartsWith($"GET {url} -> 127.0.0.1: Connection refused (5 attempts).", error.Message, StringComparison.Ordinal);
    }

    // cases.md 3
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_body_cut_short_is_tried_again_and_then_named_with_both_numbers()
    {
        await using var server = new RawServer((_, answer) => answer.TextAsync("HTTP/1.1 200 OK\nContent-Length: 100\nConnection: close\n\n0123456789"));

        var error = await Doors.FailsAsync(new HttpAsk(server["f.whl"]), Ct);

        Assert.AreEqual(Fault.RemoteFailed, error.Fault);
        Assert.AreEqual($"GET {server["f.whl"]} -> the connection ended after 10 of 100 bytes (5 attempts).", error.Message);
        Assert.HasCount(5, server.Requests);
    }

    // cases.md 4
    [TestMethod]
    [DataRow("Content-Length: 2000000000\n", DisplayName = "announced")]
    [DataRow("", DisplayName = "endless")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task More_than_the_cap_is_refused_soon_after_the_cap(string length)
    {
        var sent = 0L;
        await using var server = new RawServer(async (_, answer) =>
        {
            await answer.TextAsync($"HTTP/1.1 200 OK\nConnection: close\n{length}\n");
            var piece = new byte[64 * 1024];
            while (true)
            {
                await answer.BytesAsync(piece);
                sent += piece.Length;
            }
        });

        var error = await Doors.FailsAsync(new HttpAsk(server.Url) { MaxBytes = 300_000 }, Ct);

        Assert.AreEqual(Fault.SourceTooLarge, error.Fault);
        Assert.AreEqual(ExitCode.Refused, error.Fault.Exit);
        Assert.Contains("300000 bytes", error.Message, StringComparison.Ordinal);
        Assert.HasCount(1, server.Requests);

        // What the sockets between us swallow is not ours to bound; a whole stream would be.
        Assert.IsLessThan(300_000 + (32 * 1024 * 1024), sent);
    }

    // cases.md 5
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_body_that_crawls_is_given_up_although_it_never_stops()
    {
        await using var server = new RawServer(async (_, answer) =>
        {
            await answer.TextAsync("HTTP/1.1 200 OK\nContent-Length: 1000000\n\n");
            while (true)
            {
                await answer.TextAsync("x");
                await Task.Delay(50, answer.Stop);
            }
        });

        var error = await Doors.FailsAsync(
            new HttpAsk(server.Url), Ct, Doors.Impatient with { RateWindow = TimeSpan.FromMilliseconds(500) });

        Assert.AreEqual(Fault.RemoteStalled, error.Fault);
        Assert.Contains("bytes per second came, less than the minimum rate of 1024", error.Message, StringComparison.Ordinal);
        Assert.HasCount(1, server.Requests);
    }

    // cases.md 6
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Headers_that_never_come_name_the_header_limit()
    {
        await using var server = new RawServer((_, answer) => answer.SilenceAsync());

        var error = await Doors.FailsAsync(
            new HttpAsk(server.Url), Ct, Doors.Impatient with { Connect = TimeSpan.FromSeconds(2), Headers = TimeSpan.FromMilliseconds(500) });

        Assert.AreEqual(Fault.RemoteStalled, error.Fault);
        Assert.AreEqual($"GET {server.Url} -> no answer came within 2.5 s (header limit).", error.Message);
    }

    // cases.md 6
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Headers_that_come_one_by_one_for_ever_name_the_header_limit()
    {
        await using var server = new RawServer(async (_, answer) =>
        {
            await answer.TextAsync("HTTP/1.1 200 OK\n");
            for (var i = 0; ; i++)
            {
                await answer.TextAsync($"X-{i}: y\n");
                await Task.Delay(50, answer.Stop);
            }
        });

        var error = await Doors.FailsAsync(
            new HttpAsk(server.Url), Ct, Doors.Impatient with { Connect = TimeSpan.FromSeconds(2), Headers = TimeSpan.FromMilliseconds(500) });

        Assert.AreEqual(Fault.RemoteStalled, error.Fault);
        Assert.Contains("header limit", error.Message, StringComparison.Ordinal);
    }

    // cases.md 6
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_body_that_stops_names_the_idle_limit()
    {
        await using var server = new RawServer(async (_, answer) =>
        {
            await answer.TextAsync("HTTP/1.1 200 OK\nContent-Length: 100\n\n0123456789");
            await answer.SilenceAsync();
        });

        var error = await Doors.FailsAsync(new HttpAsk(server.Url), Ct, Doors.Impatient with { Idle = TimeSpan.FromMilliseconds(700) });

        Assert.AreEqual(Fault.RemoteStalled, error.Fault);
        Assert.AreEqual($"GET {server.Url} -> no byte came for 0.7 s after 10 of 100 bytes (idle limit).", error.Message);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_body_that_is_fast_but_never_ends_names_the_total_limit()
    {
        await using var server = new RawServer(async (_, answer) =>
        {
            await answer.TextAsync("HTTP/1.1 200 OK\n\n");
            while (true)
            {
                await answer.BytesAsync(new byte[1000]);
                await Task.Delay(20, answer.Stop);
            }
        });

        var error = await Doors.FailsAsync(new HttpAsk(server.Url), Ct, Doors.Impatient with { Total = TimeSpan.FromSeconds(1) });

        Assert.AreEqual(Fault.RemoteStalled, error.Fault);
        Assert.AreEqual($"GET {server.Url} -> not finished within 1 s (total limit).", error.Message);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Retries_end_with_the_total_limit_too()
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync("503 Service Unavailable", "Retry-After: 2"));

        var error = await Doors.FailsAsync(new HttpAsk(server.Url), Ct, Doors.Impatient with { Total = TimeSpan.FromMilliseconds(500) });

        Assert.AreEqual(Fault.RemoteStalled, error.Fault);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task An_interrupted_download_is_cancelled_and_not_a_fault()
    {
        await using var server = new RawServer((_, answer) => answer.SilenceAsync());
        using var door = Doors.Open(limits: HttpLimits.Default);
        using var interrupt = new CancellationTokenSource(300);

        await Assert.ThrowsAsync<OperationCanceledException>(() => door.ReadAsync(new HttpAsk(server.Url), interrupt.Token));
    }

    [TestMethod]
    [DataRow("not http at all\n\n")]
    [DataRow("HTTP/1.1 200 OK\nContent-Length: -5\n\n")]
    [DataRow("HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 6\n\nhello!")]
    [DataRow("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nZZ\nhello\n")]
    [DataRow("HTTP/1.1 2000 OK\n\n")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Bytes_that_are_no_http_are_a_remote_failure(string wire)
    {
        await using var server = new RawServer((_, answer) => answer.TextAsync(wire));

        var error = await Doors.FailsAsync(new HttpAsk(server.Url), Ct);

        Assert.AreEqual(ExitCode.Remote, error.Fault.Exit, error.Message);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Headers_without_end_are_a_remote_failure()
    {
        await using var server = new RawServer(async (_, answer) =>
        {
            await answer.TextAsync("HTTP/1.1 200 OK\n");
            while (true)
            {
                await answer.TextAsync($"X-Long: {new string('y', 8000)}\n");
            }
        });

        var error = await Doors.FailsAsync(new HttpAsk(server.Url), Ct);

        Assert.AreEqual(Fault.RemoteFailed, error.Fault, error.Message);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Each_attempt_reads_from_the_start()
    {
        var attempt = 0;
        await using var server = new RawServer((_, answer) => ++attempt < 3
            ? answer.TextAsync("HTTP/1.1 200 OK\nContent-Length: 6\nConnection: close\n\nabc")
            : answer.OkAsync("abcdef"u8.ToArray()));
        using var door = Doors.Open();
        var starts = 0;

        var text = await door.ReceiveAsync(
            new HttpAsk(server.Url),
            async reply =>
            {
                starts++;
                using var reader = new StreamReader(reply.Content);
                return await reader.ReadToEndAsync(Ct);
            },
            Ct);

        Assert.AreEqual("abcdef", text);
        Assert.AreEqual(3, starts);
    }
}
