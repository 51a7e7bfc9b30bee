using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>Layout folders and root file systems.</summary>
[TestClass]
public sealed class LocalImageTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    public async Task A_layout_gives_the_image_with_the_tag_and_its_blobs_stay_where_they_are()
    {
        using var scratch = new Scratch();
        var content = new OciContent();
        var one = content.AddImage(OciContent.Tagged("one"), Platform.Current.Architecture, OciContent.Tar("a", "1"));
        var two = content.AddImage(OciContent.Tagged("two:2"), Platform.Current.Architecture, OciContent.Tar("a", "2"));
        var folder = content.WriteLayout(scratch["layout"], one, two);

        var image = await Stores.OpenOffline(scratch).PullAsync($"oci:{folder}:two:2", Ct);

        Assert.AreEqual(OciContent.DigestOf(two), image.Digest);
        Assert.AreEqual(Digest.Of(OciContent.Tar("a", "2")), image.Layers.Single().DiffId);
        Assert.AreEqual(Path.Combine(folder, "blobs", "sha256", image.Layers[0].Digest.Hex), image.Layers[0].BlobPath);
        Assert.AreEqual(image.Digest, await Stores.OpenOffline(scratch).ResolveAsync(ImageReference.Parse($"oci:{folder}:two:2"), Ct));
    }

    [TestMethod]
    public async Task A_layout_without_a_tag_must_have_one_image()
    {
        using var scratch = new Scratch();
        var content = new OciContent();
        var one = content.AddImage(OciContent.Tagged("one"), Platform.Current.Architecture, OciContent.Tar("a", "1"));
        var two = content.AddImage(OciContent.Tagged("two"), Platform.Current.Architecture, OciContent.Tar("a", "2"));

        var image = await Stores.OpenOffline(scratch).PullAsync($"oci:{content.WriteLayout(scratch["single"], one)}", Ct);
        var ambiguous = await Stores.OpenOffline(scratch).RefusesAsync($"oci:{content.WriteLayout(scratch["both"], one, two)}", Ct);
        var missing = await Stores.OpenOffline(scratch).RefusesAsync($"oci:{scratch["both"]}:three", Ct);
        var empty = await Stores.OpenOffline(scratch).RefusesAsync($"oci:{content.WriteLayout(scratch["none"])}", Ct);

        Assert.AreEqual(OciContent.DigestOf(one), image.Digest);
        foreach (var (ex, words) in new[] { (ambiguous, "2 images and no tag was named. Tags: one, two."), (missing, "no image with this tag. Tags: one, two."), (empty, "Tags: none.") })
        {
            Assert.AreEqual((Fault.ImageNotInLayout, ExitCode.Usage), (ex.Fault, ex.Fault.Exit));
            Assert.Contains(words, ex.Message, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [DataRow("manifest", true)]
    [DataRow("config", true)]
    [DataRow("layer", true)]
    [DataRow("manifest", false)]
    [DataRow("config", false)]
    [DataRow("layer", false)]
    public async Task Every_altered_or_lengthened_blob_of_a_layout_is_refused(string which, bool sameLength)
    {
        using var scratch = new Scratch();
        var content = new OciContent();
        var manifest = content.AddImage(OciContent.Tar("a", "1"));
        var folder = content.WriteLayout(scratch["layout"], manifest);
        var (type, store) = (which switch { "manifest" => OciContent.ManifestType, "config" => OciContent.ConfigType, _ => OciContent.GzipLayerType }, Stores.OpenOffline(scratch));
        await store.PullAsync($"oci:{folder}", Ct);
        var path = Path.Combine(folder, "blobs", "sha256", content.Blobs.Single(blob => blob.Value.Type == type).Key["sha256:".Length..]);
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        await File.WriteAllBytesAsync(path, sameLength ? [.. bytes.SkipLast(1), (byte)(bytes[^1] ^ 1)] : [.. bytes, 0], Ct);

        foreach (var again in new[] { store, Stores.OpenOffline(scratch) })
        {
            var ex = await again.RefusesAsync($"oci:{folder}", Ct);

            Assert.AreEqual((Fault.ImageMismatch, ExitCode.Refused), (ex.Fault, ex.Fault.Exit), ex.Message);
            Assert.Contains(Path.GetFileName(path), ex.Message, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [DataRow("""{"imageLayoutVersion":"2.0.0"}""")]
    [DataRow("""{}""")]
    [DataRow("")]
    public async Task Another_layout_version_is_refused(string text)
    {
        using var scratch = new Scratch();
        var content = new OciContent();
        var folder = content.WriteLayout(scratch["layout"], content.AddImage(OciContent.Tar("a", "1")));
        await File.WriteAllTextAsync(Path.Combine(folder, "oci-layout"), text, Ct);

        Assert.AreEqual(Fault.ImageMalformed, (await Stores.OpenOffline(scratch).RefusesAsync($"oci:{folder}", Ct)).Fault);
    }

    [TestMethod]
    public async Task A_folder_that_is_no_layout_is_named()
    {
        using var scratch = new Scratch();

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"oci:{scratch.Root}", Ct);

        Assert.AreEqual(Fault.FileUnreadable, ex.Fault);
        Assert.Contains(scratch["oci-layout"], ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_pin_that_a_layout_or_file_does_not_keep_is_refused()
    {
        using var scratch = new Scratch();
        var content = new OciContent();
        var folder = content.WriteLayout(scratch["layout"], content.AddImage(OciContent.Tar("a", "1")));
        await File.WriteAllBytesAsync(scratch["root.tar"], OciContent.Tar("a", "1"), Ct);

        foreach (var reference in new[] { $"oci:{folder}", $"rootfs:{scratch["root.tar"]}" })
        {
            var ex = await Stores.OpenOffline(scratch).RefusesAsync(reference, Ct, Digest.Of("other"));

            Assert.AreEqual(Fault.ImageMismatch, ex.Fault);
            Assert.Contains(Digest.Of("other").ToString(), ex.Message, StringComparison.Ordinal);
        }

        var written = ImageReference.Parse($"r.example/a@{Digest.Of("one")}");
        var other = Stores.Here with { Pinned = Digest.Of("two") };
        Assert.AreEqual(Fault.ImageMismatch, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => Stores.OpenOffline(scratch).PullAsync(written, other, Ct))).Fault);
        Assert.AreEqual(Fault.ImageMismatch, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => Stores.OpenOffline(scratch).UseAsync(written, other, Ct))).Fault);
    }

    [TestMethod]
    public async Task A_tar_is_an_image_of_one_layer_packed_or_not()
    {
        using var scratch = new Scratch();
        var tar = OciContent.Tar("a", "1");
        await File.WriteAllBytesAsync(scratch["root.tar"], tar, Ct);
        await File.WriteAllBytesAsync(scratch["root.tar.gz"], OciContent.Gzip(tar), Ct);

        var plain = await Stores.OpenOffline(scratch).PullAsync($"rootfs:{scratch["root.tar"]}#sha256={Digest.Of(tar).Hex}", Ct);
        var packed = await Stores.OpenOffline(scratch).PullAsync($"rootfs:{scratch["root.tar.gz"]}", Ct);

        Assert.AreEqual(new ImageLayer(Digest.Of(tar), scratch["root.tar"], LayerCompression.None) { Digest = Digest.Of(tar), Size = tar.Length }, plain.Layers.Single());
        Assert.AreEqual(Digest.Of(tar), packed.Layers.Single().DiffId);
        Assert.AreEqual(Digest.Of(OciContent.Gzip(tar)), packed.Digest);
        Assert.AreEqual(LayerCompression.Gzip, packed.Layers[0].Compression);
        await File.WriteAllBytesAsync(scratch["root.tar.zst"], Zstd.Compress(tar), Ct);
        var zstd = (await Stores.OpenOffline(scratch).PullAsync($"rootfs:{scratch["root.tar.zst"]}", Ct)).Layers.Single();
        Assert.AreEqual((Digest.Of(tar), LayerCompression.Zstd), (zstd.DiffId, zstd.Compression));
        await File.WriteAllBytesAsync(scratch["root.tar.xz"], TestImage.Xz(tar), Ct);
        var xz = (await Stores.OpenOffline(scratch).PullAsync($"rootfs:{scratch["root.tar.xz"]}", Ct)).Layers.Single();
        Assert.AreEqual((Digest.Of(tar), LayerCompression.Xz, "xz"), (xz.DiffId, xz.Compression, xz.CompressionWord));
        Assert.AreEqual(packed.Layers[0], (await Stores.OpenOffline(scratch).PullAsync($"rootfs:{scratch["root.tar.gz"]}", Ct)).Layers.Single());
    }

    [TestMethod]
    public async Task A_tar_that_changes_is_another_image_and_a_written_digest_notices()
    {
        using var scratch = new Scratch();
        var (old, tar) = (OciContent.Tar("a", "1"), OciContent.Tar("a", "2"));
        var reference = $"rootfs:{scratch["root.tar"]}";
        await File.WriteAllBytesAsync(scratch["root.tar"], old, Ct);
        var store = Stores.OpenOffline(scratch);
        await store.PullAsync(reference, Ct);
        await File.WriteAllBytesAsync(scratch["root.tar"], tar, Ct);

        var ex = await store.RefusesAsync($"{reference}#sha256={Digest.Of(old).Hex}", Ct);
        Assert.AreEqual((Fault.ImageMismatch, ExitCode.Refused), (ex.Fault, ex.Fault.Exit));
        Assert.Contains(Digest.Of(tar).Hex, ex.Message, StringComparison.Ordinal);
        Assert.Contains(Digest.Of(old).Hex, ex.Message, StringComparison.Ordinal);
        Assert.AreEqual(Digest.Of(tar), (await store.PullAsync(reference, Ct)).Digest);
    }

    [TestMethod]
    [DataRow("cut.tar")]
    [DataRow("cut.tar.gz")]
    [DataRow("cut-inside.tar.gz")]
    [DataRow("text.tar")]
    [DataRow("damaged.tar.gz")]
    [DataRow("cut.tar.zst")]
    [DataRow("cut-inside.tar.zst")]
    [DataRow("cut.tar.xz")]
    [DataRow("cut-inside.tar.xz")]
    [DataRow("damaged.tar.xz")]
    public async Task A_tar_that_was_cut_short_is_refused_although_gzip_and_tar_would_not_notice(string name)
    {
        using var scratch = new Scratch();
        var random = new byte[50_000];
        new Random(1).NextBytes(random);
        var tar = OciContent.Tar("a", Convert.ToBase64String(random));
        var gzip = OciContent.Gzip(tar);
        await File.WriteAllBytesAsync(
            scratch[name],
            name switch
            {
                "cut.tar" => tar[..^1024],
                "cut.tar.gz" => OciContent.Gzip(tar[..^1024]),
                "cut-inside.tar.gz" => gzip[..(gzip.Length / 2)],
                "cut.tar.zst" => Zstd.Compress(tar.AsSpan()[..^1024]),
                "cut-inside.tar.zst" => Zstd.Compress(tar)[..^5],
                "cut.tar.xz" => TestImage.Xz(tar[..^1024]),
                "cut-inside.tar.xz" => TestImage.Xz(tar)[..^5],
                "damaged.tar.xz" => [.. TestImage.Xz(tar).Select((value, at) => at > 1000 && at < 1100 ? (byte)0xff : value)],
                "damaged.tar.gz" => [.. gzip.Select((value, at) => at > 1000 && at < 1100 ? (byte)0xff : value)],
                _ => "this is no tar at all"u8.ToArray(),
            },
            Ct);

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"rootfs:{scratch[name]}", Ct);

        Assert.AreEqual((Fault.ImageMalformed, ExitCode.Usage), (ex.Fault, ex.Fault.Exit));
    }

    [TestMethod]
    [DataRow("425a683931415926", "bzip2 -dk")]
    public async Task Other_compressions_are_named_with_the_command_that_undoes_them(string start, string command)
    {
        using var scratch = new Scratch();
        await File.WriteAllBytesAsync(scratch["f"], Convert.FromHexString(start), Ct);

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"rootfs:{scratch["f"]}", Ct);

        Assert.AreEqual(Fault.ImageLayerUnsupported, ex.Fault);
        Assert.Contains(command, ex.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(10_000, CooperativeCancellation = true)]
    public async Task What_is_no_file_is_not_opened()
    {
        using var scratch = new Scratch();
        scratch.Write("empty", "");
        foreach (var path in new[] { scratch["missing"], scratch.Root, scratch["empty"], "/dev/zero" })
        {
            Assert.AreEqual(Fault.FileUnreadable, (await Stores.OpenOffline(scratch).RefusesAsync($"rootfs:{path}", Ct)).Fault, path);
        }
    }
}
