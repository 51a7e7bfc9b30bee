extern alias holder;

using DotnetRelease.Fixtures;
using holder::DotnetRelease.Holder.Layers;
using holder::DotnetRelease.Images;
using Refused = holder::DotnetRelease.ReleaseException;

namespace DotnetRelease.Core.Tests.Holder;

/// <summary>Archives that are cut, joined, padded, bent or endless.</summary>
[TestClass]
public sealed class TarReaderTests
{
    private static readonly byte[] Good = new TarBuilder()
        .Folder("d").File("d/f", "content").Pax(("path", "d/long"), ("mtime", "1.5"), ("SCHILY.xattr.user.a", "b")).File("d/l", "long").Link("l", "d").HardLink("h", "d/f").Build();

    private static readonly string[] Names = ["d", "d/f", "d/long", "l", "h"];

    private static readonly Dictionary<string, byte[]> Endings = new(StringComparer.Ordinal)
    {
        ["its end mark"] = Good,
        ["no end mark"] = Good[..^1024],
        ["half an end mark"] = Good[..^512],
        ["padding"] = [.. Good, .. new byte[100_000]],
        ["another archive behind its end"] = [.. Good, .. new TarBuilder().File("evil").Build()],
    };

    public static IEnumerable<object[]> EndingsNames => Endings.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(EndingsNames))]
    [Timeout(30_000)]
    public void An_archive_ends_where_its_end_is(string ending) =>
        CollectionAssert.AreEqual(Names, UnpackedLayer.Read(Endings[ending]).ConvertAll(entry => System.Text.Encoding.ASCII.GetString(entry.Name)), ending);

    [TestMethod]
    [Timeout(30_000)]
    public void Gzip_in_several_members_is_one_layer_and_what_is_behind_it_is_none_of_it()
    {
        byte[][] packings =
        [
            [.. Gzip(Good[..700]), .. Gzip(Good[700..])],
            [.. Gzip(Good), .. new byte[4096]],
            [.. Gzip(Good), .. "no gzip"u8],
            [.. Gzip([]), .. Gzip(Good), .. Gzip([])],
        ];
        foreach (var packed in packings)
        {
            Assert.HasCount(5, UnpackedLayer.Read(packed, LayerCompression.Gzip));
        }
    }

    private static readonly Dictionary<string, byte[]> Bad = new(StringComparer.Ordinal)
    {
        ["goes on behind one block of zeros"] = [.. Good[..^1024], .. new byte[512], .. Good],
        ["two long names"] = new TarBuilder().Extension('L', "gnu"u8.ToArray()).Pax(("path", "pax")).File("f").Build(),
        ["two long links"] = new TarBuilder().Extension('K', "gnu"u8.ToArray()).Pax(("linkpath", "pax")).Link("f", "x").Build(),
        ["extended headers without end"] = Enumerable.Range(0, 20).Aggregate(new TarBuilder(), (tar, _) => tar.Pax(("comment", "x"))).File("f").Build(),
        ["a thousand attributes"] = new TarBuilder().Pax([.. Enumerable.Range(0, 1001).Select(i => ($"SCHILY.xattr.user.{i}", "x"))]).File("f").Build(),
        ["a size that does not fit"] = new TarBuilder().Raw(WithSize(0x80, 0xff)).Build(),
        ["a size that is negative"] = new TarBuilder().Raw(WithSize(0xff, 0xff)).Build(),
        ["a size of a quarter of the range"] = new TarBuilder().Pax(("size", "4611686018427387904")).File("f").Build(),
        ["a size that is negative by pax"] = new TarBuilder().Pax(("size", "-1")).File("f").Build(),
        ["a size too large by pax"] = new TarBuilder().Pax(("size", "9223372036854775808")).File("f").Build(),
        ["an extended header of negative length"] = new TarBuilder().Extension('x', "-9 path=x\n"u8.ToArray()).File("f").Build(),
        ["a negative sign in a number"] = new TarBuilder().Pax(("gid", "-")).File("f").Build(),
    };

    public static IEnumerable<object[]> BadNames => Bad.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(BadNames))]
    [Timeout(30_000)]
    public void A_bent_archive_is_refused(string what)
    {
        var failure = Assert.ThrowsExactly<Refused>(() => UnpackedLayer.Read(Bad[what]), what);

        Assert.AreEqual("REL2103", failure.Fault.Id, failure.Message);
    }

    [TestMethod]
    [Timeout(30_000)]
    public void An_empty_record_leaves_what_the_header_says()
    {
        var entry = UnpackedLayer.Read(new TarBuilder().Pax(("path", ""), ("uid", ""), ("mtime", "")).File("f", owner: 3).Build()).Single();

        CollectionAssert.AreEqual("f"u8.ToArray(), entry.Name);
        Assert.AreEqual((3, 1_600_000_000), (entry.User, entry.Modified));
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Of_hundreds_of_altered_archives_none_ends_otherwise_than_read_or_refused()
    {
        var random = new Random(20260115);
        for (var i = 0; i < 300; i++)
        {
            var tar = (byte[])Good.Clone();
            var header = 512 * random.Next(tar.Length / 512);
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                tar[header + random.Next(512)] = (byte)random.Next(256);
            }

            if (random.Next(2) is 0)
            {
                TarBuilder.Sum(tar.AsSpan(header, 512));
            }

            try
            {
                UnpackedLayer.Read(tar[..(random.Next(4) is 0 ? random.Next(tar.Length) : tar.Length)]);
            }
            catch (Refused ex)
            {
                Assert.StartsWith("REL2", ex.Fault.Id, StringComparison.Ordinal);
            }
        }
    }

    [TestMethod]
    [DataRow(LayerCompression.Gzip)]
    [DataRow(LayerCompression.Zstd)]
    [Timeout(60_000)]
    public void Of_altered_packings_none_ends_otherwise_than_read_or_refused(LayerCompression compression)
    {
        var random = new Random(20260116);
        var good = compression is LayerCompression.Gzip ? Gzip(Good) : DotnetRelease.Storage.Zstd.Compress(Good);
        Assert.HasCount(5, UnpackedLayer.Read(good, compression));
        for (var i = 0; i < 100; i++)
        {
            var packed = (byte[])good.Clone();
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                packed[random.Next(i % 2 is 0 ? 30 : packed.Length)] = (byte)random.Next(256);
            }

            try
            {
                UnpackedLayer.Read(packed[..(random.Next(4) is 0 ? random.Next(packed.Length) : packed.Length)], compression);
            }
            catch (Refused ex)
            {
                Assert.StartsWith("REL2", ex.Fault.Id, StringComparison.Ordinal);
            }
        }
    }

    [TestMethod]
    [Timeout(30_000)]
    public void Names_that_have_to_be_kept_are_bounded()
    {
        using var layer = new UnpackedLayer();
        var tar = Enumerable.Range(0, 20).Aggregate(new TarBuilder(), (marks, i) => marks.File($".wh.{i}")).Build();

        var failure = Assert.ThrowsExactly<Refused>(() => layer.Apply(tar, LayerLimits.Default with { Names = 500 }));

        Assert.AreEqual("REL2106", failure.Fault.Id, failure.Message);
        Assert.Contains("names", failure.Message, StringComparison.Ordinal);
    }

    private static readonly Dictionary<string, byte[]> Costly = new(StringComparer.Ordinal)
    {
        ["entries"] = Enumerable.Range(0, 11).Aggregate(new TarBuilder(), (tar, i) => tar.File($"{i}")).Build(),
        ["folders that nobody named"] = new TarBuilder().File("1/2/3/4/5/6/7/8/9/10/f").File("a/2/3/f").Build(),
        ["depth"] = new TarBuilder().File(string.Concat(Enumerable.Repeat("d/", 21)) + "f").Build(),
        ["the same name again and again"] = Enumerable.Range(0, 11).Aggregate(new TarBuilder(), (tar, _) => tar.File("f")).Build(),
        ["bytes"] = new TarBuilder().File("f", new byte[1_100_000]).Build(),
    };

    public static IEnumerable<object[]> CostlyNames => Costly.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(CostlyNames))]
    [Timeout(30_000)]
    public void A_layer_that_costs_too_much_is_stopped(string what)
    {
        using var layer = new UnpackedLayer();

        var failure = Assert.ThrowsExactly<Refused>(() => layer.Apply(Costly[what], new LayerLimits(1_000_000, 10, 100, 1_000_000) { Depth = 20 }), what);

        Assert.AreEqual("REL2106", failure.Fault.Id, failure.Message);
    }

    [TestMethod]
    [Timeout(30_000)]
    public void A_layer_that_takes_too_long_is_stopped()
    {
        using var layer = new UnpackedLayer();

        var failure = Assert.ThrowsExactly<Refused>(() => layer.Apply(Good, LayerLimits.Default with { Time = TimeSpan.Zero }));

        Assert.AreEqual("REL2106", failure.Fault.Id, failure.Message);
        Assert.Contains("minutes", failure.Message, StringComparison.Ordinal);
    }

    private static byte[] WithSize(byte first, byte rest)
    {
        var block = new TarBuilder().File("f").BuildUnfinished()[..512];
        block.AsSpan(124, 12).Fill(rest);
        block[124] = first;
        TarBuilder.Sum(block);
        return block;
    }

    private static byte[] Gzip(byte[] bytes) => OciContent.Gzip(bytes);
}
