using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Sources;

namespace DotnetRelease.Core.Tests.Sources;

[TestClass]
public sealed class SimpleIndexTests(TestContext test)
{
    private static readonly string Hex = Fetching.WheelDigest.Hex;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow("<a href=\"/w/WHEEL\">WHEEL</a>")]
    [DataRow("<A HREF='/w/WHEEL#sha256=HASH'>WHEEL</A>")]
    [DataRow("<a href=/w/WHEEL>x</a>")]
    [DataRow("<a\n data-requires-python=\"&gt;=3.8\"\n href = \"/w/WHEEL#sha256=HASH&amp;x=y\" >")]
    [DataRow("<!DOCTYPE html><!-- <a href=\"/lie/WHEEL\"> --><html><body><a href=\"/w/WHEEL\">")]
    [DataRow("<a name=x><a href=\"/w/attrs%2D25.1.0-py3-none-any.whl\">")]
    [DataRow("<base href=\"/w/\"><a href=\"WHEEL\">")]
    [DataRow("<a href='/w/other.whl'><br/><a href='/w/WHEEL'>")]
    [DataRow("<a href='/no/WHEEL#sha256=0000000000000000000000000000000000000000000000000000000000000000'><a href='/w/WHEEL#sha256=HASH'>")]
    [DataRow("<a href=\"//127.0.0.1:PORT/w/WHEEL\">")]
    [DataRow("5 < 6 <<< <a href='/w/WHEEL' <p>")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_page_in_html_is_understood(string page)
    {
        await using var server = Serve(page, "text/html; charset=utf-8");
        using var fetching = new Fetching(server["simple/"].ToString());

        await fetching.FetchAsync(Ct, Fetching.Locked());

        Assert.StartsWith("/w/", server.Requests[^1].Target, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("""{"meta":{"api-version":"1.0"},"name":"attrs","files":[{"filename":"WHEEL","url":"/w/WHEEL","hashes":{"sha256":"HASH"}}]}""")]
    [DataRow("""{"meta":{"api-version":"1.3","_last-serial":7},"files":[{"filename":"WHEEL","url":"../../w/x","hashes":{},"size":3,"yanked":false}]}""")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_page_in_json_is_understood(string page)
    {
        await using var server = Serve(page, "application/vnd.pypi.simple.v1+json");
        using var fetching = new Fetching(server["simple"].ToString());

        await fetching.FetchAsync(Ct, Fetching.Locked());

        Assert.StartsWith("/w/", server.Requests[^1].Target, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("2026-01-02T03:04:05.678901Z", "2026-03-01T00:00:00+00:00", "2026-03-01")]
    [DataRow("2026-01-02T03:04:05.678901Z", "", "")]
    [DataRow("2026-01-02T03:04:05.678901Z", "yesterday", "")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task The_index_knows_when_the_youngest_file_was_uploaded_or_says_nothing(string first, string second, string expected)
    {
        await using var server = Serve(
            $$"""{"meta":{"api-version":"1.1"},"files":[{"filename":"a.whl","url":"a","upload-time":"{{first}}"},{"filename":"b.whl","url":"b","upload-time":"{{second}}"},{"filename":"c.whl","url":"c"}]}""",
            "application/vnd.pypi.simple.v1+json");
        using var fetching = new Fetching(server["simple"].ToString());

        Assert.AreEqual(expected, $"{await fetching.Fetcher.UploadedAsync("attrs", ["a.whl", "b.whl", "gone.whl"], Ct):yyyy-MM-dd}");
        Assert.IsNull(await fetching.Fetcher.UploadedAsync("attrs", ["gone.whl"], Ct));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("<html>")]
    [DataRow("[]")]
    [DataRow("""{"files":[]}""")]
    [DataRow("""{"meta":{"api-version":"2.0"},"files":[]}""")]
    [DataRow("""{"meta":{"api-version":1},"files":[]}""")]
    [DataRow("""{"meta":{"api-version":"1.0"},"files":{}}""")]
    [DataRow("""{"meta":{"api-version":"1.0"},"files":[{"filename":"WHEEL"}]}""")]
    [DataRow("""{"meta":{"api-version":"1.0"},"files":[{"filename":"\ud800","url":"x"}]}""")]
    [DataRow("""{"meta":{"api-version":"1.0"},"files":[{"filename":"WHEEL","filename":"WHEEL","url":"x"}]}""")]
    [DataRow("""{"meta":{"api-version":"1.0"},"files":[{"filename":"WHEEL","url":"http://[::"}]}""")]
    [DataRow("{\"meta\":{\"api-version\":\"1.0\"},\"files\":[],\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]}")]
    [DataRow("{\"meta\":{\"api-version\":\"1.0\"},\"files\":[],\"x\":\"\u00ff\"}")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_page_that_is_no_pep_691_is_the_remotes_fault(string page)
    {
        await using var server = Serve(page, "application/vnd.pypi.simple.v1+json");
        using var fetching = new Fetching(server["simple"].ToString());

        var error = await fetching.FailsAsync(Fetching.Locked(), Ct);

        Assert.AreEqual(Fault.IndexMalformed, error.Fault, error.Message);
        Assert.Contains(server["simple/attrs/"].ToString(), error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("text/html", "<a href='/w/WHEEL#sha256=0123'>")]
    [DataRow("application/vnd.pypi.simple.v1+json", """{"meta":{"api-version":"1.0"},"files":[{"filename":"WHEEL","url":"/w/WHEEL","hashes":{"sha256":"0123"}}]}""")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task An_index_that_contradicts_the_lock_is_refused_with_both_hashes(string type, string page)
    {
        await using var server = Serve(page, type);
        using var fetching = new Fetching(server["simple"].ToString());

        var error = await fetching.FailsAsync(Fetching.Locked(), Ct);

        Assert.AreEqual(Fault.SourceMismatch, error.Fault);
        Assert.Contains($"poetry.lock line 41 expects {Hex}, the index page {server["simple/attrs/"]} promises 0123.", error.Message, StringComparison.Ordinal);
        Assert.HasCount(1, server.Requests);
    }

    [TestMethod]
    [DataRow("<a href='https://evil.example/WHEEL'>")]
    [DataRow("<a href='https://127.0.0.1.evil.example/WHEEL'>")]
    [DataRow("<a href='https://127.0.0.1@evil.example/WHEEL'>")]
    [DataRow("<a href='file:///etc/WHEEL'>")]
    [DataRow("<a href='http://169.254.169.254/WHEEL'>")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task An_index_may_not_point_just_anywhere(string page)
    {
        await using var server = Serve(page, "text/html");
        using var fetching = new Fetching(server["simple"].ToString());

        var error = await fetching.FailsAsync(Fetching.Locked(), Ct);

        Assert.AreEqual(Fault.UrlRefused, error.Fault);
        Assert.Contains("No request was sent to it.", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task An_index_may_point_to_an_allowed_host(bool port)
    {
        await using var files = new RawServer((_, answer) => answer.OkAsync(Fetching.Bytes));
        var page = $"<a href='http://localhost:{files.Url.Port}/{Fetching.Wheel}'>";
        await using var server = Serve(page, "text/html");
        using var refusing = new Fetching(server["simple"].ToString());
        using var otherPort = new Fetching(server["simple"].ToString(), "localhost:1");
        using var allowing = new Fetching(server["simple"].ToString(), port ? $"localhost:{files.Url.Port}" : "LOCALHOST");

        var error = await refusing.FailsAsync(Fetching.Locked(), Ct);
        await otherPort.FailsAsync(Fetching.Locked(), Ct);
        var verified = await allowing.FetchAsync(Ct, Fetching.Locked());

        Assert.AreEqual(Fault.UrlRefused, error.Fault);
        Assert.HasCount(1, verified);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_yanked_file_is_fetched_with_a_warning()
    {
        await using var server = Serve("<a href='/w/WHEEL' data-yanked='broken &amp; sad'>", "text/html");
        using var fetching = new Fetching(server["simple"].ToString());

        await fetching.FetchAsync(Ct, Fetching.Locked());

        Assert.AreEqual($"{Fetching.Wheel} was withdrawn by its publisher: broken & sad. The lock still asks for it.", fetching.Reporter.Warnings.Single());
    }

    [TestMethod]
    [DataRow("<a href='/w/attrs-25.2.0-py3-none-any.whl'>")]
    [DataRow("<a href='/w/attrs%252D25.1.0-py3-none-any.whl'>")]
    [DataRow("<a href='/w/x%2Fattrs-25.1.0-py3-none-any.whl'>")]
    [DataRow("")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_file_that_the_index_lacks_is_said_to_be_lacking(string page)
    {
        await using var server = Serve(page, "text/html");
        using var fetching = new Fetching(server["simple"].ToString());

        var error = await fetching.FailsAsync(Fetching.Locked(), Ct);

        Assert.AreEqual(Fault.SourceNotFound, error.Fault);
        Assert.Contains($"but not '{Fetching.Wheel}'", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("simple/attrs/index.html", "<a href=\"../../packages/WHEEL#sha256=HASH\">")]
    [DataRow("simple/attrs/index.html", "<a href=\"WHEEL\">")]
    [DataRow("simple/attrs/WHEEL", null)]
    [DataRow("simple/WHEEL", null)]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_folder_is_an_index_too(string file, string? page)
    {
        using var fetching = new Fetching("file:a%20folder, 50% # more/simple");
        string At(string relative) => "a folder, 50% # more/" + Fill(relative, 0);
        fetching.Scratch.Write(At(file), page is null ? Encoding.UTF8.GetString(Fetching.Bytes) : Fill(page, 0));
        if (page is not null)
        {
            var wheel = page.Contains("packages", StringComparison.Ordinal) ? "packages/WHEEL" : "simple/attrs/WHEEL";
            fetching.Scratch.Write(At(wheel), Encoding.UTF8.GetString(Fetching.Bytes));
        }

        var verified = await fetching.FetchAsync(Ct, Fetching.Locked());

        // In the cache, so that the index may change or go while the build runs.
        Assert.StartsWith(fetching.Scratch["cache"], verified[0].Path, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task An_absolute_folder_is_an_index_and_other_bytes_in_it_are_refused()
    {
        using var scratch = new Scratch();
        scratch.Write($"x y/{Fetching.Wheel}", "the bytes of the whee1");
        using var fetching = new Fetching($"file://{scratch.Root}/x%20y");

        var error = await fetching.FailsAsync(Fetching.Locked(), Ct);

        Assert.AreEqual(Fault.SourceMismatch, error.Fault);
        Assert.Contains(scratch[$"x y/{Fetching.Wheel}"], error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_folder_index_may_not_name_a_device()
    {
        using var fetching = new Fetching("file:index");
        fetching.Scratch.Folder("index");
        File.CreateSymbolicLink(fetching.Scratch["index/" + Fetching.Wheel], "/dev/zero");

        var error = await fetching.FailsAsync(Fetching.Locked(), Ct);

        Assert.AreEqual(Fault.FileUnreadable, error.Fault);
    }

    [TestMethod]
    [DataRow("file:missing", "REL2002")]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_folder_that_is_not_there_is_said_so(string index, string fault)
    {
        using var fetching = new Fetching(index);

        var error = await fetching.FailsAsync(Fetching.Locked(), Ct);

        Assert.AreEqual(fault, error.Fault.Id);
        Assert.Contains(fetching.Scratch["missing"], error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("pypi.org/simple")]
    [DataRow("/srv/index")]
    [DataRow("ftp://pypi.example/simple")]
    [DataRow("https://user:hush@pypi.example/simple")]
    [DataRow("https://pypi.example/simple?x=y")]
    [DataRow("file://server/share")]
    [DataRow("")]
    public void An_index_of_another_form_is_a_fault_of_the_settings(string index)
    {
        var error = Assert.ThrowsExactly<ReleaseException>(() => SourceOptions.Parse(index, [], "/"));

        Assert.AreEqual(Fault.SettingsInvalid, error.Fault);
        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("https://files.example")]
    [DataRow("files.example/x")]
    [DataRow("")]
    [DataRow("*.example")]
    [DataRow("files.example:https")]
    [DataRow("files.example:99999")]
    [DataRow("a:b@c")]
    public void A_host_of_another_form_is_a_fault_of_the_settings(string host) =>
        Assert.AreEqual(Fault.SettingsInvalid, Assert.ThrowsExactly<ReleaseException>(() => SourceOptions.Parse("https://pypi.org/simple", [host], "/")).Fault);

    [TestMethod]
    public void Only_pypi_brings_its_own_second_host()
    {
        var url = new Uri("https://files.pythonhosted.org/x");

        Assert.IsTrue(SourceOptions.Parse("https://pypi.org/simple", [], "/").Allows(url));
        Assert.IsFalse(SourceOptions.Parse("https://mirror.example/simple", [], "/").Allows(url));
        Assert.IsFalse(SourceOptions.Parse("https://pypi.org/simple", [], "/").Allows(new Uri("https://pypi.org@evil.example/x")));
    }

    private static string Fill(string text, int port) => text
        .Replace("WHEEL", Fetching.Wheel, StringComparison.Ordinal)
        .Replace("HASH", Hex, StringComparison.Ordinal)
        .Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static RawServer Serve(string page, string type)
    {
        RawServer? server = null;
        return server = new RawServer((request, answer) => request.Target is "/simple/attrs/"
            ? answer.OkAsync(Encoding.Latin1.GetBytes(Fill(page, server!.Url.Port)), $"Content-Type: {type}")
            : request.Target.StartsWith("/w/", StringComparison.Ordinal) ? answer.OkAsync(Fetching.Bytes) : answer.StatusAsync("404 Not Found"));
    }
}
