using System.Security.Cryptography;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Storage;

[TestClass]
public sealed class ZstdTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task The_zstd_program_reads_what_we_write_and_we_read_what_it_writes()
    {
        using var scratch = new Scratch();
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(line => $"line {line % 977}\n")));
        await File.WriteAllBytesAsync(scratch["ours.zst"], Zstd.Compress(text), Ct);
        await File.WriteAllBytesAsync(scratch["theirs"], text, Ct);

        await Exec.ReadAsync(new Command("zstd", "-q", "-d", scratch["ours.zst"]), Ct);
        await Exec.ReadAsync(new Command("zstd", "-q", "-19", scratch["theirs"]), Ct);

        CollectionAssert.AreEqual(text, await File.ReadAllBytesAsync(scratch["ours"], Ct));
        var theirs = await File.ReadAllBytesAsync(scratch["theirs.zst"], Ct);
        CollectionAssert.AreEqual(text, Zstd.Decompress(theirs, text.Length));
        CollectionAssert.AreEqual((byte[])[.. text, .. text], Zstd.Decompress([.. theirs, .. theirs], long.MaxValue), "frames in a row");
        CollectionAssert.AreEqual(Array.Empty<byte>(), Zstd.Decompress(Zstd.Compress([]), 0));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_stream_of_frames_in_a_row_is_read_in_small_memory_and_stays_open()
    {
        using var scratch = new Scratch();
        var plain = new byte[64 * 1024 * 1024];
        await File.WriteAllBytesAsync(scratch["plain"], plain, Ct);
        await Exec.ReadAsync(new Command("zstd", "-q", "-1", scratch["plain"]), Ct);
        var frame = await File.ReadAllBytesAsync(scratch["plain.zst"], Ct);
        byte[] skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2];
        using var packed = new MemoryStream([.. frame, .. skippable, .. frame]);
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1000];

        using (var stream = Zstd.OpenRead(packed))
        {
            for (int count; (count = stream.Read(buffer)) > 0;)
            {
                sum.AppendData(buffer, 0, count);
            }
        }

        Assert.AreEqual(Convert.ToHexString(SHA256.HashData((byte[])[.. plain, .. plain])), Convert.ToHexString(sum.GetHashAndReset()));
        Assert.AreEqual(packed.Length, packed.Position);
    }

    [TestMethod]
    public void A_stream_that_is_cut_short_damaged_empty_or_something_else_is_refused()
    {
        var packed = Zstd.Compress(Encoding.UTF8.GetBytes(new string('x', 1000) + "end"));
        var damaged = packed.ToArray();
        damaged[^1] ^= 1;

        foreach (var bytes in (byte[][])[packed[..^1], packed[..3], damaged, [], "no zstd at all"u8.ToArray(), [.. packed, 1, 2, 3, 4, 5]])
        {
            using var stream = Zstd.OpenRead(new MemoryStream(bytes));
            Assert.ThrowsExactly<InvalidDataException>(() => stream.CopyTo(Stream.Null));
        }
    }

    [TestMethod]
    public void More_than_the_limit_comes_out_as_nothing()
    {
        var bomb = Zstd.Compress(new byte[300 * 1024 * 1024]);
        var before = GC.GetTotalAllocatedBytes();

        Assert.IsNull(Zstd.Decompress(bomb, 1024 * 1024));

        Assert.IsLessThan(20L * 1024 * 1024, GC.GetTotalAllocatedBytes() - before);
    }

    [TestMethod]
    public void Damage_truncation_and_foreign_bytes_are_refused()
    {
        var packed = Zstd.Compress(Encoding.UTF8.GetBytes(new string('x', 1000) + "end"));
        var damaged = packed.ToArray();
        damaged[^1] ^= 1;

        Assert.ThrowsExactly<InvalidDataException>(() => Zstd.Decompress(packed.AsSpan()[..^1], long.MaxValue));
        Assert.ThrowsExactly<InvalidDataException>(() => Zstd.Decompress(damaged, long.MaxValue));
        Assert.ThrowsExactly<InvalidDataException>(() => Zstd.Decompress("no zstd at all"u8, long.MaxValue));
        Assert.ThrowsExactly<InvalidDataException>(() => Zstd.Decompress([], long.MaxValue));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_window_that_would_take_much_memory_is_refused()
    {
        using var scratch = new Scratch();
        await File.WriteAllBytesAsync(scratch["large"], new byte[1024], Ct);
        await Exec.ReadAsync(new Command("sh", "-c", $"cat '{scratch["large"]}' | zstd -q --long=30 -o '{scratch["large.zst"]}'"), Ct);

        var packed = await File.ReadAllBytesAsync(scratch["large.zst"], Ct);

        Assert.ThrowsExactly<InvalidDataException>(() => Zstd.Decompress(packed, long.MaxValue));
    }
}
