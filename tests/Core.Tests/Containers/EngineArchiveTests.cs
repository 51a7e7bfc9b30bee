using System.Formats.Tar;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Containers;

/// <summary>What an engine that unpacks no zstd and no xz is sent.</summary>
[TestClass]
public sealed class EngineArchiveTests
{
    [TestMethod]
    [DataRow(LayerCompression.Zstd)]
    [DataRow(LayerCompression.Xz)]
    public async Task Layers_are_sent_unpacked_and_whole(LayerCompression compression)
    {
        using var scratch = new Scratch();
        var plain = new TarBuilder().File("large", new string('x', 3_000_000)).Build();
        var archive = new EngineArchive(TestImage.Of(scratch.Root, compression, plain)) { ReadsEveryPacking = false };

        var sent = new MemoryStream();
        await archive.WriteAsync(sent);

        sent.Position = 0;
        await using var tar = new TarReader(sent);
        var entry = await tar.GetNextEntryAsync();
        while (entry?.Name != $"{Digest.Of(plain).Hex}.tar")
        {
            entry = await tar.GetNextEntryAsync();
        }

        var bytes = new MemoryStream();
        await entry!.DataStream!.CopyToAsync(bytes);
        Assert.AreEqual(Digest.Of(plain), Digest.Of(bytes.ToArray()));
    }

    // cases.md 31
    [TestMethod]
    public async Task A_bomb_is_stopped_before_it_is_sent()
    {
        using var scratch = new Scratch();
        var image = TestImage.Of(scratch.Root, LayerCompression.Zstd, new byte[280 << 20]);
        var sent = new MemoryStream();

        var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new EngineArchive(image) { ReadsEveryPacking = false }.WriteAsync(sent));

        Assert.AreEqual(Fault.ImageUnsafe, refusal.Fault);
        Assert.IsLessThan(1 << 20, sent.Length);
    }

    [TestMethod]
    [DataRow(LayerCompression.Zstd)]
    [DataRow(LayerCompression.Xz)]
    public async Task A_layer_that_is_cut_short_is_refused(LayerCompression compression)
    {
        using var scratch = new Scratch();
        var image = TestImage.Of(scratch.Root, compression, TestImage.Busybox().Build());
        await using (var blob = File.OpenWrite(image.Layers[0].BlobPath))
        {
            blob.SetLength(blob.Length - 100);
        }

        var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new EngineArchive(image) { ReadsEveryPacking = false }.WriteAsync(new MemoryStream()));

        Assert.AreEqual(Fault.ImageMismatch, refusal.Fault, refusal.Message);
    }
}
