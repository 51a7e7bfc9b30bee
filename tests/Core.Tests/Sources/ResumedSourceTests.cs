using System.Globalization;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Sources;

/// <summary>A download that breaks goes on where it broke, in the same run and in the next; its digest is that of the whole.</summary>
[TestClass]
public sealed class ResumedSourceTests(TestContext test)
{
    private const int Half = 9;

    private static readonly byte[] Bytes = Fetching.Bytes;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_broken_connection_costs_only_what_is_missing(bool sizeIsKnown)
    {
        await using var server = new RawServer((request, answer) => request["Range"] is null ? BreakAsync(answer) : RestAsync(request, answer, Bytes));
        using var fetching = new Fetching("https://pypi.org/simple");

        var verified = await fetching.FetchAsync(Ct, Source(server, sizeIsKnown));

        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(verified[0].Path, Ct));
        CollectionAssert.AreEqual(new[] { null, $"bytes={Half}-" }, server.Requests.Select(request => request["Range"]).ToArray());
        Assert.AreEqual("\"tag\"", server.Requests[1]["If-Range"]);
        Assert.IsEmpty(fetching.Parts);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task What_a_failed_run_left_the_next_one_goes_on_with()
    {
        var isUp = false;
        await using var server = new RawServer((request, answer) => request["Range"] is null ? BreakAsync(answer)
            : isUp ? RestAsync(request, answer, Bytes)
            : answer.StatusAsync("503 Service Unavailable"));
        using var fetching = new Fetching("https://pypi.org/simple");

        var error = await fetching.FailsAsync(Source(server), Ct);
        var part = Assert.ContainsSingle(fetching.Parts);
        Assert.AreEqual(Half, new FileInfo(part).Length);
        isUp = true;
        var before = server.Requests.Count;
        var verified = await fetching.FetchAsync(Ct, Source(server));

        Assert.AreEqual(Fault.RemoteFailed, error.Fault);
        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(verified[0].Path, Ct));
        Assert.AreEqual($"bytes={Half}-", server.Requests.Skip(before).Single()["Range"]);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_run_that_was_killed_just_before_the_end_left_nothing_to_ask_for(bool sizeIsKnown)
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync("500 Internal Server Error"));
        using var fetching = new Fetching("https://pypi.org/simple");
        fetching.LeavePart(Fetching.WheelDigest, Bytes);

        var verified = await fetching.FetchAsync(Ct, Source(server, sizeIsKnown));

        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(verified[0].Path, Ct));
        Assert.AreEqual(0, server.Connections);
        Assert.IsEmpty(fetching.Parts);
    }

    // The file changed on the server between two runs: If-Range has nothing to go by, so the digest finds out.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Pieces_of_two_files_are_found_out_and_all_is_fetched_in_one_go(bool sizeIsKnown)
    {
        await using var server = new RawServer((request, answer) => request["Range"] is null ? answer.OkAsync(Bytes) : RestAsync(request, answer, Bytes));
        using var fetching = new Fetching("https://pypi.org/simple");
        fetching.LeavePart(Fetching.WheelDigest, "of another"u8.ToArray());

        var verified = await fetching.FetchAsync(Ct, Source(server, sizeIsKnown));

        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(verified[0].Path, Ct));
        Assert.IsNull(server.Requests[^1]["Range"]);
        Assert.Contains(line => line.StartsWith("The pieces do not fit together: ", StringComparison.Ordinal), fetching.Reporter.Lines);
    }

    // The file changed while it came, and the server knows If-Range.
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_file_that_changed_in_between_comes_whole()
    {
        await using var server = new RawServer((request, answer) => request["If-Range"] is null
            ? answer.TextAsync("HTTP/1.1 200 OK\nContent-Length: 22\nETag: \"old\"\n\nan old one")
            : answer.OkAsync(Bytes, "ETag: \"new\""));
        using var fetching = new Fetching("https://pypi.org/simple");

        var verified = await fetching.FetchAsync(Ct, Source(server));

        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(verified[0].Path, Ct));
        Assert.AreEqual("\"old\"", server.Requests[1]["If-Range"]);
        Assert.HasCount(2, server.Requests);
    }

    [TestMethod]
    [DataRow("200", true)]
    [DataRow("416", true)]
    [DataRow("206 bytes 0-9/10", true)]
    [DataRow("206 bytes 9-20/22", true)]
    [DataRow("206", true)]
    [DataRow("416", false)]
    [DataRow("206 bytes 8-21/22", false)]
    [DataRow("206 bytes 9-20/22", false)]
    [DataRow("206 bytes 9-99999999999999999999/22", false)]
    [DataRow("206 pages 9-21/22", false)]
    [DataRow("206", false)]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_server_that_does_not_go_on_where_it_was_asked_to_makes_us_begin_afresh(string how, bool sizeIsKnown)
    {
        await using var server = new RawServer((request, answer) => (request["Range"], how) switch
        {
            (null, _) or (_, "200") => answer.OkAsync(Bytes),
            (_, "416") => answer.StatusAsync("416 Range Not Satisfiable", "Content-Range: bytes */22"),
            (_, "206") => answer.StatusAsync("206 Partial Content", "", Bytes.AsMemory(Half)),
            _ => answer.StatusAsync("206 Partial Content", $"Content-Range: {how[4..]}", Bytes.AsMemory(Half)),
        });
        using var fetching = new Fetching("https://pypi.org/simple");
        fetching.LeavePart(Fetching.WheelDigest, Bytes[..Half]);

        var verified = await fetching.FetchAsync(Ct, Source(server, sizeIsKnown));

        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(verified[0].Path, Ct));
        Assert.HasCount(how is "200" ? 1 : 2, server.Requests);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Whoever_lacks_the_file_costs_nothing_of_what_is_here()
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync("404 Not Found"));
        using var fetching = new Fetching("https://pypi.org/simple");
        fetching.LeavePart(Fetching.WheelDigest, Bytes[..Half]);

        await fetching.FailsAsync(Source(server), Ct);

        Assert.AreEqual(Half, new FileInfo(Assert.ContainsSingle(fetching.Parts)).Length);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_real_web_server_gives_the_rest()
    {
        using var fetching = new Fetching("https://pypi.org/simple");
        await using var nginx = await Nginx.StartAsync(fetching.Scratch, fetching.Scratch.Folder("web"), Ct);
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        fetching.Scratch.Write("web/x.tar.gz", bytes);
        fetching.LeavePart(Digest.Of(bytes), bytes[..100_000]);

        var verified = await fetching.FetchAsync(Ct, Fetching.OfSpec(new Uri(nginx.Url + "x.tar.gz")) with { Digest = Digest.Of(bytes) });

        Assert.AreEqual(Digest.Of(bytes), await Digest.OfFileAsync(verified[0].Path, Ct));
        Assert.Contains("\" 206 200000 ", nginx.Requests, StringComparison.Ordinal);
    }

    private static PlannedSource Source(RawServer server, bool sizeIsKnown = false) =>
        Fetching.OfSpec(server["x"]) with { Size = sizeIsKnown ? Bytes.Length : null };

    private static async Task BreakAsync(RawAnswer answer)
    {
        await answer.TextAsync($"HTTP/1.1 200 OK\nContent-Length: {Bytes.Length}\nETag: \"tag\"\n\n");
        await answer.BytesAsync(Bytes.AsMemory(0, Half));
    }

    private static Task RestAsync(RawRequest request, RawAnswer answer, byte[] bytes)
    {
        var start = int.Parse(request["Range"]!["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return answer.StatusAsync("206 Partial Content", $"Content-Range: bytes {start}-{bytes.Length - 1}/{bytes.Length}", bytes.AsMemory(start));
    }
}
