using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>The cache lies on a disk that others write to and that breaks.</summary>
[TestClass]
public sealed class AlteredCacheTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow(OciContent.ManifestType)]
    [DataRow(OciContent.ConfigType)]
    [DataRow(OciContent.GzipLayerType)]
    public async Task A_blob_altered_after_the_download_is_refused_before_use_and_heals_afterwards(string type)
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        var reference = $"{registry.Host}/a:1";
        var image = await Stores.Open(scratch).PullAsync(reference, Ct);
        var path = scratch[$"cache/content/{registry.Content.Blobs.Single(blob => blob.Value.Type == type).Key["sha256:".Length..]}"];
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        bytes[^1] ^= 1;
        var times = File.GetLastWriteTimeUtc(path);
        await File.WriteAllBytesAsync(path, bytes, Ct);
        File.SetLastWriteTimeUtc(path, times);

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Stores.OpenOffline(scratch).UseAsync(ImageReference.Parse(reference), Stores.Here, Ct));

        Assert.AreEqual((Fault.ImageMismatch, ExitCode.Refused), (ex.Fault, ex.Fault.Exit));
        Assert.Contains(path, ex.Message, StringComparison.Ordinal);
        Assert.AreEqual(image.Digest, (await Stores.Open(scratch).PullAsync(reference, Ct)).Digest);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task An_altered_blob_of_an_unpacked_layer_is_not_even_looked_at()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        var image = await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);
        File.Delete(image.Layers[0].BlobPath);

        var again = await Stores.OpenOffline(scratch, _ => true).PullAsync($"{registry.Host}/a:1", Ct, image.Digest);

        Assert.AreEqual(image.Layers[0], again.Layers[0]);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_deleted_cache_is_filled_again()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        var image = await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);
        Directory.Delete(scratch["cache/content"], recursive: true);

        await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct, image.Digest);

        Assert.IsTrue(File.Exists(image.Layers[0].BlobPath));
    }

    [TestMethod]
    public void Notes_that_are_damaged_are_left_out_of_the_list()
    {
        using var scratch = new Scratch();
        scratch.Write("cache/images/names/r.example/a/:1/linux-amd64.json", "{");
        scratch.Write("cache/images/names/r.example/b/:1/linux-amd64.json", """{"schema":1,"reference":"r.example/b:1","platform":{"os":"linux","architecture":"amd64"},"digest":"sha256:../x"}""");

        Assert.IsEmpty(Stores.OpenOffline(scratch).List());
    }
}
