using System.Globalization;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>A layer whose download breaks goes on where it broke, in the same run and in the next.</summary>
[TestClass]
public sealed class ResumedDownloadTests(TestContext test)
{
    private const int Half = 60_000;

    /// <summary>Does not compress, so that the packed layer is large.</summary>
    private static readonly byte[] Tar = OciContent.Tar("a", string.Concat(Enumerable.Range(0, 30_000).Select(i => (i * 2_654_435_761 % 99_991).ToString(CultureInfo.InvariantCulture))));

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_broken_connection_costs_only_what_is_missing()
    {
        using var scratch = new Scratch();
        await using var registry = new ResumableRegistry(Tar) { Break = request => request["Range"] is null };

        var image = await Stores.Open(scratch).PullAsync(registry.Reference, Ct);

        Assert.AreEqual(registry.Digest, await Digest.OfFileAsync(image.Layers.Single().BlobPath, Ct));
        CollectionAssert.AreEqual(new[] { null, $"bytes={Half}-" }, registry.BlobRequests.Select(request => request["Range"]).ToArray());
        Assert.AreEqual("\"tag\"", registry.BlobRequests[1]["If-Range"]);
        Assert.DoesNotContain(name => name.StartsWith('.'), Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_line_that_breaks_again_and_again_brings_a_large_layer_all_the_same()
    {
        using var scratch = new Scratch();
        var random = new byte[12_000_000];
        new Random(3).NextBytes(random);
        await using var registry = new ResumableRegistry(new TarBuilder().File("a", random).Build()) { Break = _ => false };
        registry.Odd = async (request, answer) =>
        {
            const int piece = 700_000;
            var start = request["Range"] is { } range ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
            var rest = registry.Layer.AsMemory(start);
            await answer.TextAsync(start is 0
                ? $"HTTP/1.1 200 OK\nContent-Length: {rest.Length}\n\n"
                : $"HTTP/1.1 206 Partial Content\nContent-Length: {rest.Length}\nContent-Range: bytes {start}-{registry.Layer.Length - 1}/{registry.Layer.Length}\n\n");
            await answer.BytesAsync(rest[..Math.Min(piece, rest.Length)]);
            return true;
        };

        var image = await Stores.Open(scratch).PullAsync(registry.Reference, Ct);

        Assert.AreEqual(registry.Digest, await Digest.OfFileAsync(image.Layers.Single().BlobPath, Ct));
        Assert.IsGreaterThan(15, registry.BlobRequests.Count);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task What_a_killed_run_left_is_gone_on_with()
    {
        using var scratch = new Scratch();
        await using var registry = new ResumableRegistry(Tar) { Break = _ => false };
        Leave(scratch, registry.Digest, registry.Layer[..1000]);

        var image = await Stores.Open(scratch).PullAsync(registry.Reference, Ct);

        Assert.AreEqual(registry.Digest, await Digest.OfFileAsync(image.Layers.Single().BlobPath, Ct));
        Assert.AreEqual("bytes=1000-", registry.BlobRequests.Single()["Range"]);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_failed_run_leaves_its_part_and_a_whole_part_needs_no_request()
    {
        using var scratch = new Scratch();
        await using var registry = new ResumableRegistry(Tar) { Break = request => request["Range"] is null, Refuse = request => request["Range"] is not null };

        var ex = await Stores.Open(scratch).RefusesAsync(registry.Reference, Ct);
        var part = Assert.ContainsSingle(Directory.GetFiles(scratch["cache/content"], ".part-*"));
        Assert.AreEqual(Half, new FileInfo(part).Length);
        await File.WriteAllBytesAsync(part, registry.Layer, Ct);
        var before = registry.BlobRequests.Count;
        await Stores.Open(scratch).PullAsync(registry.Reference, Ct);

        Assert.AreEqual(ExitCode.Remote, ex.Fault.Exit);
        Assert.HasCount(before, registry.BlobRequests);
        Assert.DoesNotContain(name => name.StartsWith('.'), Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("altered")]
    [DataRow("too long")]
    public async Task A_part_with_wrong_bytes_is_found_out_and_all_of_it_is_fetched_anew(string what)
    {
        using var scratch = new Scratch();
        await using var registry = new ResumableRegistry(Tar) { Break = _ => false };
        Leave(scratch, registry.Digest, what is "altered" ? new byte[1000] : [.. registry.Layer, 0]);

        var image = await Stores.Open(scratch).PullAsync(registry.Reference, Ct);

        Assert.AreEqual(registry.Digest, await Digest.OfFileAsync(image.Layers.Single().BlobPath, Ct));
        Assert.IsNull(registry.BlobRequests[^1]["Range"]);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("200")]
    [DataRow("416")]
    [DataRow("206 bytes 0-9/10")]
    [DataRow("206 bytes 999-119/120")]
    [DataRow("206")]
    public async Task A_server_that_does_not_go_on_where_it_was_asked_to_makes_us_begin_afresh(string answer)
    {
        using var scratch = new Scratch();
        await using var registry = new ResumableRegistry(Tar) { Break = _ => false };
        registry.Odd = async (request, reply) =>
        {
            if (request["Range"] is null)
            {
                return false;
            }

            await (answer switch
            {
                "200" => reply.OkAsync(registry.Layer),
                "416" => reply.StatusAsync("416 Range Not Satisfiable", $"Content-Range: bytes */{registry.Layer.Length}"),
                "206" => reply.StatusAsync("206 Partial Content", "", registry.Layer.AsMemory(1000)),
                _ => reply.StatusAsync("206 Partial Content", $"Content-Range: {answer[4..]}", registry.Layer.AsMemory(1000)),
            });
            return true;
        };
        Leave(scratch, registry.Digest, registry.Layer[..1000]);

        var image = await Stores.Open(scratch).PullAsync(registry.Reference, Ct);

        Assert.AreEqual(registry.Digest, await Digest.OfFileAsync(image.Layers.Single().BlobPath, Ct));
        Assert.HasCount(answer is "200" ? 1 : 2, registry.BlobRequests);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_part_that_another_process_fills_is_left_to_it()
    {
        using var scratch = new Scratch();
        await using var registry = new ResumableRegistry(Tar) { Break = _ => false };
        Leave(scratch, registry.Digest, registry.Layer[..1000]);
        var part = Directory.GetFiles(scratch["cache/content"], ".part-*").Single();
        await using var other = new FileStream(part, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        var image = await Stores.Open(scratch).PullAsync(registry.Reference, Ct);

        Assert.AreEqual(registry.Digest, await Digest.OfFileAsync(image.Layers.Single().BlobPath, Ct));
        Assert.IsNull(registry.BlobRequests.Single()["Range"]);
        Assert.AreEqual(1000, other.Length);
        CollectionAssert.AreEqual(new[] { part }, Directory.GetFiles(scratch["cache/content"], ".*"));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_real_registry_gives_the_rest_of_a_layer()
    {
        using var scratch = new Scratch();
        await using var real = await RealRegistry.StartAsync(scratch, "", Ct);
        var content = new OciContent();
        content.WriteLayout(scratch["layout"], content.AddImage(OciContent.Tagged("t"), Platform.Current.Architecture, Tar));
        var (digest, (layer, _)) = content.Blobs.Single(blob => blob.Value.Type == OciContent.GzipLayerType);
        var pushed = await Exec.RunAsync(
            new Command("skopeo", ["--insecure-policy", "--tmpdir", scratch.Folder("tmp"), "copy", "--dest-tls-verify=false", $"oci:{scratch["layout"]}:t", $"docker://{real.Host}/a:1"]).With("XDG_RUNTIME_DIR", scratch.Root), Ct);
        Assert.AreEqual(0, pushed.ExitCode, pushed.Error);
        Leave(scratch, OciContent.DigestOf(OciContent.Descriptor("", Digest.Of(layer), 0)), layer[..5000]);
        var said = new ListReporter();

        var image = await Stores.Open(scratch, said).PullAsync($"{real.Host}/a:1", Ct);

        Assert.AreEqual(digest, (await Digest.OfFileAsync(image.Layers.Single().BlobPath, Ct)).ToString());
        Assert.DoesNotContain(name => name.StartsWith('.'), Stores.CachedBlobs(scratch));
    }

    private static void Leave(Scratch scratch, Digest digest, byte[] bytes) => scratch.Write($"cache/content/.part-{digest.Hex}", bytes);

    /// <summary>A registry whose one layer can be had in pieces.</summary>
    private sealed class ResumableRegistry : IAsyncDisposable
    {
        private readonly FakeRegistry _registry = new();

        internal ResumableRegistry(byte[] tar)
        {
            _registry.Tag("1", _registry.Content.AddImage(tar));
            Layer = _registry.Content.Blobs.Single(blob => blob.Value.Type == OciContent.GzipLayerType).Value.Bytes;
            Digest = DotnetRelease.Digest.Of(Layer);
            _registry.Misbehave = AnswerAsync;
        }

        internal byte[] Layer { get; }

        internal Digest Digest { get; }

        internal string Reference => $"{_registry.Host}/a:1";

        internal required Func<RawRequest, bool> Break { get; init; }

        internal Func<RawRequest, bool> Refuse { get; init; } = _ => false;

        internal Func<RawRequest, RawAnswer, Task<bool>> Odd { get; set; } = (_, _) => Task.FromResult(false);

        internal IReadOnlyList<RawRequest> BlobRequests =>
            [.. _registry.RawRequests.Where(request => request.Target.EndsWith(Digest.ToString(), StringComparison.Ordinal))];

        public ValueTask DisposeAsync() => _registry.DisposeAsync();

        private async Task<bool> AnswerAsync(RawRequest request, RawAnswer answer)
        {
            if (!request.Target.EndsWith(Digest.ToString(), StringComparison.Ordinal))
            {
                return false;
            }

            if (await Odd(request, answer))
            {
                return true;
            }

            if (Refuse(request))
            {
                await answer.StatusAsync("503 Service Unavailable");
            }
            else if (Break(request))
            {
                await answer.TextAsync($"HTTP/1.1 200 OK\nContent-Length: {Layer.Length}\nETag: \"tag\"\n\n");
                await answer.BytesAsync(Layer.AsMemory(0, Half));
            }
            else if (request["Range"] is { } range)
            {
                var start = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
                await answer.StatusAsync("206 Partial Content", $"Content-Range: bytes {start}-{Layer.Length - 1}/{Layer.Length}", Layer.AsMemory(start));
            }
            else
            {
                await answer.OkAsync(Layer, "ETag: \"tag\"");
            }

            return true;
        }
    }
}
