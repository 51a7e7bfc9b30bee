using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Images;

[TestClass]
public sealed class RegistryPullTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task An_image_is_pulled_with_its_layers_in_order_and_what_it_says_about_running()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var (lower, upper) = (OciContent.Tar("a", "1"), OciContent.Tar("b", "2"));
        var manifest = registry.Content.AddImage(lower, upper);
        registry.Tag("1", manifest);

        var image = await Stores.Open(scratch).PullAsync($"{registry.Host}/some/thing:1", Ct);

        Assert.AreEqual($"{registry.Host}/some/thing:1", image.Reference);
        Assert.AreEqual(OciContent.DigestOf(manifest), image.Digest);
        Assert.AreEqual(image.Digest, image.Manifest);
        Assert.AreEqual(Platform.Current, image.Platform);
        CollectionAssert.AreEqual(new[] { Digest.Of(lower), Digest.Of(upper) }, image.Layers.Select(layer => layer.DiffId).ToArray());
        foreach (var layer in image.Layers)
        {
            Assert.AreEqual(LayerCompression.Gzip, layer.Compression);
            Assert.AreEqual(layer.Digest, Digest.Of(await File.ReadAllBytesAsync(layer.BlobPath, Ct)));
            Assert.AreEqual(layer.Size, new FileInfo(layer.BlobPath).Length);
        }

        CollectionAssert.AreEqual(new[] { "PATH=/bin", "A=b=c" }, image.Config.Environment.ToArray());
        CollectionAssert.AreEqual(new[] { "/bin/sh" }, image.Config.Entrypoint.ToArray());
        CollectionAssert.AreEqual(new[] { "-c", "true" }, image.Config.Command.ToArray());
        Assert.AreEqual(("/w", "1:2"), (image.Config.WorkingDirectory, image.Config.User));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_pinned_image_that_is_here_needs_no_network()
    {
        using var scratch = new Scratch();
        var (reference, digest) = await PulledOnceAsync(scratch);

        var byPin = await Stores.OpenOffline(scratch).PullAsync(reference, Ct, digest);
        var byName = await Stores.OpenOffline(scratch).PullAsync($"{reference}@{digest}", Ct);
        var byMemory = await Stores.OpenOffline(scratch).UseAsync(ImageReference.Parse(reference), Stores.Here, Ct);

        foreach (var image in new[] { byPin, byName, byMemory })
        {
            Assert.AreEqual(digest, image.Digest);
            Assert.IsTrue(File.Exists(image.Layers[0].BlobPath));
        }
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task The_packed_file_of_an_unpacked_layer_is_neither_downloaded_nor_missed()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var (here, new_) = (OciContent.Tar("a", "1"), OciContent.Tar("b", "2"));
        registry.Tag("1", registry.Content.AddImage(here, new_));

        var image = await Stores.Open(scratch, isUnpacked: diffId => diffId == Digest.Of(here)).PullAsync($"{registry.Host}/a:1", Ct);

        Assert.HasCount(2, image.Layers);
        Assert.IsFalse(File.Exists(image.Layers[0].BlobPath));
        Assert.IsTrue(File.Exists(image.Layers[1].BlobPath));
        Assert.IsFalse(registry.Requests.Any(request => request.Contains(image.Layers[0].Digest.ToString(), StringComparison.Ordinal)));

        File.Delete(image.Layers[1].BlobPath);
        var offline = await Stores.OpenOffline(scratch, _ => true).PullAsync($"{registry.Host}/a:1", Ct, image.Digest);
        CollectionAssert.AreEqual(image.Layers.ToArray(), offline.Layers.ToArray());
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task When_all_layers_are_unpacked_the_note_of_an_image_is_the_whole_image()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1"), OciContent.Tar("b", "2")));
        var reference = ImageReference.Parse($"{registry.Host}/a:1");
        var pulled = await Stores.Open(scratch).PullAsync(reference, Stores.Here, Ct);
        Directory.Delete(scratch["cache/content"], recursive: true);

        var noted = await Stores.OpenOffline(scratch, _ => true).UseAsync(reference, Stores.Here, Ct);

        Assert.AreEqual(pulled with { Layers = [], Config = ImageConfig.Empty }, noted with { Layers = [], Config = ImageConfig.Empty });
        CollectionAssert.AreEqual(pulled.Layers.ToArray(), noted.Layers.ToArray());
        CollectionAssert.AreEqual(pulled.Config.Environment.ToArray(), noted.Config.Environment.ToArray());
        CollectionAssert.AreEqual(pulled.Config.Entrypoint.ToArray(), noted.Config.Entrypoint.ToArray());
        CollectionAssert.AreEqual(pulled.Config.Command.ToArray(), noted.Config.Command.ToArray());
        Assert.AreEqual((pulled.Config.WorkingDirectory, pulled.Config.User), (noted.Config.WorkingDirectory, noted.Config.User));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Each_layer_is_announced_once_when_it_is_here_so_that_unpacking_can_begin()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var twice = OciContent.Tar("a", "1");
        registry.Tag("1", registry.Content.AddImage(twice, OciContent.Tar("b", "2"), twice));
        var announced = new System.Collections.Concurrent.ConcurrentBag<ImageLayer>();
        var store = Stores.Open(scratch, layerHere: async (layer, ct) =>
        {
            Assert.AreEqual(layer.Digest, Digest.Of(await File.ReadAllBytesAsync(layer.BlobPath, ct)));
            announced.Add(layer);
        });

        var image = await store.PullAsync($"{registry.Host}/a:1", Ct);

        CollectionAssert.AreEquivalent(image.Layers.Distinct().ToArray(), announced.ToArray());
        Assert.HasCount(2, announced);
        var failing = Stores.Open(scratch, layerHere: (_, _) => throw new ReleaseException(Fault.ContainerFailed, "no room"));
        Assert.AreEqual(Fault.ContainerFailed, (await failing.RefusesAsync($"{registry.Host}/a:1", Ct)).Fault);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Describing_an_image_gets_no_layer_and_does_not_list_it_as_pulled()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var manifest = registry.Content.AddImage(OciContent.Tar("a", "1"));
        registry.Tag("1", manifest);
        var reference = ImageReference.Parse($"{registry.Host}/a:1");

        var image = await Stores.Open(scratch).DescribeAsync(reference, Stores.Here, Ct);

        Assert.AreEqual(OciContent.DigestOf(manifest), image.Digest);
        Assert.IsFalse(File.Exists(image.Layers[0].BlobPath));
        Assert.IsEmpty(Stores.OpenOffline(scratch).List());
        await Stores.Open(scratch).PullAsync(reference, Stores.Here, Ct);
        Assert.AreEqual(image.Layers[0], (await Stores.OpenOffline(scratch).DescribeAsync(reference, Stores.Here, Ct)).Layers[0]);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_second_image_on_the_same_base_fetches_only_what_is_new()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var layer = OciContent.Tar("base", "1");
        registry.Tag("1", registry.Content.AddImage(layer));
        registry.Tag("2", registry.Content.AddImage(layer, OciContent.Tar("more", "2"), layer));
        await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);
        var before = registry.Requests.Count;

        var image = await Stores.Open(scratch).PullAsync($"{registry.Host}/b:2", Ct);

        Assert.HasCount(3, image.Layers);
        Assert.AreEqual(1, registry.Requests.Skip(before).Count(request => request.Contains("/blobs/", StringComparison.Ordinal) && !request.Contains(ConfigOf(registry, "2"), StringComparison.Ordinal)));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_bare_tag_is_looked_up_each_time_and_the_list_shows_its_last_meaning()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "old")));
        var old = await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "new")));

        Assert.AreEqual(old.Digest, (await Stores.Open(scratch).UseAsync(ImageReference.Parse($"{registry.Host}/a:1"), Stores.Here, Ct)).Digest);
        var now = await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);
        await Stores.OpenOffline(scratch).PullAsync($"{registry.Host}/a:1", Ct, old.Digest);

        Assert.AreNotEqual(old.Digest, now.Digest);
        var list = Stores.OpenOffline(scratch).List();
        Assert.AreEqual(now.Digest, list.Single(pulled => !pulled.Image.Reference.Contains('@', StringComparison.Ordinal)).Image.Digest);
        Assert.AreEqual(old.Digest, list.Single(pulled => pulled.Image.Reference.Contains('@', StringComparison.Ordinal)).Image.Digest);
        Assert.AreEqual(Platform.Current, list[0].Image.Platform);
        Assert.IsLessThan(TimeSpan.FromMinutes(5), (DateTimeOffset.UtcNow - list[0].Pulled).Duration());
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_tag_resolves_to_the_digest_of_the_index_so_that_one_pin_serves_every_platform()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var content = registry.Content;
        var index = content.AddIndex(
            content.AddImage(OciContent.For("amd64"), "amd64", OciContent.Tar("a", "amd64")), content.AddImage(OciContent.For("arm64"), "arm64", OciContent.Tar("a", "arm64")));
        registry.Tag("1", index);
        var store = Stores.Open(scratch);
        var reference = ImageReference.Parse($"{registry.Host}/a:1");

        var digest = await store.ResolveAsync(reference, Ct);
        var amd = await store.PullAsync(reference, new ImageWish(Platform.OfRpm("x86_64"), digest), Ct);
        var arm = await store.PullAsync(reference, new ImageWish(Platform.OfRpm("aarch64"), digest), Ct);

        Assert.AreEqual(OciContent.DigestOf(index), digest);
        Assert.AreEqual((digest, digest), (amd.Digest, arm.Digest));
        Assert.AreNotEqual(amd.Manifest, arm.Manifest);
        Assert.AreEqual(Digest.Of(OciContent.Tar("a", "arm64")), arm.Layers[0].DiffId);
        Assert.AreEqual($"HEAD /v2/a/manifests/1", registry.Requests[0]);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_registry_that_tells_no_digest_is_asked_for_the_document()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var manifest = registry.Content.AddImage(OciContent.Tar("a", "1"));
        registry.Tag("1", manifest);
        registry.Misbehave = async (request, answer) =>
        {
            if (request.Method is "HEAD")
            {
                await answer.StatusAsync("405 Method Not Allowed");
                return true;
            }

            return false;
        };

        Assert.AreEqual(OciContent.DigestOf(manifest), await Stores.Open(scratch).ResolveAsync(ImageReference.Parse($"{registry.Host}/a:1"), Ct));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Blobs_may_lie_on_a_storage_host_which_gets_no_token()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        await using var storage = new RawServer((request, answer) => answer.OkAsync(registry.Content.Blobs[request.Target.Split('/')[^1]].Bytes));
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        registry.Misbehave = async (request, answer) =>
        {
            if (request["Authorization"] is null && !request.Target.StartsWith("/token", StringComparison.Ordinal))
            {
                await answer.StatusAsync("401 Unauthorized", $"WWW-Authenticate: Bearer realm=\"{registry.Url}token\"");
            }
            else if (request.Target.StartsWith("/token", StringComparison.Ordinal))
            {
                await answer.OkAsync("""{"token":"abc"}"""u8.ToArray());
            }
            else if (request.Target.Contains("/blobs/", StringComparison.Ordinal))
            {
                await answer.RedirectAsync(storage["bucket/" + request.Target.Split('/')[^1]].AbsoluteUri, "307 Temporary Redirect");
            }
            else
            {
                return false;
            }

            return true;
        };

        await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);

        Assert.HasCount(2, storage.Requests);
        Assert.IsTrue(storage.Requests.All(request => request["Authorization"] is null));
    }

    private static string ConfigOf(FakeRegistry registry, string tag) =>
        System.Text.Json.JsonDocument.Parse(registry.Content.Blobs[registry.Tags[tag].ToString()].Bytes).RootElement.GetProperty("config").GetProperty("digest").GetString()!;

    private async Task<(string Reference, Digest Digest)> PulledOnceAsync(Scratch scratch)
    {
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        var image = await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);
        return ($"{registry.Host}/a:1", image.Digest);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Four_layers_come_at_once_and_no_more()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage([.. Enumerable.Range(0, 9).Select(i => OciContent.Tar("a", $"{i}"))]));
        var four = new TaskCompletionSource();
        var (now, most) = (0, 0);
        registry.Misbehave = async (request, _) =>
        {
            if (registry.Content.Blobs.GetValueOrDefault(request.Target.Split('/')[^1]).Type == OciContent.GzipLayerType)
            {
                var here = Interlocked.Increment(ref now);
                InterlockedMax(ref most, here);
                if (here is 4)
                {
                    four.TrySetResult();
                }

                // None of the first four is answered before all of them have asked.
                await four.Task;
                Interlocked.Decrement(ref now);
            }

            return false;
        };

        await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(4, most);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen;)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
