using System.Reflection;
using System.Text;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>Layers are applied inside the namespaces, and what they say about other places stays without effect.</summary>
[TestClass]
public sealed class LayerTests(TestContext test)
{
    private const string SetUserId = "4755";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Files_folders_links_owners_modes_and_times_arrive()
    {
        await using var store = new TestStore();
        var layer = new TarBuilder()
            .Folder("data", 0b111_101_000, owner: 12)
            .File("data/file", "content", 0b110_100_000, owner: 34)
            .File("data/tool", "#!/bin/sh\n", Convert.ToInt32(SetUserId, 8))
            .Link("data/link", "/etc/passwd")
            .HardLink("data/twin", "data/file")
            .Entry('6', "data/fifo");

        var outcome = await store.RunAsync(layer, "cd data; stat -c '%n %F %a %u %g %Y' file tool link twin fifo .; readlink link; cat twin; stat -c %h file", Ct);

        Assert.AreEqual(
            """
            file regular file 640 34 34 1600000000
            tool regular file 4755 0 0 1600000000
            link symbolic link 777 0 0 1600000000
            twin regular file 640 34 34 1600000000
            fifo fifo 644 0 0 1600000000
            . directory 750 12 12 1600000000
            /etc/passwd
            content2

            """,
            outcome.Output + outcome.Error);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Whiteouts_remove_names_of_lower_layers_only_wherever_they_stand()
    {
        await using var store = new TestStore();
        byte[][] layers =
        [
            TestImage.Busybox().Folder("a").File("a/old").File("a/kept").Folder("b").File("b/old").Folder("c").File("c/old").File("gone").Build(),
            new TarBuilder().File(".wh.gone").Folder("a").File("a/new").File("a/.wh.old").Folder("b").File("b/new").File("b/.wh..wh..opq").File("b/.wh.old")
                .File(".wh.c").Folder("c").File("c/new").Build(),
        ];
        await using var container = await store.OpenAsync(store.Image(layers), Ct);

        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", "ls a b c; ls gone"), Ct);

        Assert.AreEqual("a:\nkept\nnew\n\nb:\nnew\n\nc:\nnew\n", outcome.Output);
        Assert.Contains("gone: No such file", outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_opaque_root_hides_all_lower_layers_and_the_highest_layer_that_names_the_root_says_whose_it_is()
    {
        await using var store = new TestStore();
        var image = store.Image(
            new TarBuilder().Folder("./").File("old").Build(), TestImage.Busybox().Folder("./", 0b111_001_001, owner: 5).File(".wh..wh..opq").Build(), new TarBuilder().File("top").Build());
        await using var container = await store.OpenAsync(image, Ct);

        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", "stat -c '%a %u' /; ls /top /old"), Ct);

        Assert.AreEqual("711 5\n/top\n", outcome.Output, outcome.Error);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Names_longer_than_the_header_and_names_that_are_no_text_arrive()
    {
        await using var store = new TestStore();
        var deep = string.Join('/', Enumerable.Repeat("folder", 30));
        var layer = new TarBuilder()
            .Pax(("path", $"{deep}/pax"), ("uid", "7"), ("mtime", "1500000000.25"), ("comment", "ignored")).File("short", "p")
            .Extension('L', Encoding.ASCII.GetBytes($"{deep}/gnu\0")).File("short", "g")
            .File("latin-\xe9", "l");

        var outcome = await store.RunAsync(layer, $"cat {deep}/pax {deep}/gnu latin-*; stat -c '%u %Y' {deep}/pax; ls | grep -c latin", Ct);

        Assert.AreEqual("pgl7 1500000000\n1\n", outcome.Output + outcome.Error);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Case_29_devices_and_capabilities_are_left_out_with_a_note_and_attributes_of_the_overlay_have_no_effect()
    {
        await using var store = new TestStore();
        var image = store.Image(
            TestImage.Busybox().Folder("seen").File("seen/below").Build(),
            new TarBuilder().Entry('3', "null").Entry('4', "disk")
                .Pax(("SCHILY.xattr.security.capability", "\u0001"), ("SCHILY.xattr.user.plain", "kept")).File("capable")
                .Pax(("SCHILY.xattr.user.overlay.opaque", "y"), ("SCHILY.xattr.trusted.overlay.opaque", "y")).Folder("seen").Build());
        await using var container = store.Engine.Begin();

        await container.UnpackAsync(image.Layers[0], Ct);
        var note = await container.UnpackAsync(image.Layers[1], Ct);
        await container.OpenAsync(image, [], Ct);
        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", "ls seen; ls /disk /null"), Ct);

        Assert.AreEqual("left out: 2 device nodes, 1 file capability, 2 attributes of the system", note);
        Assert.AreEqual("below\n", outcome.Output);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_link_to_a_folder_of_the_same_layer_is_a_way_to_it()
    {
        await using var store = new TestStore();
        var layer = new TarBuilder().Folder("usr").Folder("usr/lib").Link("lib", "usr/lib").File("lib/one", "1").Link("abs", "/usr/lib").File("abs/two", "2");

        var outcome = await store.RunAsync(layer, "cat /usr/lib/one /usr/lib/two", Ct);

        Assert.AreEqual("12", outcome.Output + outcome.Error);
    }

    public static IEnumerable<object[]> BadLayers() =>
    [
        ["leaves by name", new TarBuilder().File("a/../../evil").Build(), "REL2106", "'a/../../evil'"],
        ["hard link out", new TarBuilder().HardLink("x", "/etc/shadow").Build(), "REL2103", "no file before it"],
        ["hard link upwards", new TarBuilder().HardLink("x", "../../../etc/shadow").Build(), "REL2106", "would leave"],
        ["root is a link", new TarBuilder().Link("./", "/tmp").Build(), "REL2103", "root folder"],
        ["root is a link, by dot", new TarBuilder().Link("/.", "/").Build(), "REL2103", "root folder"],
        ["a folder becomes a file", new TarBuilder().Folder("d").File("d/x").File("d").Build(), "REL2103", "both as a folder"],
        ["whiteout without a name", new TarBuilder().File("d/.wh.").Build(), "REL2103", "without a name"],
        ["whiteout of its folder", new TarBuilder().File("d/.wh...").Build(), "REL2103", "without a name"],
        ["owner out of range", new TarBuilder().File("opt/app", owner: 70_000).Build(), "REL3003", "'opt/app' to 70000:70000"],
        ["owner that means 'leave it'", new TarBuilder().File("opt/app", owner: uint.MaxValue).Build(), "REL3003", "4294967295"],
        ["owner negative", new TarBuilder().Pax(("uid", "-1")).File("opt/app").Build(), "REL3003", "-1:0"],
        ["sparse file without a size", new TarBuilder().Pax(("GNU.sparse.major", "1")).File("s").Build(), "REL2103", "map is wrong"],
        ["unknown type", new TarBuilder().Entry('Q', "q").Build(), "REL2103", "type 'Q'"],
        ["wrong checksum", Altered(new TarBuilder().File("f").Build(), 0), "REL2103", "checksum"],
        ["number not octal", new TarBuilder().Raw(Header("size", 124, "0000000009\0")).Build(), "REL2103", "not octal"],
        ["size negative", new TarBuilder().Entry('0', "f", size: -1).Build(), "REL2103", "negative"],
        ["pax length wrong", new TarBuilder().Extension('x', "99 path=x\n"u8.ToArray()).File("f").Build(), "REL2103", "wrong length"],
        ["pax length huge", new TarBuilder().Extension('x', "99999999999999999999 path=x\n"u8.ToArray()).File("f").Build(), "REL2103", "wrong length"],
        ["pax without equals", new TarBuilder().Extension('x', "9 abcdef\n"u8.ToArray()).File("f").Build(), "REL2103", "without '='"],
        ["pax too large", new TarBuilder().Extension('x', new byte[2 << 20]).File("f").Build(), "REL2103", "extended header of"],
        ["name with NUL", new TarBuilder().Pax(("path", "a\0b")).File("f").Build(), "REL2103", "NUL"],
        ["name too long", new TarBuilder().Pax(("path", new string('n', 5000))).File("f").Build(), "REL2103", "name of 5000 bytes"],
        ["part of a name too long", new TarBuilder().Pax(("path", new string('n', 300))).File("f").Build(), "REL2106", "too long"],
        ["ends inside a file", new TarBuilder().Entry('0', "f", size: 5000).BuildUnfinished(), "REL2103", "ends inside a file"],
        ["ends inside a header", new TarBuilder().File("f").BuildUnfinished()[..300], "REL2103", "ends inside a header"],
    ];

    [TestMethod]
    [DynamicData(nameof(BadLayers), DynamicDataDisplayName = nameof(NameOf))]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_bad_layer_is_refused_and_leaves_nothing(string what, byte[] tar, string id, string words)
    {
        await using var store = new TestStore();
        var image = store.Image(tar);
        ReleaseException failure;
        await using (var container = store.Engine.Begin())
        {
            failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.OpenAsync(image, [], Ct), what);
        }

        Assert.AreEqual(id, failure.Fault.Id, failure.Message);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Contains(image.Layers[0].DiffId.ToString(), failure.Message, StringComparison.Ordinal);
        AssertNothingLeft(store);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_layer_whose_bytes_have_another_digest_is_refused_and_leaves_nothing()
    {
        await using var store = new TestStore();
        var image = store.Image(TestImage.Busybox().Build());
        await File.AppendAllTextAsync(image.Layers[0].BlobPath, "x", Ct);
        await using (var container = store.Engine.Begin())
        {
            var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.OpenAsync(image, [], Ct));
            Assert.AreEqual(Fault.ImageMismatch, failure.Fault);
        }

        AssertNothingLeft(store);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow(LayerCompression.Zstd)]
    [DataRow(LayerCompression.Xz)]
    public async Task A_layer_in_another_packing_than_gzip_arrives_whole(LayerCompression compression)
    {
        await using var store = new TestStore();
        var image = TestImage.Of(
            store.Scratch.Folder("blobs"), compression, TestImage.Busybox().Folder("data").File("data/file", new string('x', 3_000_000)).Link("data/link", "file").Build());
        await using var container = store.Engine.Begin();
        await container.OpenAsync(image, [], Ct);

        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", "cd data; ls; stat -c %s file; readlink link"), Ct);

        Assert.AreEqual("file\nlink\n3000000\nfile\n", outcome.Output);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow(LayerCompression.Gzip)]
    [DataRow(LayerCompression.Zstd)]
    [DataRow(LayerCompression.Xz)]
    public async Task A_truncated_layer_is_refused(LayerCompression compression)
    {
        await using var store = new TestStore();
        var image = TestImage.Of(store.Scratch.Folder("blobs"), compression, TestImage.Busybox().Build());
        await using (var blob = File.OpenWrite(image.Layers[0].BlobPath))
        {
            blob.SetLength(blob.Length - 100);
        }

        await using (var container = store.Engine.Begin())
        {
            var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.OpenAsync(image, [], Ct));
            Assert.IsTrue(failure.Fault == Fault.ImageMismatch || failure.Fault == Fault.ImageMalformed, failure.Message);
        }

        AssertNothingLeft(store);
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    [DataRow(LayerCompression.Gzip)]
    [DataRow(LayerCompression.Zstd)]
    public async Task Case_31_a_bomb_is_stopped_before_it_fills_the_disk(LayerCompression compression)
    {
        await using var store = new TestStore();
        const long claimed = 8L << 30;
        var image = TestImage.Of(
            store.Scratch.Folder("blobs"), compression, [.. new TarBuilder().Entry('0', "zeros", size: claimed).BuildUnfinished(), .. new byte[280 << 20]]);
        await using (var container = store.Engine.Begin())
        {
            var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => container.OpenAsync(image, [], Ct));

            Assert.AreEqual(Fault.ImageUnsafe, failure.Fault, failure.Message);
            Assert.Contains("bomb", failure.Message, StringComparison.Ordinal);
        }

        AssertNothingLeft(store);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Two_containers_that_want_the_same_layer_unpack_it_once()
    {
        await using var store = new TestStore();
        var image = store.Image(TestImage.Busybox().Build());

        var containers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.OpenAsync(image, Ct)));

        foreach (var container in containers)
        {
            Assert.AreEqual(0, await container.RunAsync(new Sandbox("true"), _ => { }, Ct));
            await container.DisposeAsync();
        }

        Assert.HasCount(1, Directory.GetDirectories(Path.Combine(store.Root, "layers")));
    }

    /// <summary>Without the bytes of the layer.</summary>
    public static string NameOf(MethodInfo method, object[] row) => $"{method.Name} ({row[0]})";

    private static void AssertNothingLeft(TestStore store)
    {
        var layers = Path.Combine(store.Root, "layers");
        Assert.IsTrue(!Directory.Exists(layers) || Directory.GetFileSystemEntries(layers) is []);
        CollectionAssert.AreEqual(Array.Empty<string>(), Directory.GetFileSystemEntries(Path.Combine(store.Root, "sessions")));
    }

    private static byte[] Altered(byte[] tar, int at)
    {
        tar[at] ^= 1;
        return tar;
    }

    private static byte[] Header(string name, int at, string field)
    {
        var block = new TarBuilder().File(name).BuildUnfinished()[..512];
        Encoding.ASCII.GetBytes(field).CopyTo(block.AsSpan(at));
        TarBuilder.Sum(block);
        return block;
    }
}
