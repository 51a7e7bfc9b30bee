using System.Net;
using DotnetRelease.Fixtures;
using DotnetRelease.Http;

namespace DotnetRelease.Core.Tests.Http;

/// <summary>Requests that change the server: sent once, with a body that may be large, and every answer comes through.</summary>
[TestClass]
public sealed class HttpChangeTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow("502 Bad Gateway")]
    [DataRow("503 Service Unavailable")]
    [DataRow("429 Too Many Requests")]
    [DataRow("307 Temporary Redirect")]
    [DataRow("409 Conflict")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Every_status_comes_through_and_nothing_is_sent_twice(string status)
    {
        await using var server = new RawServer(async (_, answer) =>
        {
            var body = await answer.BodyAsync();
            await answer.StatusAsync(status, "Location: /elsewhere", body);
        });
        using var door = Doors.Open();

        var document = await door.ReadAsync(Post(server.Url, "hello"), Ct);

        Assert.AreEqual(int.Parse(status.Split(' ')[0]), (int)document.Status);
        Assert.AreEqual("hello", System.Text.Encoding.UTF8.GetString(document.Bytes.Span));
        Assert.HasCount(1, server.Requests);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_connection_that_breaks_is_a_failure_of_the_remote_and_not_tried_again()
    {
        await using var server = new RawServer(async (request, answer) =>
        {
            _ = await answer.BodyAsync(most: 2);
            answer.Reset();
        });

        var failure = await Doors.FailsAsync(Post(server.Url, "hello"), Ct);

        Assert.AreEqual(Fault.RemoteFailed, failure.Fault);
        Assert.HasCount(1, server.Requests);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_file_is_sent_piece_by_piece_and_its_progress_is_told()
    {
        using var scratch = new Scratch();
        var bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(scratch["large"], bytes, Ct);
        var got = Array.Empty<byte>();
        await using var server = new RawServer(async (_, answer) =>
        {
            got = await answer.BodyAsync();
            await answer.StatusAsync("201 Created");
        });
        var told = new List<long>();
        using var door = Doors.Open();

        var body = HttpBody.OfFile(scratch["large"], bytes.Length, "application/x-rpm") with { Progress = told.Add };
        var document = await door.ReadAsync(new HttpAsk(server.Url) { Method = HttpMethod.Put, Body = body }, Ct);

        Assert.AreEqual(HttpStatusCode.Created, document.Status);
        CollectionAssert.AreEqual(bytes, got);
        Assert.AreEqual(bytes.Length, told[^1]);
        Assert.IsGreaterThan(4, told.Count);
        Assert.AreEqual("application/x-rpm", server.Requests[0]["Content-Type"]);
        Assert.AreEqual("3000000", server.Requests[0]["Content-Length"]);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_large_body_is_not_sent_to_a_server_that_does_not_want_it()
    {
        using var scratch = new Scratch();
        await File.WriteAllBytesAsync(scratch["large"], new byte[3_000_000], Ct);
        await using var server = new RawServer((_, answer) => answer.StatusAsync("422 Unprocessable Entity"));
        var sent = 0L;
        using var door = Doors.Open();

        var body = HttpBody.OfFile(scratch["large"], 3_000_000, "application/octet-stream") with { Progress = count => sent = count };
        var document = await door.ReadAsync(new HttpAsk(server.Url) { Method = HttpMethod.Post, Body = body }, Ct);

        Assert.AreEqual(HttpStatusCode.UnprocessableEntity, document.Status);
        Assert.AreEqual(0, sent);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_server_that_takes_no_more_is_left_and_one_that_is_only_slow_is_not()
    {
        using var scratch = new Scratch();
        await File.WriteAllBytesAsync(scratch["large"], new byte[40_000_000], Ct);
        var limits = Doors.Impatient with { Connect = TimeSpan.FromSeconds(1), Headers = TimeSpan.FromSeconds(1), Idle = TimeSpan.FromSeconds(1) };
        await using var silent = new RawServer(async (request, answer) =>
        {
            _ = await answer.BodyAsync(most: 1000);
            await answer.SilenceAsync();
        });
        await using var slow = new RawServer(async (request, answer) =>
        {
            // Three seconds in all, more than the wait for an answer, with no second of standing still.
            _ = await answer.BodyAsync(pause: TimeSpan.FromMilliseconds(300));
            await answer.StatusAsync("201 Created");
        });
        using var door = Doors.Open(limits: limits);

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => door.ReadAsync(Put(silent.Url), Ct));
        var document = await door.ReadAsync(Put(slow.Url), Ct);

        Assert.AreEqual(Fault.RemoteStalled, failure.Fault);
        Assert.AreEqual(HttpStatusCode.Created, document.Status);

        HttpAsk Put(Uri url) => new(url) { Method = HttpMethod.Put, Body = HttpBody.OfFile(scratch["large"], 40_000_000, "application/octet-stream") };
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_file_that_is_gone_is_no_failure_of_the_remote()
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync("201 Created"));

        var failure = await Doors.FailsAsync(new HttpAsk(server.Url) { Method = HttpMethod.Post, Body = HttpBody.OfFile("/nowhere/file", 10, "text/plain") }, Ct);

        Assert.AreEqual(Fault.FileUnreadable, failure.Fault);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_status_that_the_caller_handles_is_not_waited_for()
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync("429 Too Many Requests", "Retry-After: 1"));
        using var door = Doors.Open();

        var document = await door.ReadAsync(new HttpAsk(server.Url) { Handled = [HttpStatusCode.TooManyRequests] }, Ct);

        Assert.AreEqual(HttpStatusCode.TooManyRequests, document.Status);
        Assert.HasCount(1, server.Requests);
    }

    private static HttpAsk Post(Uri url, string text) =>
        new(url) { Method = HttpMethod.Post, Body = HttpBody.Of(System.Text.Encoding.UTF8.GetBytes(text), "text/plain") };
}
