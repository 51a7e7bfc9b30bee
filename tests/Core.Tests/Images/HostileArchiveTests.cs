using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>Archives that lie, one lie at a time. After each the cache is empty, and a file beside the archive has not changed.</summary>
[TestClass]
public sealed class HostileArchiveTests(TestContext test)
{
    private static readonly byte[] Layer = OciContent.Tar("a", new string('x', 5000));

    private CancellationToken Ct => test.CancellationToken;

    /// <summary>Further entries of a docker archive that is right otherwise, and what the message says of them.</summary>
    public static IEnumerable<object[]> Entries =>
    [
        ["../canary", new TarBuilder().File("../canary", "x"), "'../canary' is not one of a file inside the archive"],
        ["inner", new TarBuilder().File("a/../../canary", "x"), "is not one of a file inside"],
        ["absolute", new TarBuilder().File("/canary", "x"), "'/canary' is not one"],
        ["link out", new TarBuilder().Link("link", "../canary"), "leads to '../canary', out of the archive"],
        ["absolute link", new TarBuilder().Link("link", "/etc/passwd"), "leads to '/etc/passwd'"],
        ["hard link out", new TarBuilder().HardLink("link", "../canary"), "the link '../canary'"],
        ["device", new TarBuilder().Entry('3', "dev"), "'dev' is neither a file nor a folder nor a link"],
        ["fifo", new TarBuilder().Entry('6', "fifo"), "tar type '6'"],
        ["twice", new TarBuilder().File("x", "1").File("./x", "2"), "'x' is in it twice"],
        ["second manifest", new TarBuilder().File(".//manifest.json", "[]"), "'manifest.json' is in it twice"],
        ["pax path", new TarBuilder().Pax(("path", "../canary")).File("x", "1"), "'../canary'"],
        ["pax size", new TarBuilder().Pax(("size", "-1")).File("x", "1"), "a size that is none"],
        ["pax length", new TarBuilder().Extension('x', "99 path=a\n"u8.ToArray()).File("x", "1"), "extended header with a wrong length"],
        ["sparse", new TarBuilder().Pax(("GNU.sparse.major", "1")).File("x", "1"), "sparse"],
        ["huge extension", new TarBuilder().Extension('L', new byte[100_000]).File("x", "1"), "extended header of 100000 bytes"],
        ["2^62 bytes", new TarBuilder().Entry('0', "x", size: 1L << 62), "at most"],
        ["no UTF-8", new TarBuilder().File("\u00ff", "x"), "not UTF-8"],
        ["control", new TarBuilder().File("a\nb", "x"), "'a\\u000ab'"],
        ["checksum", new TarBuilder().Raw((byte[])[1, .. new byte[511]]), "wrong checksum"],
    ];

    [TestMethod]
    [DynamicData(nameof(Entries))]
    public async Task Case_28_an_entry_that_no_tool_for_images_writes_is_refused(string what, TarBuilder more, string words)
    {
        using var scratch = new Scratch();
        var canary = scratch.Write("canary", "as it was");
        var before = File.GetLastWriteTimeUtc(canary);
        var file = scratch.Write("folder/image.tar", [.. ImageArchives.Docker("a:1", Layer).BuildUnfinished(), .. more.Build()]);

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{file}", Ct);

        Assert.AreEqual((Fault.ImageArchiveMalformed, ExitCode.Usage), (ex.Fault, ex.Fault.Exit), $"{what}: {ex.Message}");
        Assert.Contains(words, ex.Message, StringComparison.Ordinal);
        Assert.Contains(file, ex.Message, StringComparison.Ordinal);
        Assert.AreEqual(("as it was", before), (await File.ReadAllTextAsync(canary, Ct), File.GetLastWriteTimeUtc(canary)));
        Assert.IsEmpty(Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [DataRow(0, "cut short")]
    [DataRow(1024, "cut short")]
    [DataRow(3000, "cut short")]
    public async Task An_archive_that_is_cut_short_is_refused_wherever_it_was_cut(int missing, string words)
    {
        using var scratch = new Scratch();
        var whole = ImageArchives.Docker("a:1", Layer).BuildUnfinished();
        var file = scratch.Write("image.tar", whole[..^missing]);
        var packed = scratch.Write("image.tar.gz", OciContent.Gzip(whole[..^missing]));

        foreach (var path in new[] { file, packed })
        {
            var ex = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{path}", Ct);

            Assert.AreEqual(Fault.ImageArchiveMalformed, ex.Fault, ex.Message);
            Assert.Contains(words, ex.Message, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [DataRow("gzip", "1f8b0800000000000003ffffffffffff")]
    [DataRow("zstd", "28b52ffdffffffffffffffffffffffff")]
    [DataRow("xz", "fd377a585a0000ffffffffffffffffff")]
    public async Task Damaged_compression_is_refused(string packer, string hex)
    {
        using var scratch = new Scratch();
        var file = scratch.Write("image", Convert.FromHexString(hex));

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"oci-archive:{file}", Ct);

        Assert.AreEqual(Fault.ImageArchiveMalformed, ex.Fault);
        Assert.Contains($"its {packer} is damaged", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Case_31_a_bomb_is_stopped_before_it_is_unpacked()
    {
        using var scratch = new Scratch();
        var zeros = new byte[1 << 20];
        await using (var packed = new System.IO.Compression.GZipStream(File.Create(scratch["image.tar.gz"]), System.IO.Compression.CompressionLevel.Fastest))
        {
            packed.Write(new TarBuilder().Entry('0', "x", size: 8L << 30).BuildUnfinished());
            for (var i = 0; i < 300; i++)
            {
                packed.Write(zeros);
            }
        }

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{scratch["image.tar.gz"]}", Ct);

        Assert.AreEqual(Fault.ImageUnsafe, ex.Fault);
        Assert.Contains("decompression bomb", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_layer_that_is_not_what_the_configuration_says_is_refused_and_not_kept()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("image.tar", new TarBuilder().File("l.tar", [.. Layer[..^1], 1]).File("c.json", ImageArchives.Config(Layer))
            .File("manifest.json", ImageArchives.Manifest(ImageArchives.Item("c.json", "a:1", ["l.tar"]))).Build());

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{file}", Ct);

        Assert.AreEqual((Fault.ImageMismatch, ExitCode.Refused), (ex.Fault, ex.Fault.Exit));
        Assert.Contains(Digest.Of(Layer).ToString(), ex.Message, StringComparison.Ordinal);
        Assert.Contains("l.tar", ex.Message, StringComparison.Ordinal);
        Assert.IsEmpty(Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [DataRow("config")]
    [DataRow("manifest")]
    [DataRow("layer")]
    [DataRow("shorter layer")]
    public async Task Every_altered_blob_of_an_oci_archive_is_refused(string which)
    {
        using var scratch = new Scratch();
        var content = new OciContent();
        var top = content.AddImage(Layer);
        var type = which switch { "config" => OciContent.ConfigType, "manifest" => OciContent.ManifestType, _ => OciContent.GzipLayerType };
        var (digest, (bytes, _)) = content.Blobs.Single(blob => blob.Value.Type == type);
        content.Blobs[digest] = (which is "shorter layer" ? bytes[..^1] : [.. bytes[..^1], (byte)(bytes[^1] ^ 1)], type);
        var file = scratch.Write("image.tar", ImageArchives.Oci(content, top).Build());

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"oci-archive:{file}", Ct);

        Assert.AreEqual(Fault.ImageMismatch, ex.Fault, ex.Message);
        Assert.Contains(digest, ex.Message, StringComparison.Ordinal);
        Assert.IsEmpty(Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [DataRow("l.tar", "c.json", "[]", "it has 0 images and no tag was named")]
    [DataRow("other.tar", "c.json", null, "the layer 'l.tar' is not in the archive")]
    [DataRow("l.tar", "other.json", null, "the configuration 'c.json' is not in the archive")]
    [DataRow("l.tar", "c.json", "[{\"Config\":\"c.json\",\"RepoTags\":[\"a:1\"],\"Layers\":[]}]", "0 layers, the config 1 diff_ids")]
    [DataRow("l.tar", "c.json", "[{\"Config\":\"l.tar\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"l.tar\"]}]", "'l.tar' is no JSON document")]
    [DataRow("l.tar", "c.json", "{}", "must be an array")]
    [DataRow("l.tar", "c.json", "[{\"Config\":7,\"Layers\":[\"l.tar\"]}]", "must be a string")]
    public async Task A_docker_archive_with_a_piece_missing_is_refused(string layer, string config, string? manifest, string words)
    {
        using var scratch = new Scratch();
        var file = scratch.Write("image.tar", new TarBuilder().File(layer, Layer).File(config, ImageArchives.Config(Layer))
            .File("manifest.json", manifest ?? ImageArchives.Manifest(ImageArchives.Item("c.json", "a:1", ["l.tar"]))).Build());

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{file}", Ct);

        Assert.AreEqual(ExitCode.Usage, ex.Fault.Exit);
        Assert.Contains(words, ex.Message, StringComparison.Ordinal);
        Assert.IsEmpty(Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    public async Task Links_in_a_circle_or_to_nothing_are_a_missing_piece()
    {
        using var scratch = new Scratch();
        var tar = new TarBuilder().Link("l.tar", "m.tar").Link("m.tar", "l.tar").File("c.json", ImageArchives.Config(Layer))
            .File("manifest.json", ImageArchives.Manifest(ImageArchives.Item("c.json", "a:1", ["l.tar"])));
        var file = scratch.Write("image.tar", tar.Build());

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{file}", Ct);

        Assert.AreEqual(Fault.ImageArchiveMalformed, ex.Fault);
        Assert.Contains("'l.tar' is a link to 'm.tar'", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_configuration_that_is_not_what_its_name_says_and_a_file_that_is_not_the_pinned_one_are_refused()
    {
        using var scratch = new Scratch();
        var named = $"{Digest.Of("another").Hex}.json";
        var file = scratch.Write("image.tar", new TarBuilder().File("l.tar", Layer).File(named, ImageArchives.Config(Layer))
            .File("manifest.json", ImageArchives.Manifest(ImageArchives.Item(named, "a:1", ["l.tar"]))).Build());

        var ex = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{file}", Ct);
        var pinned = await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{file}#sha256={Digest.Of("another").Hex}", Ct);

        Assert.AreEqual(Fault.ImageMismatch, ex.Fault);
        Assert.AreEqual(Fault.ImageMismatch, pinned.Fault);
        Assert.Contains("the file has sha256 ", pinned.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("oci-archive:")]
    [DataRow("docker-archive::tag")]
    [DataRow("docker-archive:a.tar:")]
    [DataRow("oci-archive:a.tar#sha256=12")]
    [DataRow("oci-archive:a.tar#md5=12")]
    public void A_reference_that_is_none_is_refused_with_the_form(string text)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => ImageReference.Parse(text));

        Assert.AreEqual(Fault.ImageReferenceMalformed, ex.Fault);
    }

    [TestMethod]
    public async Task A_pipe_or_an_empty_file_is_not_opened()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("image.tar", Encoding.ASCII.GetBytes(""));

        Assert.AreEqual(Fault.FileUnreadable, (await Stores.OpenOffline(scratch).RefusesAsync($"docker-archive:{file}", Ct)).Fault);
        Assert.AreEqual(Fault.FileUnreadable, (await Stores.OpenOffline(scratch).RefusesAsync($"oci-archive:{scratch["nothing"]}", Ct)).Fault);
        Assert.AreEqual(Fault.FileUnreadable, (await Stores.OpenOffline(scratch).RefusesAsync("docker-archive:/dev/zero", Ct)).Fault);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Damaged_archives_fail_with_a_fault_and_never_otherwise()
    {
        using var scratch = new Scratch();
        var content = new OciContent();
        var top = content.AddImage(Layer);
        var whole = new[] { ("docker-archive", ImageArchives.Docker("a:1", Layer).Build()), ("oci-archive", ImageArchives.Oci(content, top).Build()) };
        var random = new Random(20);
        for (var round = 0; round < 300; round++)
        {
            var (kind, bytes) = whole[round % 2];
            var damaged = (byte[])bytes.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            var file = scratch.Write("image.tar", random.Next(4) is 0 ? damaged[..random.Next(damaged.Length)] : damaged);
            try
            {
                var image = await Stores.OpenOffline(scratch).PullAsync($"{kind}:{file}", Ct);

                // Padding, owners and times may be anything.
                Assert.AreEqual(Digest.Of(Layer), image.Layers.Single().DiffId);
            }
            catch (ReleaseException ex)
            {
                Assert.IsTrue(ex.Fault.Exit is ExitCode.Usage or ExitCode.Refused, ex.ToString());
            }
        }
    }
}
