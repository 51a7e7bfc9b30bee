using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Sources;

namespace DotnetRelease.Core.Tests.Sources;

/// <summary>Mirrors are asked first, trusted by nobody, and named when they fail.</summary>
[TestClass]
public sealed class SourceMirrorTests(TestContext test)
{
    private static readonly byte[] Bytes = Fetching.Bytes;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_mirror_that_has_the_file_spares_the_address_itself()
    {
        await using var origin = new RawServer((_, answer) => answer.OkAsync(Bytes));
        await using var mirror = new RawServer((_, answer) => answer.OkAsync(Bytes));
        using var fetching = Fetching.Mirrored(origin["files/"], mirror["copy/of/"]);

        var foreseen = fetching.Fetcher.Foresee(Fetching.OfSpec(origin["files/a/x.tar.gz"]));
        var verified = await fetching.FetchAsync(Ct, Fetching.OfSpec(origin["files/a/x.tar.gz"]));

        Assert.AreEqual("/copy/of/a/x.tar.gz", mirror.Requests.Single().Target);
        Assert.AreEqual(0, origin.Connections);
        Assert.AreEqual(mirror["copy/of/a/x.tar.gz"].ToString(), verified[0].From);
        Assert.AreEqual((verified[0].From, origin["files/a/x.tar.gz"].ToString()), (foreseen.First, foreseen.Origin));
        CollectionAssert.AreEqual(new[] { verified[0].From }, foreseen.Mirrors.ToArray());
    }

    // cases.md 1, 3, 4, 6, 9 and 11, at a mirror
    [TestMethod]
    [DataRow("nobody there", false)]
    [DataRow("silence", false)]
    [DataRow("404", false)]
    [DataRow("403", false)]
    [DataRow("500", false)]
    [DataRow("cut", false)]
    [DataRow("other bytes", true)]
    [DataRow("too many bytes", true)]
    [DataRow("to the metadata service", true)]
    [Timeout(20_000, CooperativeCancellation = true)]
    public async Task A_mirror_that_fails_is_named_and_passed_over(string how, bool loud)
    {
        await using var origin = new RawServer((_, answer) => answer.OkAsync(Bytes));
        await using var mirror = new RawServer((_, answer) => how switch
        {
            "silence" => answer.SilenceAsync(),
            "cut" => answer.TextAsync("HTTP/1.1 200 OK\nContent-Length: 22\n\nthe bytes"),
            "other bytes" => answer.OkAsync(Encoding.UTF8.GetBytes("the bytes of no wheel.")),
            "too many bytes" => answer.OkAsync(new byte[100]),
            "to the metadata service" => answer.RedirectAsync("http://169.254.169.254/"),
            _ => answer.StatusAsync($"{how} Told"),
        });
        var place = how is "nobody there" ? await GoneAsync() : mirror.Url;
        using var fetching = Fetching.Mirrored(origin.Url, place);

        var verified = await fetching.FetchAsync(Ct, Fetching.OfSpec(origin["x"]) with { Size = Bytes.Length });

        Assert.AreEqual(origin["x"].ToString(), verified[0].From);
        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(verified[0].Path, Ct));
        var told = Assert.ContainsSingle((loud ? fetching.Reporter.Warnings : fetching.Reporter.Lines).Where(line => line.StartsWith($"Mirror {place} is passed over. ", StringComparison.Ordinal)));
        Assert.HasCount(loud ? 1 : 0, fetching.Reporter.Warnings);
        Assert.AreEqual(loud, told.Contains("[sources.mirrors]", StringComparison.Ordinal));
    }

    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = true)]
    public async Task A_mirror_that_lacks_one_file_is_asked_for_the_next_and_one_that_is_broken_is_not()
    {
        await using var origin = new RawServer((request, answer) => answer.OkAsync(Encoding.UTF8.GetBytes(request.Target)));
        await using var lacking = new RawServer((_, answer) => answer.StatusAsync("404 Not Found"));
        await using var broken = new RawServer((_, answer) => answer.StatusAsync("500 Internal Server Error"));
        using var fetching = Fetching.Mirrored(origin.Url, lacking.Url, broken.Url);

        foreach (var name in new[] { "a", "b", "c" })
        {
            await fetching.FetchAsync(Ct, Fetching.OfSpec(origin[name], name) with { Digest = Digest.Of($"/{name}") });
        }

        Assert.HasCount(3, lacking.Requests);
        Assert.HasCount(1, broken.Requests);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task When_all_fail_the_address_itself_has_the_last_word()
    {
        await using var origin = new RawServer((_, answer) => answer.StatusAsync("404 Not Found"));
        await using var mirror = new RawServer((_, answer) => answer.StatusAsync("410 Gone"));
        using var fetching = Fetching.Mirrored(origin.Url, mirror.Url);

        var error = await fetching.FailsAsync(Fetching.OfSpec(origin["x"]), Ct);

        Assert.AreEqual(Fault.SourceNotFound, error.Fault);
        Assert.StartsWith($"GET {origin["x"]} -> 404", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task The_next_place_goes_on_where_a_mirror_broke()
    {
        await using var origin = new RawServer((_, answer) => answer.StatusAsync("206 Partial Content", $"Content-Range: bytes 9-21/{Bytes.Length}", Bytes.AsMemory(9)));
        await using var mirror = new RawServer((_, answer) => answer.TextAsync("HTTP/1.1 200 OK\nContent-Length: 22\nETag: \"of the mirror\"\n\nthe bytes"));
        using var fetching = Fetching.Mirrored(origin.Url, mirror.Url);

        var verified = await fetching.FetchAsync(Ct, Fetching.OfSpec(origin["x"]));

        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(verified[0].Path, Ct));
        var asked = origin.Requests.Single();
        Assert.AreEqual(("bytes=9-", null), (asked["Range"], asked["If-Range"]));
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_mirror_that_knows_no_ranges_gives_the_whole()
    {
        await using var origin = new RawServer((_, answer) => answer.SilenceAsync());
        await using var mirror = new RawServer((request, answer) => request["Range"] is null ? answer.OkAsync(Bytes) : answer.StatusAsync("416 Range Not Satisfiable"));
        using var fetching = Fetching.Mirrored(origin.Url, mirror.Url);
        fetching.LeavePart(Fetching.WheelDigest, Bytes[..9]);

        var verified = await fetching.FetchAsync(Ct, Fetching.OfSpec(origin["x"]));

        Assert.AreEqual(mirror["x"].ToString(), verified[0].From);
        Assert.HasCount(2, mirror.Requests);
        Assert.AreEqual(0, origin.Connections);
    }

    [TestMethod]
    [DataRow("no page")]
    [DataRow("an old page")]
    [DataRow("another digest on the page")]
    [DataRow("other bytes")]
    [DataRow("another host")]
    [Timeout(20_000, CooperativeCancellation = true)]
    public async Task A_mirror_of_the_index_may_lag_or_lie_and_the_file_is_the_locked_one(string how)
    {
        await using var index = new RawServer((request, answer) => request.Target is "/simple/attrs/"
            ? answer.OkAsync(Page(""), "Content-Type: text/html")
            : answer.OkAsync(Bytes));
        await using var mirror = new RawServer((request, answer) => (how, request.Target) switch
        {
            ("no page", _) => answer.StatusAsync("503 Service Unavailable"),
            ("an old page", "/m/attrs/") => answer.OkAsync(default, "Content-Type: text/html"),
            ("another digest on the page", "/m/attrs/") => answer.OkAsync(Page("#sha256=" + new string('a', 64)), "Content-Type: text/html"),
            ("another host", "/m/attrs/") => answer.OkAsync("<a href='https://evil.example/attrs-25.1.0-py3-none-any.whl'>x</a>"u8.ToArray(), "Content-Type: text/html"),
            ("an old page", _) => answer.StatusAsync("404 Not Found"),
            (_, "/m/attrs/") => answer.OkAsync(Page(""), "Content-Type: text/html"),
            _ => answer.OkAsync("not the wheel at all.."u8.ToArray()),
        });
        var options = SourceOptions.Parse(index["simple"].ToString(), [], "/") with { Mirrors = [new(index["simple/"], [mirror["m/"]])] };
        using var fetching = new Fetching(options);

        var verified = await fetching.FetchAsync(Ct, Fetching.Locked());

        Assert.AreEqual(index["simple/attrs/" + Fetching.Wheel].ToString(), verified[0].From);
        Assert.AreEqual(how is "no page" or "an old page" ? 0 : 1, fetching.Reporter.Warnings.Count);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task When_a_file_was_uploaded_only_the_index_itself_is_asked()
    {
        await using var index = new RawServer((_, answer) => answer.OkAsync(
            Encoding.UTF8.GetBytes($$"""{"meta":{"api-version":"1.1"},"files":[{"filename":"{{Fetching.Wheel}}","url":"x","hashes":{},"upload-time":"2026-01-02T03:04:05Z"}]}"""),
            "Content-Type: application/vnd.pypi.simple.v1+json"));
        await using var mirror = new RawServer((_, answer) => answer.SilenceAsync());
        var options = SourceOptions.Parse(index["simple"].ToString(), [], "/") with { Mirrors = [new(index["simple/"], [mirror.Url])] };
        using var fetching = new Fetching(options);

        var uploaded = await fetching.Fetcher.UploadedAsync("attrs", [Fetching.Wheel], Ct);

        Assert.AreEqual(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), uploaded);
        Assert.AreEqual(0, mirror.Connections);
    }

    [TestMethod]
    [DataRow("https://files.example/a/b/x", "https://near.example/x https://files.example/a/b/x")]
    [DataRow("https://files.example/a/x?y=1", "https://far.example/m/x?y=1 https://files.example/a/x?y=1")]
    [DataRow("https://FILES.example:443/a/x", "https://far.example/m/x https://files.example/a/x")]
    [DataRow("https://files.example/ab/x", "https://files.example/ab/x")]
    [DataRow("https://files.example/a/../c/x", "https://files.example/c/x")]
    [DataRow("https://files.example.evil/a/x", "https://files.example.evil/a/x")]
    [DataRow("https://files.example:444/a/x", "https://files.example:444/a/x")]
    public void The_longest_address_that_fits_says_which_mirrors(string url, string places)
    {
        var mirrors = new SourceMirrors(
            [MirroredPrefix.Parse("https://files.example/a", ["https://far.example/m/"]), MirroredPrefix.Parse("https://files.example/a/b/", ["https://near.example"])],
            new ListReporter());

        Assert.AreEqual(places, string.Join(' ', mirrors.PlacesOf(new Uri(url)).Select(place => place.Url.AbsoluteUri)));
    }

    private static async Task<Uri> GoneAsync()
    {
        var gone = new RawServer((_, _) => Task.CompletedTask);
        await gone.DisposeAsync();
        return gone.Url;
    }

    private static byte[] Page(string fragment) => Encoding.UTF8.GetBytes($"<a href='{Fetching.Wheel}{fragment}'>{Fetching.Wheel}</a>");
}
