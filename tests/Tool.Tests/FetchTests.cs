using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class FetchTests(TestContext test)
{
    private const int Patience = 120_000;
    private const string Wheel = "greeter-1.1-py3-none-any.whl";

    private static readonly byte[] Bytes = WheelBytes.Greeter().Build();

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_wheel_of_the_lock_is_fetched_once_and_then_needs_no_index()
    {
        using var scratch = await ProjectAsync("file:./index", Digest.Of(Bytes));
        var index = Path.Combine(scratch.Folder("index/greeter"), Wheel);
        await File.WriteAllBytesAsync(index, Bytes, Ct);

        var first = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "greeter", "--json");
        File.Delete(index);
        var second = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "greeter", "--json");

        Assert.AreEqual(0, first.ExitCode, first.Error);
        var source = BuiltTool.Json(first).GetProperty("sources")[0];
        Assert.AreEqual(("greeter", Wheel, Digest.Of(Bytes).Hex, Bytes.Length), (
            source.GetProperty("rpm").GetString(), source.GetProperty("file").GetString(), source.GetProperty("sha256").GetString(), source.GetProperty("size").GetInt32()));
        Assert.AreEqual(Digest.Of(Bytes), await Digest.OfFileAsync(source.GetProperty("path").GetString()!, Ct));
        Assert.AreEqual(0, second.ExitCode, second.Error);
        Assert.AreEqual("cache", BuiltTool.Json(second).GetProperty("sources")[0].GetProperty("from").GetString());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_hash_that_is_off_by_one_digit_ends_with_4_and_an_empty_cache()
    {
        var hex = Digest.Of(Bytes).Hex;
        Assert.IsTrue(Digest.TryParse((hex[0] is '0' ? '1' : '0') + hex[1..], out var wrong));
        await using var server = Serve();
        using var scratch = await ProjectAsync(server["simple"].ToString(), wrong);

        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "greeter", "--json");

        Assert.AreEqual(4, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error REL2001: {Wheel}: sha256 mismatch. poetry.lock line 8 expects {wrong.Hex}, {server[Wheel]} gave {hex}.", outcome.Error, StringComparison.Ordinal);
        Assert.AreEqual("REL2001", BuiltTool.Json(outcome).GetProperty("error").GetProperty("id").GetString());
        Assert.IsEmpty(Directory.GetFiles(scratch[".cache/dotnet-release/content"]));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_21_a_wheel_whose_record_misses_a_file_has_the_right_digest_and_ends_with_2()
    {
        var bytes = WheelBytes.Greeter().Add("forgotten.py", "x", new() { InRecord = false }).Build();
        using var scratch = await ProjectAsync("file:./index", Digest.Of(bytes));
        await File.WriteAllBytesAsync(Path.Combine(scratch.Folder("index/greeter"), Wheel), bytes, Ct);

        for (var run = 0; run < 2; run++)
        {
            var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "greeter");

            Assert.AreEqual(2, outcome.ExitCode, outcome.Error);
            Assert.Contains($"error REL2010 : '{Wheel}' is no wheel to build from: its RECORD does not have 'forgotten.py'.", outcome.Error, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task An_index_that_lacks_the_package_ends_with_6()
    {
        await using var server = new RawServer((_, answer) => answer.StatusAsync("404 Not Found"));
        using var scratch = await ProjectAsync(server["simple"].ToString(), Digest.Of(Bytes));

        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "greeter");

        Assert.AreEqual(6, outcome.ExitCode, outcome.Error);
        Assert.Contains($"error REL2002 : GET {server["simple/greeter/"]} -> 404 NotFound.", outcome.Error, StringComparison.Ordinal);
        Assert.AreEqual("", outcome.Output);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_dry_run_says_where_files_would_come_from_and_touches_nothing()
    {
        await using var server = Serve();
        using var scratch = await ProjectAsync(server["simple"].ToString(), Digest.Of(Bytes));
        var before = Directory.GetFileSystemEntries(scratch.Root, "*", SearchOption.AllDirectories).Order().ToArray();

        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "greeter", "--dry-run");

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.Contains(server["simple/greeter/"].ToString(), outcome.Output, StringComparison.Ordinal);
        Assert.AreEqual(0, server.Connections);
        CollectionAssert.AreEqual(before, Directory.GetFileSystemEntries(scratch.Root, "*", SearchOption.AllDirectories).Order().ToArray());
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Killed_in_the_middle_of_a_download_the_next_run_asks_for_the_rest_alone()
    {
        var half = Bytes.Length / 2;
        await using var server = new RawServer(async (request, answer) =>
        {
            if (!request.Target.EndsWith(Wheel, StringComparison.Ordinal))
            {
                await answer.OkAsync(Encoding.UTF8.GetBytes($"<a href='/{Wheel}'>{Wheel}</a>"), "Content-Type: text/html");
            }
            else if (request["Range"] is null)
            {
                await answer.TextAsync($"HTTP/1.1 200 OK\nContent-Length: {Bytes.Length}\n\n");
                await answer.BytesAsync(Bytes.AsMemory(0, half));
                await answer.SilenceAsync();
            }
            else
            {
                await answer.StatusAsync("206 Partial Content", $"Content-Range: bytes {half}-{Bytes.Length - 1}/{Bytes.Length}", Bytes.AsMemory(half));
            }
        });
        using var scratch = await ProjectAsync(server["simple"].ToString(), Digest.Of(Bytes));
        var part = scratch[$".cache/dotnet-release/content/.part-{Digest.Of(Bytes).Hex}"];
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        var killed = BuiltTool.RunAsync(scratch.Root, kill.Token, "fetch", "greeter");
        while (!killed.IsCompleted && !(File.Exists(part) && new FileInfo(part).Length == half))
        {
            await Task.Delay(20, Ct);
        }

        await kill.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => killed);
        var next = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "greeter", "--json");

        Assert.AreEqual(0, next.ExitCode, next.Error);
        Assert.AreEqual($"bytes={half}-", server.Requests[^1]["Range"]);
        Assert.AreEqual(Digest.Of(Bytes), await Digest.OfFileAsync(BuiltTool.Json(next).GetProperty("sources")[0].GetProperty("path").GetString()!, Ct));
        Assert.IsFalse(File.Exists(part));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_projects_own_tag_becomes_a_source_whose_line_is_written_once_and_not_by_a_dry_run()
    {
        using var scratch = await ProjectAsync("file:./index", Digest.Of(Bytes));
        await File.AppendAllTextAsync(scratch["release.toml"], """

            [[rpm]]
            name = "own"
            spec = "own/own.spec"
            [[rpm.source]]
            file = "own-{version}.tar.gz"
            git = "."
            """, Ct);
        scratch.Write("own/own.spec", "Name: own\nVersion: 1.1\nRelease: 1\nSummary: S\nLicense: MIT\nSource0: own-%{version}.tar.gz\n%description\nX\n%files\n");
        await Exec.ReadAsync(new Git(scratch.Root).Command("add", "own"), Ct);
        await Exec.ReadAsync(new Git(scratch.Root).Command("-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qm", "own"), Ct);
        await Exec.ReadAsync(new Git(scratch.Root).Command("tag", "v1.1"), Ct);

        var dry = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "own", "--update", "--dry-run", "--json");
        var isDry = !File.Exists(scratch["own/sources"]);
        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "own", "--update", "--json");

        Assert.AreEqual("own-1.1.tar.gz", BuiltTool.Json(dry).GetProperty("record")[0].GetString());
        Assert.IsTrue(isDry);
        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        var source = BuiltTool.Json(outcome).GetProperty("sources")[0];
        Assert.AreEqual("git+file:.@v1.1", source.GetProperty("origin").GetString());
        Assert.AreEqual($"SHA512 (own-1.1.tar.gz) = {source.GetProperty("sha512").GetString()}\n", scratch.Read("own/sources"));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_mistyped_name_ends_with_2_and_a_suggestion()
    {
        using var scratch = await ProjectAsync("file:./index", Digest.Of(Bytes));

        var outcome = await BuiltTool.RunAsync(scratch.Root, Ct, "fetch", "greter");

        Assert.AreEqual(2, outcome.ExitCode, outcome.Error);
        Assert.Contains("Did you mean 'greeter'?", outcome.Error, StringComparison.Ordinal);
    }

    private static RawServer Serve() => new((request, answer) => request.Target.EndsWith(Wheel, StringComparison.Ordinal)
        ? answer.OkAsync(Bytes)
        : answer.OkAsync(Encoding.UTF8.GetBytes($"<a href='/{Wheel}'>{Wheel}</a>"), "Content-Type: text/html"));

    private async Task<Scratch> ProjectAsync(string index, Digest digest)
    {
        var scratch = new Scratch();
        await Exec.ReadAsync(new Git(scratch.Root).Command("init", "-q"), Ct);
        scratch.Write("release.toml", $"""
            [project]
            name = "hello"
            lockfiles = ["poetry.lock"]
            [[rpm]]
            name = "greeter"
            spec = "greeter.spec"
            follows = ["greeter"]
            [target.local]
            image = "rootfs:distro.tar"
            [sources]
            index = "{index}"
            """);
        scratch.Write("greeter.spec", $"""
            Name: greeter
            Version: 1.1
            Release: 1
            Summary: A greeter
            License: MIT
            Source0: {Wheel}
            %description
            A greeter.
            %files
            """);
        scratch.Write("poetry.lock", PoetryLock.Of(Wheel, digest));
        return scratch;
    }
}
