using DotnetRelease.Fixtures;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Storage;

[TestClass]
public sealed class ContentCacheTests(TestContext test)
{
    private static readonly byte[] Bytes = [.. "the right bytes"u8];

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    public async Task What_was_taken_in_is_found_again()
    {
        using var scratch = new Scratch();
        var cache = Open(scratch);

        var came = await cache.TakeInAsync(new(Digest.Of(Bytes), Bytes.Length), new MemoryStream(Bytes), Ct);
        var found = await Open(scratch).FindAsync(Digest.Of(Bytes), Ct);

        Assert.IsNotNull(came.File);
        Assert.AreEqual(came.File, found);
        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(found!.Path, Ct));
        Assert.AreEqual(Bytes.Length, found.Size);
    }

    [TestMethod]
    public async Task Nothing_is_found_in_an_empty_cache()
    {
        using var scratch = new Scratch();

        Assert.IsNull(await Open(scratch).FindAsync(Digest.Of(Bytes), Ct));
    }

    [TestMethod]
    [DataRow(0, "another digest")]
    [DataRow(1, "one byte more than came")]
    [DataRow(-1, "one byte less than came")]
    public async Task Other_bytes_leave_nothing_behind(int sizeError, string why)
    {
        using var scratch = new Scratch();
        var cache = Open(scratch);
        var digest = sizeError is 0 ? Digest.Of("other") : Digest.Of(Bytes);

        var came = await cache.TakeInAsync(new(digest, Bytes.Length + sizeError), new MemoryStream(Bytes), Ct);

        Assert.IsNull(came.File, why);
        Assert.AreEqual(sizeError < 0 ? null : Digest.Of(Bytes), came.Digest);
        Assert.AreEqual(Bytes.Length, came.Size);
        Assert.IsEmpty(Directory.GetFiles(scratch["cache"]));
        Assert.IsNull(await cache.FindAsync(digest, Ct));
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task An_endless_stream_is_left_one_buffer_after_the_limit()
    {
        using var scratch = new Scratch();
        var endless = new Endless();

        var came = await Open(scratch).TakeInAsync(new(Digest.Of(Bytes), 100_000), endless, Ct);

        Assert.IsNull(came.File);
        Assert.IsNull(came.Digest);
        Assert.IsLessThan(100_000 + (1024 * 1024), endless.Given);
        Assert.IsEmpty(Directory.GetFiles(scratch["cache"]));
    }

    [TestMethod]
    public async Task A_stream_that_fails_leaves_nothing_and_fails_in_its_own_words()
    {
        using var scratch = new Scratch();

        await Assert.ThrowsExactlyAsync<EndOfStreamException>(() =>
            Open(scratch).TakeInAsync(new(Digest.Of(Bytes)), new Endless(new EndOfStreamException("gone")), Ct));

        Assert.IsEmpty(Directory.GetFiles(scratch["cache"]));
    }

    [TestMethod]
    public async Task A_damaged_entry_is_removed_and_not_given_out()
    {
        using var scratch = new Scratch();
        var came = await Open(scratch).TakeInAsync(new(Digest.Of(Bytes)), new MemoryStream(Bytes), Ct);
        var path = came.File!.Path;
        var time = new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, time);
        new KnownDigests(scratch["known"]).Remember(path, Digest.Of(Bytes));
        var damaged = Bytes.ToArray();
        damaged[3] ^= 1;
        await File.WriteAllBytesAsync(path, damaged, Ct);

        // A restored time hides the change from everything that looks at size and modification time only.
        File.SetLastWriteTimeUtc(path, time);
        var found = await Open(scratch).FindAsync(Digest.Of(Bytes), Ct);

        Assert.IsNull(found);
        Assert.IsFalse(File.Exists(path));
    }

    [TestMethod]
    public async Task Leftovers_of_killed_runs_go_but_a_living_writer_keeps_its_file()
    {
        using var scratch = new Scratch();
        var dead = scratch.Write("cache/.unfinished-dead", "half");
        var living = scratch.Write("cache/.unfinished-living", "half");
        var young = scratch.Write("cache/.unfinished-young", "half");
        File.SetLastWriteTimeUtc(dead, DateTime.UtcNow.AddMinutes(-5));
        File.SetLastWriteTimeUtc(living, DateTime.UtcNow.AddMinutes(-5));

        await using (new FileStream(living, FileMode.Open, FileAccess.Write, FileShare.Read))
        {
            File.SetLastWriteTimeUtc(living, DateTime.UtcNow.AddMinutes(-5));
            await Open(scratch).TakeInAsync(new(Digest.Of(Bytes)), new MemoryStream(Bytes), Ct);

            Assert.IsFalse(File.Exists(dead));
            Assert.IsTrue(File.Exists(living));
            Assert.IsTrue(File.Exists(young));
        }

        await Open(scratch).FindAsync(Digest.Of(Bytes), Ct);
        Assert.IsFalse(File.Exists(living));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Many_writers_of_one_entry_do_not_disturb_each_other()
    {
        using var scratch = new Scratch();
        var big = new byte[1_000_000];
        Random.Shared.NextBytes(big);

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            Open(scratch).TakeInAsync(new(Digest.Of(big), big.Length), new MemoryStream(big), Ct))));

        Assert.IsTrue(all.All(came => came.File is not null));
        Assert.HasCount(1, Directory.GetFiles(scratch["cache"]));
        Assert.AreEqual(Digest.Of(big), await Digest.OfFileAsync(all[0].File!.Path, Ct));
    }

    [TestMethod]
    public async Task A_size_that_no_disk_has_is_refused_before_the_first_byte()
    {
        using var scratch = new Scratch();

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() =>
            Open(scratch).TakeInAsync(new(Digest.Of(Bytes), long.MaxValue / 2), new MemoryStream(Bytes), Ct));

        Assert.AreEqual(Fault.WriteFailed, error.Fault);
        Assert.IsEmpty(Directory.GetFiles(scratch["cache"]));
    }

    [TestMethod]
    public async Task A_folder_that_cannot_be_made_is_an_error_of_the_machine()
    {
        using var scratch = new Scratch();
        scratch.Write("cache", "a file");

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Open(scratch).TakeInAsync(new(Digest.Of(Bytes)), new MemoryStream(Bytes), Ct));

        Assert.AreEqual(Fault.WriteFailed, error.Fault);
    }

    [TestMethod]
    public async Task Looking_writes_nothing()
    {
        using var scratch = new Scratch();

        Assert.IsFalse(Open(scratch).Has(Digest.Of(Bytes)));
        Assert.IsNull(await Open(scratch).FindAsync(Digest.Of(Bytes), Ct));

        Assert.IsEmpty(Directory.GetFileSystemEntries(scratch.Root));
    }

    [TestMethod]
    public async Task The_cache_is_its_owners_alone()
    {
        using var scratch = new Scratch();
        await Open(scratch).TakeInAsync(new(Digest.Of(Bytes)), new MemoryStream(Bytes), Ct);

        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(scratch["cache"]));
    }

    private static ContentCache Open(Scratch scratch) => new(scratch["cache"], new KnownDigests(scratch["known"]));

    private sealed class Endless(Exception? end = null) : MemoryStream
    {
        internal long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (end is not null && Given > 0)
            {
                throw end;
            }

            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
