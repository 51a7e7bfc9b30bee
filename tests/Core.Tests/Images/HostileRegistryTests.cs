using System.Globalization;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>A registry that lies, one lie at a time. After each, no blob with wrong bytes lies in the cache.</summary>
[TestClass]
public sealed class HostileRegistryTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Case_23_a_manifest_changed_by_one_space_is_refused()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var manifest = registry.Content.AddImage(OciContent.Tar("a", "1"));
        var digest = OciContent.DigestOf(manifest);
        registry.Content.Blobs[digest.ToString()] = (Encoding.UTF8.GetBytes(" " + Encoding.UTF8.GetString(registry.Content.Blobs[digest.ToString()].Bytes)), OciContent.ManifestType);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a@{digest}", Ct);

        Assert.AreEqual((Fault.ImageMismatch, ExitCode.Refused), (ex.Fault, ex.Fault.Exit));
        Assert.Contains(digest.ToString(), ex.Message, StringComparison.Ordinal);
        Assert.Contains(Digest.Of(registry.Content.Blobs[digest.ToString()].Bytes).ToString(), ex.Message, StringComparison.Ordinal);
        Assert.Contains($"{registry.Host}/a@", ex.Message, StringComparison.Ordinal);
        Assert.IsEmpty(Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_header_that_promises_another_digest_is_not_ignored()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var manifest = registry.Content.AddImage(OciContent.Tar("a", "1"));
        registry.Misbehave = (_, answer) => Done(answer.OkAsync(registry.Content.Blobs[OciContent.DigestOf(manifest).ToString()].Bytes, $"Docker-Content-Digest: {Digest.Of("other")}"));

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a@{OciContent.DigestOf(manifest)}", Ct);

        Assert.AreEqual(Fault.ImageMismatch, ex.Fault);
        Assert.Contains(Digest.Of("other").ToString(), ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_digest_header_that_is_a_path_is_refused_before_it_is_used()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry { Misbehave = (_, answer) => Done(answer.StatusAsync("200 OK", "Docker-Content-Digest: sha256:../../etc")) };

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.ImageMalformed, ex.Fault);
        Assert.HasCount(1, registry.Requests);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow("flip")]
    [DataRow("shorter")]
    [DataRow("longer")]
    [DataRow("longer-chunked")]
    [DataRow("endless")]
    public async Task An_altered_layer_is_refused_and_nothing_of_it_stays(string lie)
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", new string('x', 100_000))));
        var (digest, (bytes, _)) = registry.Content.Blobs.Single(blob => blob.Value.Type == OciContent.GzipLayerType);
        registry.Misbehave = (request, answer) => request.Target.EndsWith(digest, StringComparison.Ordinal) ? Done(LieAsync(lie, bytes, answer)) : Task.FromResult(false);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(ExitCode.Refused, ex.Fault.Exit, ex.Message);
        Assert.Contains(digest, ex.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(digest["sha256:".Length..], Stores.CachedBlobs(scratch));
        Assert.DoesNotContain(name => name.StartsWith('.'), Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("-1", 2)]
    [DataRow("9223372036854775808", 2)]
    [DataRow("1e400", 2)]
    [DataRow("1.5", 2)]
    [DataRow("\"7\"", 2)]
    [DataRow("null", 2)]
    [DataRow("99999999999999", 2)]
    [DataRow("1", 4)]
    [DataRow("0", 4)]
    public async Task Case_24_a_layer_size_that_is_negative_wrong_or_absurd_is_refused(string size, int exit)
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var tar = OciContent.Tar("a", "1");
        var layer = OciContent.DigestOf(registry.Content.Add(OciContent.GzipLayerType, OciContent.Gzip(tar)));
        registry.Tag("1", registry.Content.AddManifest(
            OciContent.Config(Platform.Current.Architecture, [Digest.Of(tar).ToString()]), [$$"""{"mediaType":"{{OciContent.GzipLayerType}}","digest":"{{layer}}","size":{{size}}}"""]));

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(exit, (int)ex.Fault.Exit, ex.Message);
        Assert.DoesNotContain(layer.Hex, Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Case_25_three_layers_and_two_diff_ids_are_no_image()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var layers = new[] { "1", "2", "3" }.Select(text => registry.Content.Add(OciContent.GzipLayerType, OciContent.Gzip(OciContent.Tar("a", text)))).ToList();
        var ids = new[] { "1", "2" }.Select(text => Digest.Of(OciContent.Tar("a", text)).ToString());
        registry.Tag("1", registry.Content.AddManifest(OciContent.Config(Platform.Current.Architecture, ids), layers));

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.ImageMalformed, ex.Fault);
        Assert.Contains("3 layers, the config 2 diff_ids", ex.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(request => request.Contains("/blobs/", StringComparison.Ordinal) && layers.Any(layer => request.EndsWith(OciContent.DigestOf(layer).ToString(), StringComparison.Ordinal)), registry.Requests);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Case_25_a_config_with_other_bytes_is_refused()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        var (digest, (bytes, type)) = registry.Content.Blobs.Single(blob => blob.Value.Type == OciContent.ConfigType);
        registry.Content.Blobs[digest] = ([.. bytes.Select(one => one is (byte)'2' ? (byte)'0' : one)], type);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.ImageMismatch, ex.Fault);
        Assert.Contains(digest, ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("application/vnd.oci.image.layer.v1.tar+xz", "tar, tar+gzip and tar+zstd are supported")]
    [DataRow("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "foreign layer")]
    [DataRow("application/vnd.oci.image.layer.nondistributable.v1.tar", "foreign layer")]
    [DataRow("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "encrypted")]
    [DataRow("application/x-\\u202eother", "'application/x-\\u202eother'; tar, tar+gzip and tar+zstd are supported")]
    public async Task Case_25_a_layer_of_another_type_is_named_with_what_is_supported(string type, string words)
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var (good, other) = (OciContent.Tar("a", "1"), OciContent.Tar("b", "2"));
        registry.Tag("1", registry.Content.AddManifest(
            OciContent.Config(Platform.Current.Architecture, [Digest.Of(good).ToString(), Digest.Of(other).ToString()]),
            [registry.Content.Add(OciContent.GzipLayerType, OciContent.Gzip(good)), OciContent.Descriptor(type, Digest.Of("x"), 7)]));

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.ImageLayerUnsupported, ex.Fault);
        Assert.Contains($"layer 2 of 2 ({Digest.Of("x")})", ex.Message, StringComparison.Ordinal);
        Assert.Contains(words, ex.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(request => request.EndsWith(Digest.Of("x").ToString(), StringComparison.Ordinal), registry.Requests);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Case_25_an_index_without_this_platform_says_which_it_has()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var content = registry.Content;
        registry.Tag("1", content.AddIndex(
            content.AddImage(OciContent.For("s390x"), "s390x", OciContent.Tar("a", "1")),
            content.AddImage(OciContent.For("amd64", "windows"), "amd64", OciContent.Tar("a", "2")),
            content.AddImage(OciContent.For("unknown", "unknown"), "unknown", OciContent.Tar("a", "3"))));

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.ImagePlatformMissing, ex.Fault);
        Assert.Contains("Available: linux/s390x, windows/amd64.", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_single_image_for_another_machine_is_refused_too()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage("", "s390x", OciContent.Tar("a", "1")));

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.ImagePlatformMissing, ex.Fault);
        Assert.Contains("Available: linux/s390x.", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Case_26_an_index_nested_a_hundred_deep_is_given_up_after_a_few_requests()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var entry = registry.Content.AddImage(OciContent.Tar("a", "1"));
        for (var depth = 0; depth < 100; depth++)
        {
            entry = registry.Content.AddIndex(entry);
        }

        registry.Tag("1", entry);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual((Fault.ImageMalformed, ExitCode.Usage), (ex.Fault, ex.Fault.Exit));
        Assert.Contains("index nesting", ex.Message, StringComparison.Ordinal);
        Assert.IsLessThan(10, registry.Requests.Count);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Case_26_an_index_that_answers_for_every_digest_does_not_loop()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var loop = Encoding.UTF8.GetBytes(OciContent.Index(OciContent.Descriptor(OciContent.IndexType, Digest.Of("itself"), 300)));
        registry.Misbehave = (_, answer) => Done(answer.OkAsync(loop, $"Content-Type: {OciContent.IndexType}"));

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.ImageMismatch, ex.Fault);
        Assert.IsLessThan(10, registry.Requests.Count);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_wide_index_of_entries_that_hide_their_platform_is_given_up()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var entries = Enumerable.Range(0, 200).Select(at => registry.Content.AddImage("", "s390x", OciContent.Tar("a", at.ToString(CultureInfo.InvariantCulture)))).ToArray();
        registry.Tag("1", registry.Content.AddIndex(entries));

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.ImageMalformed, ex.Fault);
        Assert.IsLessThan(100, registry.Requests.Count);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("sha256:../../etc")]
    [DataRow("sha256:..%2f..%2fetc")]
    [DataRow("../../etc/passwd")]
    [DataRow("sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e")]
    [DataRow("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [DataRow("\\ud800")]
    public async Task Case_27_a_digest_that_is_none_becomes_neither_path_nor_request(string digest)
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddManifest(
            OciContent.Config(Platform.Current.Architecture, [Digest.Of("x").ToString()]), [$$"""{"mediaType":"{{OciContent.GzipLayerType}}","digest":"{{digest}}","size":1}"""]));
        registry.Tag("2", registry.Content.Add(OciContent.ManifestType, OciContent.Manifest($$"""{"mediaType":"{{OciContent.ConfigType}}","digest":"{{digest}}","size":1}""", [])));
        registry.Tag("3", registry.Content.AddIndex($$"""{"mediaType":"{{OciContent.ManifestType}}","digest":"{{digest}}","size":1}"""));

        foreach (var tag in new[] { "1", "2", "3" })
        {
            var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:{tag}", Ct);

            Assert.AreEqual((Fault.ImageMalformed, ExitCode.Usage), (ex.Fault, ex.Fault.Exit));
        }

        Assert.DoesNotContain(request => request.Contains("etc", StringComparison.Ordinal), registry.Requests);
        Assert.DoesNotContain(request => request.Contains("/blobs/", StringComparison.Ordinal), registry.Requests);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_manifest_of_five_megabytes_is_not_read()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var digest = OciContent.DigestOf(registry.Content.Add(OciContent.ManifestType, new string(' ', 5 * 1024 * 1024)));

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a@{digest}", Ct);

        Assert.AreEqual(ExitCode.Refused, ex.Fault.Exit);
        Assert.IsEmpty(Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_missing_tag_says_so_with_the_registrys_own_code_and_how_to_list_tags()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a/b:nope", Ct);

        Assert.AreEqual((Fault.ImageNotFound, ExitCode.Remote), (ex.Fault, ex.Fault.Exit));
        Assert.Contains("404 NotFound, MANIFEST_UNKNOWN", ex.Message, StringComparison.Ordinal);
        Assert.Contains($"skopeo list-tags docker://{registry.Host}/a/b --tls-verify=false", ex.Remedy, StringComparison.Ordinal);
    }

    private static async Task<bool> Done(Task answer)
    {
        await answer;
        return true;
    }

    private static async Task LieAsync(string lie, byte[] bytes, RawAnswer answer)
    {
        switch (lie)
        {
            case "flip":
                await answer.OkAsync((byte[])[.. bytes.SkipLast(1), (byte)~bytes[^1]]);
                break;
            case "shorter":
                await answer.OkAsync(bytes.AsMemory(0, bytes.Length - 1));
                break;
            case "longer":
                await answer.OkAsync((byte[])[.. bytes, 0]);
                break;
            case "longer-chunked":
                await answer.TextAsync($"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nConnection: close\n\n{bytes.Length:x}\n");
                await answer.BytesAsync(bytes);
                await answer.TextAsync("\n1\nx\n0\n\n");
                break;
            default:
                await answer.TextAsync("HTTP/1.1 200 OK\nConnection: close\n\n");
                for (var sent = 0; sent < 100; sent++)
                {
                    await answer.BytesAsync(new byte[1024 * 1024]);
                }

                break;
        }
    }
}
