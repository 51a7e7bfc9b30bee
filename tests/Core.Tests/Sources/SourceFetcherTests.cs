using System.Globalization;
using System.IO.Compression;
using System.Text;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Sources;

[TestClass]
public sealed class SourceFetcherTests(TestContext test)
{
    private static readonly byte[] Bytes = Fetching.Bytes;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_locked_wheel_comes_through_the_index_once_and_then_from_the_cache()
    {
        await using var server = Index();
        using var fetching = new Fetching(server["simple"].ToString());

        var first = await fetching.FetchAsync(Ct, Fetching.Locked());
        var asked = server.Requests.Count;
        var second = await fetching.FetchAsync(Ct, Fetching.Locked());

        Assert.AreEqual(Fetching.Wheel, first[0].File);
        Assert.AreEqual(Fetching.WheelDigest, first[0].Digest);
        Assert.AreEqual(Bytes.Length, first[0].Size);
        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(first[0].Path, Ct));
        Assert.AreEqual(first[0].Path, second[0].Path);
        Assert.AreEqual(server["files/" + Fetching.Wheel].ToString(), first[0].From);
        Assert.AreEqual("cache", second[0].From);
        Assert.AreEqual(2, asked);
        Assert.HasCount(asked, server.Requests);
        Assert.AreEqual("/simple/attrs/", server.Requests[0].Target);
        Assert.StartsWith("application/vnd.pypi.simple.v1+json,", server.Requests[0]["Accept"], StringComparison.Ordinal);
    }

    // cases.md 1
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_lock_that_is_wrong_by_one_digit_is_refused_after_one_more_try_past_caches()
    {
        await using var server = Index();
        using var fetching = new Fetching(server["simple"].ToString());
        Assert.IsTrue(Digest.TryParse(OneDigitOff(Fetching.WheelDigest.Hex), out var wrong));

        var error = await fetching.FailsAsync(Fetching.Locked(wrong), Ct);

        Assert.AreEqual(Fault.SourceMismatch, error.Fault);
        Assert.AreEqual(ExitCode.Refused, error.Fault.Exit);
        Assert.AreEqual(
            $"attrs-25.1.0-py3-none-any.whl: sha256 mismatch. poetry.lock line 41 expects {wrong.Hex}, "
            + $"{server["files/" + Fetching.Wheel]} gave {Fetching.WheelDigest.Hex}. Nothing was stored.",
            error.Message);
        Assert.AreEqual(new SourcePosition("poetry.lock", 41, 5), error.Position);
        CollectionAssert.AreEqual(
            new[] { null, "no-cache" }, server.Requests.Where(request => request.Target.StartsWith("/files/", StringComparison.Ordinal)).Select(request => request["Cache-Control"]).ToArray());
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_wrong_copy_in_a_cache_on_the_way_is_cured_by_the_second_try()
    {
        await using var server = new RawServer((request, answer) =>
            answer.OkAsync(request["Cache-Control"] is null ? "a stale copy of it....."u8.ToArray() : Bytes));
        using var fetching = new Fetching("https://pypi.org/simple");

        var verified = await fetching.FetchAsync(Ct, Fetching.OfSpec(server["x"]));

        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(verified[0].Path, Ct));
        Assert.HasCount(2, server.Requests);
    }

    // cases.md 2
    [TestMethod]
    [DataRow(1, "REL2001")]
    [DataRow(-1, "REL2004")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_size_in_the_lock_that_is_off_by_one_is_refused_with_both_sizes(int off, string fault)
    {
        await using var server = Index();
        using var fetching = new Fetching(server["simple"].ToString());

        var error = await fetching.FailsAsync(Fetching.Locked() with { Size = Bytes.Length + off }, Ct);

        Assert.AreEqual(fault, error.Fault.Id);
        Assert.AreEqual(ExitCode.Refused, error.Fault.Exit);
        Assert.Contains(Bytes.Length.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Contains((Bytes.Length + off).ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_size_in_the_lock_counts_for_a_cached_file_too()
    {
        await using var server = Index();
        using var fetching = new Fetching(server["simple"].ToString());
        await fetching.FetchAsync(Ct, Fetching.Locked());

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => fetching.FetchAsync(Ct, Fetching.Locked() with { Size = 1 }));

        Assert.AreEqual(Fault.SourceMismatch, error.Fault);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_source_of_a_sha512_is_proven_by_it_and_found_in_the_cache()
    {
        await using var server = new RawServer((request, answer) => answer.OkAsync(request.Target is "/x" ? Bytes : "other bytes"u8.ToArray()));
        using var fetching = new Fetching("https://pypi.org/simple");
        var source = Fetching.OfSpec(server["x"]) with { Digest = Sha512(Bytes) };

        var first = await fetching.FetchAsync(Ct, source);
        var second = await fetching.FetchAsync(Ct, source);
        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => fetching.FetchAsync(Ct, source with { Url = server["y"].ToString(), Digest = Sha512([1]) }));

        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(first[0].Path, Ct));
        Assert.AreEqual(("cache", first[0].Path), (second[0].From, second[0].Path));
        Assert.AreEqual(Fault.SourceMismatch, error.Fault);
        Assert.Contains($"sha512 mismatch. sources line 3 expects {Sha512([1]).Hex}, {server["y"]} gave {Sha512("other bytes"u8.ToArray()).Hex}.", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task What_lock_and_sources_file_demand_is_demanded_both()
    {
        await using var server = Index();
        using var fetching = new Fetching(server["simple"].ToString());

        var verified = await fetching.FetchAsync(Ct, Fetching.Locked() with { Also = Sha512(Bytes) });
        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => fetching.FetchAsync(Ct, Fetching.Locked() with { Also = Sha512([1]) }));

        Assert.AreEqual(Fetching.WheelDigest, verified[0].Digest);
        Assert.AreEqual(Fault.SourceMismatch, error.Fault);
        Assert.Contains("sha512 mismatch", error.Message, StringComparison.Ordinal);
    }

    // cases.md 3 and "body shorter than promised" without a length, where the connection's end looks like success
    [TestMethod]
    [DataRow("Content-Length: 22\n", "REL2006")]
    [DataRow("", "REL2001")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_short_body_is_never_stored(string length, string fault)
    {
        await using var server = new RawServer((_, answer) => answer.TextAsync($"HTTP/1.1 200 OK\nConnection: close\n{length}\nthe bytes"));
        using var fetching = new Fetching("https://pypi.org/simple");

        var error = await fetching.FailsAsync(Fetching.OfSpec(server["x"]), Ct);

        Assert.AreEqual(fault, error.Fault.Id, error.Message);
    }

    // cases.md 4
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_longer_body_is_never_stored()
    {
        await using var server = new RawServer(async (_, answer) =>
        {
            await answer.TextAsync("HTTP/1.1 200 OK\nConnection: close\n\n");
            await answer.BytesAsync(Bytes);
            await answer.BytesAsync("!"u8.ToArray());
        });
        using var fetching = new Fetching("https://pypi.org/simple");

        var known = await fetching.FailsAsync(Fetching.OfSpec(server["x"]) with { Size = Bytes.Length }, Ct);
        var unknown = await fetching.FailsAsync(Fetching.OfSpec(server["x"]), Ct);

        Assert.AreEqual(Fault.SourceTooLarge, known.Fault);
        Assert.StartsWith("patch.tar.gz: ", known.Message, StringComparison.Ordinal);
        Assert.AreEqual(Fault.SourceMismatch, unknown.Fault);
    }

    // cases.md 6
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_server_that_stalls_is_given_up()
    {
        await using var server = new RawServer(async (_, answer) =>
        {
            await answer.TextAsync("HTTP/1.1 200 OK\nContent-Length: 22\n\nthe");
            await answer.SilenceAsync();
        });
        using var fetching = new Fetching("https://pypi.org/simple");

        var error = await fetching.FailsAsync(Fetching.OfSpec(server["x"]), Ct);

        Assert.AreEqual(Fault.RemoteStalled, error.Fault);
        Assert.AreEqual(ExitCode.Remote, error.Fault.Exit);
    }

    // cases.md 12
    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_body_that_was_compressed_on_the_way_is_judged_as_it_came()
    {
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Bytes, Ct);
        }

        await using var server = new RawServer((_, answer) => answer.OkAsync(packed.ToArray(), "Content-Encoding: gzip"));
        using var fetching = new Fetching("https://pypi.org/simple");

        var error = await fetching.FailsAsync(Fetching.OfSpec(server["x"]), Ct);
        var asSent = await fetching.FetchAsync(Ct, Fetching.OfSpec(server["x"]) with { Digest = Digest.Of(packed.ToArray()) });

        Assert.AreEqual(Fault.SourceMismatch, error.Fault);
        CollectionAssert.AreEqual(packed.ToArray(), await File.ReadAllBytesAsync(asSent[0].Path, Ct));
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task The_name_after_the_hash_sign_is_rpms_and_not_the_servers()
    {
        await using var server = new RawServer((_, answer) => answer.OkAsync(Bytes));
        using var fetching = new Fetching("https://pypi.org/simple");

        var verified = await fetching.FetchAsync(Ct, Fetching.OfSpec(server["archive/v1.tar.gz"], "tool-1.tar.gz", "#/tool-1.tar.gz"));

        Assert.AreEqual("tool-1.tar.gz", verified[0].File);
        Assert.AreEqual("/archive/v1.tar.gz", server.Requests.Single().Target);
    }

    [TestMethod]
    [DataRow("http://files.example/x")]
    [DataRow("ftp://files.example/x")]
    [DataRow("file:///etc/passwd")]
    [DataRow("https://user:hush@files.example/x")]
    [DataRow("x.tar.gz")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_url_of_the_spec_is_https(string url)
    {
        using var fetching = new Fetching("https://pypi.org/simple");

        var error = await fetching.FailsAsync(new("x", Fetching.WheelDigest, new SourcePosition("sources", 1)) { Url = url }, Ct);

        Assert.AreEqual(Fault.UrlRefused, error.Fault);
        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task The_url_of_the_lock_comes_before_the_index()
    {
        await using var server = Index();
        using var fetching = new Fetching(server["simple"].ToString());

        await fetching.FetchAsync(Ct, Fetching.Locked() with { Url = server["files/direct"].ToString() });

        Assert.AreEqual("/files/direct", server.Requests.Single().Target);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_url_of_the_lock_that_is_gone_leads_to_the_index()
    {
        await using var server = Index();
        using var fetching = new Fetching(server["simple"].ToString());

        var verified = await fetching.FetchAsync(Ct, Fetching.Locked() with { Url = server["gone"].ToString() });

        Assert.HasCount(1, verified);
        CollectionAssert.AreEqual(new[] { "/gone", "/simple/attrs/", "/files/" + Fetching.Wheel }, server.Requests.Select(request => request.Target).ToArray());
        Assert.Contains("404", fetching.Reporter.Lines[0], StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_url_of_the_lock_on_another_host_is_not_asked()
    {
        using var fetching = new Fetching("https://pypi.org/simple");

        var error = await fetching.FailsAsync(Fetching.Locked() with { Url = "https://files.pythonhosted.org.evil.example/attrs.whl" }, Ct);

        Assert.AreEqual(Fault.UrlRefused, error.Fault);
        Assert.Contains("add \"files.pythonhosted.org.evil.example\" to allow-hosts", error.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_file_beside_the_spec_is_proven_where_it_is()
    {
        using var fetching = new Fetching("https://pypi.org/simple");
        var path = fetching.Scratch.Write("spec/fix.patch", Encoding.UTF8.GetString(Bytes));

        var verified = await fetching.FetchAsync(Ct, new PlannedSourceOf("fix.patch").Planned);

        Assert.AreEqual(path, verified[0].Path);
    }

    [TestMethod]
    public async Task An_altered_file_beside_the_spec_is_refused()
    {
        using var fetching = new Fetching("https://pypi.org/simple");
        fetching.Scratch.Write("spec/fix.patch", "the bytes of the whee1");

        var error = await fetching.FailsAsync(new PlannedSourceOf("fix.patch").Planned, Ct);

        Assert.AreEqual(Fault.SourceMismatch, error.Fault);
        Assert.Contains("fix.patch: sha256 mismatch. sources line 3 expects", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("../outside.patch", "REL1007")]
    [DataRow("..", "REL1007")]
    [DataRow("missing.patch", "REL2002")]
    public async Task A_file_beside_the_spec_is_there_and_nowhere_else(string name, string fault)
    {
        using var fetching = new Fetching("https://pypi.org/simple");
        fetching.Scratch.Write("outside.patch", Encoding.UTF8.GetString(Bytes));

        var error = await fetching.FailsAsync(new PlannedSourceOf(name).Planned, Ct);

        Assert.AreEqual(fault, error.Fault.Id);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Many_sources_come_in_the_order_of_the_plan_and_the_same_bytes_once()
    {
        await using var server = new RawServer(async (request, answer) =>
        {
            await Task.Delay(Random.Shared.Next(30), answer.Stop);
            await answer.OkAsync(Encoding.UTF8.GetBytes(request.Target.Split('?')[0]));
        });
        using var fetching = new Fetching("https://pypi.org/simple");
        var sources = Enumerable.Range(0, 20).Select(i => Fetching.OfSpec(server[$"file{i / 2}?{i}"], $"file{i}") with { Digest = Digest.Of($"/file{i / 2}") });

        var verified = await fetching.FetchAsync(Ct, [.. sources]);

        CollectionAssert.AreEqual(Enumerable.Range(0, 20).Select(i => $"file{i}").ToArray(), verified.Select(source => source.File).ToArray());
        Assert.HasCount(10, server.Requests);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task The_first_failure_ends_the_others_and_is_the_one_reported()
    {
        await using var server = new RawServer((request, answer) => request.Target is "/bad" ? answer.StatusAsync("404 Not Found") : answer.SilenceAsync());
        using var fetching = new Fetching("https://pypi.org/simple");

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => fetching.FetchAsync(
            Ct, Fetching.OfSpec(server["slow"]) with { Digest = Digest.Of("slow") }, Fetching.OfSpec(server["bad"])));

        Assert.AreEqual(Fault.SourceNotFound, error.Fault);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task Progress_is_told_under_the_files_name()
    {
        await using var server = Index();
        using var fetching = new Fetching(server["simple"].ToString());

        await fetching.FetchAsync(Ct, Fetching.Locked() with { Size = Bytes.Length });

        Assert.Contains((Fetching.Wheel, Bytes.Length, (long?)Bytes.Length), fetching.Reporter.ProgressCalls);
    }

    private static RawServer Index() => new((request, answer) => request.Target switch
    {
        "/simple/attrs/" => answer.OkAsync(
            Encoding.UTF8.GetBytes($"""<a href="../../files/{Fetching.Wheel}">{Fetching.Wheel}</a>"""), "Content-Type: text/html"),
        var target when target.StartsWith("/files/", StringComparison.Ordinal) => answer.OkAsync(Bytes),
        _ => answer.StatusAsync("404 Not Found"),
    });

    private static Digest Sha512(byte[] bytes) =>
        Digest.TryParseAny(Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(bytes)), out var digest) ? digest : default;

    private static string OneDigitOff(string hex) => (hex[0] is '0' ? '1' : '0') + hex[1..];

    private sealed record PlannedSourceOf(string File)
    {
        internal DotnetRelease.Planning.PlannedSource Planned => new(File, Fetching.WheelDigest, new SourcePosition("sources", 3));
    }
}
