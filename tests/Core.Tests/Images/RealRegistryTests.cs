using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>docker-registry and skopeo are the judges: what they store and copy, we read, and what we read agrees with them.</summary>
[TestClass]
public sealed class RealRegistryTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow("oci")]
    [DataRow("v2s2")]
    public async Task An_image_that_skopeo_pushed_is_pulled_in_both_formats(string format)
    {
        using var scratch = new Scratch();
        await using var registry = await RealRegistry.StartAsync(scratch, "", Ct);
        var content = new OciContent();
        var tars = new[] { OciContent.Tar("a", "1"), OciContent.Tar("b", "2") };
        content.WriteLayout(scratch["layout"], content.AddImage(OciContent.Tagged("t"), Platform.Current.Architecture, tars));
        await SkopeoAsync(scratch, "copy", "--dest-tls-verify=false", "--format", format, $"oci:{scratch["layout"]}:t", $"docker://{registry.Host}/some/thing:1");

        var image = await Stores.Open(scratch).PullAsync($"{registry.Host}/some/thing:1", Ct);

        CollectionAssert.AreEqual(tars.Select(tar => Digest.Of(tar)).ToArray(), image.Layers.Select(layer => layer.DiffId).ToArray());
        var judged = await SkopeoAsync(scratch, "inspect", "--tls-verify=false", "--format", "{{.Digest}}", $"docker://{registry.Host}/some/thing:1");
        Assert.AreEqual(judged.Trim(), image.Digest.ToString());
        Assert.AreEqual(judged.Trim(), (await Stores.Open(scratch).ResolveAsync(ImageReference.Parse($"{registry.Host}/some/thing:1"), Ct)).ToString());
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Layers_that_skopeo_compressed_with_zstd_are_pulled()
    {
        using var scratch = new Scratch();
        await using var registry = await RealRegistry.StartAsync(scratch, "", Ct);
        var content = new OciContent();
        var tar = OciContent.Tar("a", "1");
        var config = OciContent.Config(Platform.Current.Architecture, [Digest.Of(tar).ToString()]);
        content.WriteLayout(scratch["layout"], content.AddManifest(config, [content.Add(OciContent.TarLayerType, tar)], OciContent.Tagged("t")));
        await SkopeoAsync(
            scratch, "copy", "--dest-tls-verify=false", "--dest-compress-format", "zstd", $"oci:{scratch["layout"]}:t", $"docker://{registry.Host}/a:1");

        var pulled = await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);
        var noted = await Stores.OpenOffline(scratch, isUnpacked: _ => true).UseAsync(ImageReference.Parse($"{registry.Host}/a:1"), Stores.Here, Ct);

        var layer = pulled.Layers.Single();
        Assert.AreEqual((LayerCompression.Zstd, Digest.Of(tar)), (layer.Compression, layer.DiffId));
        Assert.AreEqual(layer, noted.Layers.Single());
        CollectionAssert.AreEqual(tar, DotnetRelease.Storage.Zstd.Decompress(await File.ReadAllBytesAsync(layer.BlobPath, Ct), tar.Length));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_layout_that_skopeo_wrote_is_read()
    {
        using var scratch = new Scratch();
        var content = new OciContent();
        content.WriteLayout(scratch["layout"], content.AddImage(OciContent.Tagged("t"), Platform.Current.Architecture, OciContent.Tar("a", "1")));
        await SkopeoAsync(scratch, "copy", $"oci:{scratch["layout"]}:t", $"oci:{scratch["copy"]}:other:tag");

        var image = await Stores.OpenOffline(scratch).PullAsync($"oci:{scratch["copy"]}:other:tag", Ct);

        Assert.AreEqual(Digest.Of(OciContent.Tar("a", "1")), image.Layers.Single().DiffId);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_blob_that_was_altered_in_the_registrys_storage_is_refused()
    {
        using var scratch = new Scratch();
        await using var registry = await RealRegistry.StartAsync(scratch, "", Ct);
        var content = new OciContent();
        content.WriteLayout(scratch["layout"], content.AddImage(OciContent.Tagged("t"), Platform.Current.Architecture, OciContent.Tar("a", new string('x', 10_000))));
        await SkopeoAsync(scratch, "copy", "--dest-tls-verify=false", $"oci:{scratch["layout"]}:t", $"docker://{registry.Host}/a:1");
        var layer = content.Blobs.Single(blob => blob.Value.Type == OciContent.GzipLayerType);
        var hex = layer.Key["sha256:".Length..];
        var stored = scratch[$"registry/docker/registry/v2/blobs/sha256/{hex[..2]}/{hex}/data"];
        await File.WriteAllBytesAsync(stored, [.. layer.Value.Bytes.SkipLast(1), (byte)~layer.Value.Bytes[^1]], Ct);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual((Fault.ImageMismatch, ExitCode.Refused), (ex.Fault, ex.Fault.Exit));
        Assert.Contains(layer.Key, ex.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(hex, Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_name_or_tag_that_the_registry_does_not_have_is_not_found()
    {
        using var scratch = new Scratch();
        await using var registry = await RealRegistry.StartAsync(scratch, "", Ct);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/nobody/has:this", Ct);

        Assert.AreEqual(Fault.ImageNotFound, ex.Fault);
        Assert.Contains("MANIFEST_UNKNOWN", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_registry_that_wants_a_password_is_refused_with_the_way_around()
    {
        using var scratch = new Scratch();
        var passwords = scratch.Write("htpasswd", "");
        await using var registry = await RealRegistry.StartAsync(scratch, $"  htpasswd: {{realm: here, path: {passwords}}}", Ct);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual((Fault.RemoteUnauthorized, ExitCode.Remote), (ex.Fault, ex.Fault.Exit));
        Assert.Contains("asks for a login (basic)", ex.Message, StringComparison.Ordinal);
        Assert.Contains("oci:FOLDER", ex.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_registry_that_is_not_there_is_a_remote_failure_and_a_pinned_image_still_works()
    {
        using var scratch = new Scratch();
        Digest digest;
        string reference;
        await using (var registry = await RealRegistry.StartAsync(scratch, "", Ct))
        {
            var content = new OciContent();
            content.WriteLayout(scratch["layout"], content.AddImage(OciContent.Tagged("t"), Platform.Current.Architecture, OciContent.Tar("a", "1")));
            reference = $"{registry.Host}/a:1";
            await SkopeoAsync(scratch, "copy", "--dest-tls-verify=false", $"oci:{scratch["layout"]}:t", $"docker://{reference}");
            digest = (await Stores.Open(scratch).PullAsync(reference, Ct)).Digest;
        }

        var ex = await Stores.Open(scratch).RefusesAsync(reference, Ct);
        var image = await Stores.Open(scratch).PullAsync(reference, Ct, digest);

        Assert.AreEqual(Fault.RemoteFailed, ex.Fault);
        Assert.AreEqual(digest, image.Digest);
    }

    private async Task<string> SkopeoAsync(Scratch scratch, params string[] arguments)
    {
        var outcome = await Exec.RunAsync(new Command("skopeo", ["--insecure-policy", "--tmpdir", scratch.Folder("tmp"), .. arguments]).With("XDG_RUNTIME_DIR", scratch.Root), Ct);
        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        return outcome.Output;
    }
}
