using System.IO.Compression;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Storage;

[TestClass]
public sealed class FrozenGzipTests(TestContext test)
{
    /// <summary>People wrote down digests of what this gives. When this test fails, the compressor is wrong and not the test.</summary>
    [TestMethod]
    public void The_bytes_are_those_that_were_frozen()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 40_000).Select(i => $"line {i * 7919 % 1009}\n")));

        Assert.AreEqual("1f8b08000000000000ff4b4c4a0600c241243503000000", Convert.ToHexStringLower(Pack("abc"u8.ToArray())));
        Assert.AreEqual("fcec74b85e7cfb005ed6d58cd75444ce7f628571a621d5327710e5281e06e4c7", Digest.Of(Pack(bytes)).Hex);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(258)]
    [DataRow(262_143)]
    [DataRow(262_144)]
    [DataRow(262_145)]
    [DataRow(900_001)]
    public void What_comes_out_is_what_went_in(int length)
    {
        foreach (var bytes in Kinds(length))
        {
            using var gzip = new GZipStream(new MemoryStream(Pack(bytes)), CompressionMode.Decompress);
            var back = new MemoryStream();
            gzip.CopyTo(back);

            CollectionAssert.AreEqual(bytes, back.ToArray());
        }
    }

    [TestMethod]
    public void How_the_bytes_were_cut_makes_no_difference()
    {
        var bytes = Kinds(600_000)[2];
        var whole = Pack(bytes);

        foreach (var size in new[] { 1, 511, 262_144, 300_000 })
        {
            CollectionAssert.AreEqual(whole, Pack(bytes, size), $"{size}");
        }
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Gzip_takes_it_and_finds_it_not_much_larger_than_its_own()
    {
        using var scratch = new Scratch();
        var text = await File.ReadAllBytesAsync(Checkout.At("docs", "errors.md"), test.CancellationToken);
        scratch.Write("a.gz", Pack(text));
        scratch.Write("b", text);

        var said = await Exec.ReadAsync(new Command("sh", "-c", "cd \"$0\" && gzip -t a.gz && gzip -dc a.gz | cmp - b && gzip -6 < b | wc -c", scratch.Root), test.CancellationToken);

        var own = int.Parse(said.Output, System.Globalization.CultureInfo.InvariantCulture);
        Assert.IsLessThan(own * 4 / 3, Pack(text).Length);
    }

    private static byte[][] Kinds(int length)
    {
        var random = new byte[length];
        new Random(length).NextBytes(random);
        var words = new byte[length];
        for (var i = 0; i < length; i++)
        {
            words[i] = (byte)"the quick brown fox jumps over the lazy dog 0123456789"[(int)((i * 31L + (i / 7 * (long)(i / 11))) % 54)];
        }

        return [random, new byte[length], words];
    }

    private static byte[] Pack(byte[] bytes, int piece = int.MaxValue)
    {
        var packed = new MemoryStream();
        using (var gzip = new FrozenGzip(packed))
        {
            for (var at = 0; at < bytes.Length; at += Math.Min(piece, bytes.Length - at))
            {
                gzip.Write(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            }
        }

        return packed.ToArray();
    }
}
