using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>Archives as skopeo, podman and docker write them. skopeo is the judge of what an image in one is.</summary>
[TestClass]
public sealed class ImageArchiveTests(TestContext test)
{
    private static readonly byte[][] Layers = [OciContent.Tar("a", "1"), OciContent.Tar("b", new string('x', 200_000))];

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow("oci-archive", "")]
    [DataRow("oci-archive", "gzip")]
    [DataRow("oci-archive", "xz")]
    [DataRow("docker-archive", "")]
    [DataRow("docker-archive", "zstd")]
    [DataRow("docker-archive", "xz")]
    public async Task An_archive_that_skopeo_wrote_gives_the_image_it_was_made_of(string kind, string packer)
    {
        using var scratch = new Scratch();
        var content = new OciContent();
        content.WriteLayout(scratch["layout"], content.AddImage(OciContent.Tagged("t"), Platform.Current.Architecture, Layers));
        await RunAsync("skopeo", ["--insecure-policy", "--tmpdir", scratch.Folder("tmp"), "copy", $"oci:{scratch["layout"]}:t", $"{kind}:{scratch["image.tar"]}:example.org/a/b:1"]);
        var file = scratch["image.tar"];
        if (packer.Length > 0)
        {
            await RunAsync(packer, ["-q", file]);
            file += packer switch { "gzip" => ".gz", "zstd" => ".zst", _ => ".xz" };
        }

        var image = await Stores.OpenOffline(scratch).PullAsync($"{kind}:{file}:example.org/a/b:1", Ct);
        var alone = await Stores.OpenOffline(scratch).PullAsync($"{kind}:{file}#sha256={(await Digest.OfFileAsync(file, Ct)).Hex}", Ct);

        CollectionAssert.AreEqual(Layers.Select(layer => Digest.Of(layer)).ToArray(), image.Layers.Select(layer => layer.DiffId).ToArray());
        CollectionAssert.AreEqual(image.Layers, alone.Layers);
        foreach (var layer in image.Layers)
        {
            Assert.AreEqual(layer.Digest, await Digest.OfFileAsync(layer.BlobPath, Ct));
        }

        Assert.AreEqual("/w", image.Config.WorkingDirectory);
        Assert.AreEqual(image.Digest, await Stores.OpenOffline(scratch).ResolveAsync(ImageReference.Parse($"{kind}:{file}"), Ct));
    }

    [TestMethod]
    public async Task An_image_whose_layers_are_unpacked_is_found_without_reading_the_archive_again_and_a_moved_one_too()
    {
        using var scratch = new Scratch();
        var bytes = ImageArchives.Docker("a:1", Layers).Build();
        var file = scratch.Write("one.tar", bytes);
        var first = await Stores.OpenOffline(scratch, _ => true).PullAsync($"docker-archive:{file}:a:1", Ct);
        Assert.IsEmpty(Stores.CachedBlobs(scratch));
        File.Move(file, scratch["two.tar"]);

        var second = await Stores.OpenOffline(scratch).PullAsync($"docker-archive:{scratch["two.tar"]}:a:1", Ct);

        Assert.AreEqual(first.Digest, second.Digest);
        Assert.AreEqual($"docker-archive:{scratch["two.tar"]}:a:1", second.Reference);
        Assert.HasCount(2, Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [DataRow("example.org/a:2", "example.org/a:2")]
    [DataRow("docker.io/library/debian:12", "debian:12")]
    [DataRow("debian:12", "docker.io/library/debian:12")]
    [DataRow("debian:latest", "debian")]
    public async Task A_docker_archive_of_several_images_gives_the_one_of_the_tag(string written, string asked)
    {
        using var scratch = new Scratch();
        var (one, two) = (ImageArchives.Config(Layers[0]), ImageArchives.Config(Layers[1]));
        var file = scratch.Write("images.tar", new TarBuilder()
            .File("one.json", one).File("two.json", two).File("1/layer.tar", Layers[0]).File("2/layer.tar", Layers[1])
            .File("manifest.json", ImageArchives.Manifest(
                ImageArchives.Item("one.json", "example.org/a:1", ["1/layer.tar"]), ImageArchives.Item("two.json", written, ["2/layer.tar"]))).Build());

        var image = await Stores.OpenOffline(scratch).PullAsync($"docker-archive:{file}:{asked}", Ct);
        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{file}", Ct);
        var other = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{file}:example.org/a:3", Ct);

        Assert.AreEqual(Digest.Of(two), image.Digest);
        Assert.AreEqual(Digest.Of(Layers[1]), image.Layers.Single().DiffId);
        Assert.AreEqual(Fault.ImageNotInLayout, ex.Fault);
        Assert.AreEqual(Fault.ImageNotInLayout, other.Fault);
        Assert.Contains("it has 2 images and no tag was named", ex.Message, StringComparison.Ordinal);
        Assert.Contains("example.org/a:1", other.Message, StringComparison.Ordinal);
        Assert.Contains(written, other.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Dockers_older_form_shares_layers_through_symbolic_links()
    {
        using var scratch = new Scratch();
        var config = ImageArchives.Config(Layers[0], Layers[1], Layers[0]);
        var file = scratch.Write("image.tar", new TarBuilder()
            .Folder("x/").File("x/layer.tar", Layers[0]).Folder("y/").File("./y/layer.tar", Layers[1]).Folder("z/").Link("z/layer.tar", "../x/layer.tar")
            .File("config.json", config).File("manifest.json", ImageArchives.Manifest(ImageArchives.Item("config.json", null, ["x/layer.tar", "y/layer.tar", "z/layer.tar"]))).Build());

        var image = await Stores.OpenOffline(scratch).PullAsync($"docker-archive:{file}", Ct);

        CollectionAssert.AreEqual(new[] { Layers[0], Layers[1], Layers[0] }.Select(layer => Digest.Of(layer)).ToArray(), image.Layers.Select(layer => layer.DiffId).ToArray());
        Assert.HasCount(2, Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    public async Task Containerds_form_has_compressed_layers_that_are_named_by_their_digest()
    {
        using var scratch = new Scratch();
        var packed = OciContent.Gzip(Layers[1]);
        var config = ImageArchives.Config(Layers[1]);
        var (layerName, configName) = ($"blobs/sha256/{Digest.Of(packed).Hex}", $"blobs/sha256/{Digest.Of(config).Hex}");
        var file = scratch.Write("image.tar", new TarBuilder()
            .File(layerName, packed).File(configName, config).File("manifest.json", ImageArchives.Manifest(ImageArchives.Item(configName, "a:1", [layerName]))).Build());
        var nameless = scratch.Write("nameless.tar", new TarBuilder()
            .File("layer.tar", packed).File("c.json", config).File("manifest.json", ImageArchives.Manifest(ImageArchives.Item("c.json", "a:1", ["layer.tar"]))).Build());

        var layer = (await Stores.OpenOffline(scratch).PullAsync($"docker-archive:{file}", Ct)).Layers.Single();
        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{nameless}", Ct);

        Assert.AreEqual((LayerCompression.Gzip, Digest.Of(packed), Digest.Of(Layers[1])), (layer.Compression, layer.Digest, layer.DiffId));
        Assert.AreEqual(Fault.ImageArchiveMalformed, ex.Fault);
    }

    [TestMethod]
    public async Task Unpacking_a_layer_overlaps_with_copying_the_next_and_a_failure_of_one_is_told()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("image.tar", ImageArchives.Docker("a:1", Layers).Build());
        var second = new TaskCompletionSource();
        var told = 0;

        await Stores.Open(scratch, layerHere: async (_, _) =>
        {
            if (Interlocked.Increment(ref told) is 2)
            {
                second.SetResult();
            }

            await second.Task;
        }).PullAsync($"docker-archive:{file}", Ct);
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(
            () => Stores.Open(scratch, layerHere: (_, _) => Task.FromException(new InvalidOperationException())).PullAsync($"docker-archive:{file}", Ct));

        Assert.AreEqual(2, told);
    }

    private async Task RunAsync(string program, string[] arguments)
    {
        var outcome = await Exec.RunAsync(new Command(program, [.. arguments]), Ct);
        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
    }
}
