using System.Collections.Immutable;
using Amazon.Runtime;
using DotnetRelease.Fixtures;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;
using DotnetRelease.Repositories.S3;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>A repository in an object store.</summary>
[TestClass]
public sealed class S3StoreTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_is_published_is_a_whole_repository_and_the_same_again_changes_nothing()
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("ins3"));

        var first = await bench.PublishAsync(key, packages);
        var keys = s3.Keys;
        var second = await bench.PublishAsync(key, packages);
        var third = await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("ins3too")));

        Assert.AreEqual("s3://packages/yum", first.Folder);
        Assert.AreEqual(2, first.Total);
        Assert.IsFalse(second.Changed);
        Assert.AreEqual(4, third.Total);
        CollectionAssert.IsSubsetOf(keys, s3.Keys, "what a client may still ask for stays");
        CollectionAssert.Contains(keys, "yum/ins3-1.0-1.noarch.rpm");
        Assert.IsFalse(s3.Keys.Any(one => one.Contains("/.", StringComparison.Ordinal)), "no lock and nothing unfinished stays");
        Assert.AreEqual("", await ProblemsAsync(bench, s3, key));
    }

    // Case 53.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_same_name_with_other_bytes_is_a_conflict_that_names_both()
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("takenins3"));
        s3[$"yum/{packages[0].File.Nevra.FileName}"] = "somebody's file"u8.ToArray();

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, packages));

        Assert.AreEqual(Fault.PublishedOtherBytes, refused.Fault);
        Assert.Contains(Digest.Of("somebody's file").Hex, refused.Message, StringComparison.Ordinal);
        Assert.Contains(packages[0].File.Sha256.Hex, refused.Message, StringComparison.Ordinal);
        Assert.AreEqual("somebody's file", System.Text.Encoding.UTF8.GetString(s3[$"yum/{packages[0].File.Nevra.FileName}"]));
        Assert.DoesNotContain("yum/repodata/repomd.xml", s3.Keys);
    }

    // Case 57.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(500, "InternalError")]
    [DataRow(503, "SlowDown")]
    public async Task A_service_that_is_busy_for_a_moment_is_asked_again(int status, string code)
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("patient"));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        s3.Misbehave = request => request.Method is "PUT" && seen.Add(request.ToString()) ? new FakeFailure(status, code) : null;

        Assert.IsTrue((await bench.PublishAsync(key, packages)).Changed);

        Assert.AreEqual("", await ProblemsAsync(bench, s3, key));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(500, "InternalError", "REL5007", "500 InternalError")]
    [DataRow(403, "AccessDenied", "REL5008", "403 AccessDenied")]
    [DataRow(403, "RequestTimeTooSkewed", "REL5008", "clock of this machine")]
    [DataRow(301, "PermanentRedirect", "REL5008", "another region")]
    [DataRow(404, "NoSuchBucket", "REL5008", "404 NoSuchBucket")]
    public async Task A_service_that_says_no_is_quoted_with_bucket_and_key(int status, string code, string fault, string said)
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("quoted"));
        s3.Misbehave = request => request.Method is "PUT" && request.Key.EndsWith(".rpm", StringComparison.Ordinal) ? new FakeFailure(status, code) : null;

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, packages));

        Assert.AreEqual(fault, refused.Fault.Id, refused.Message);
        Assert.AreEqual(ExitCode.Remote, refused.Fault.Exit);
        Assert.Contains("bucket 'packages'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'yum/quoted-1.0-1.", refused.Message, StringComparison.Ordinal);
        Assert.Contains(said, refused.Message + refused.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("yum/repodata/repomd.xml", s3.Keys);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_service_without_conditions_is_refused_before_anything_is_written()
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        s3.HasConditions = false;
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("unconditional"));

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, packages));

        Assert.AreEqual(Fault.StoreIncapable, refused.Fault);
        Assert.AreEqual(ExitCode.Environment, refused.Fault.Exit);
        Assert.Contains("ignores If-None-Match", refused.Message, StringComparison.Ordinal);
        Assert.IsEmpty(s3.Keys);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_listing_of_many_pages_is_read_to_its_end()
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        for (var at = 0; at < 2500; at++)
        {
            s3[$"yum/old/{at:d5}.rpm"] = [1];
            s3[$"other/{at:d5}.rpm"] = [1];
        }

        await using var store = bench.Store!.Open();
        var files = await store.ListAsync("", Ct);

        Assert.HasCount(2500, files);
        Assert.AreEqual("old/02499.rpm", files[^1].Location);
        Assert.AreEqual(3, s3.Requests.Count(request => request.Query.ContainsKey("list-type")));
    }

    // Cases 51 and 52.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Of_two_publishers_at_once_one_is_refused_with_the_owner_of_the_lock_and_no_package_is_lost_when_it_comes_again()
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        var key = await TestKey.Rsa;
        ImmutableArray<SignedRpm>[] offers = [await bench.SignedAsync(key, new RpmRecipe("s3left")), await bench.SignedAsync(key, new RpmRecipe("s3right"))];

        await using (var holder = bench.Store!.Open())
        await using (await holder.LockAsync("publish", Ct))
        {
            var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, offers[0]));
            Assert.AreEqual(Fault.LockHeld, refused.Fault);
            Assert.Contains($"{Environment.UserName} on {Environment.MachineName}, process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        }

        foreach (var packages in offers)
        {
            await bench.PublishAsync(key, packages);
        }

        Assert.AreEqual("", await ProblemsAsync(bench, s3, key));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_lock_that_was_left_is_taken_away_by_its_token_only()
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        s3[$"yum/{StoreLease.Location}"] = new StoreLease("t0ken", "alice on build7", 4711, DateTimeOffset.UtcNow.AddMinutes(-12)) { Purpose = "publish" }.ToBytes();
        await using var store = bench.Store!.Open();

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => store.LockAsync("publish", Ct));
        Assert.Contains("alice on build7, process 4711", refused.Message, StringComparison.Ordinal);
        Assert.IsFalse(await store.BreakLockAsync("another", Ct));
        Assert.IsTrue(await store.BreakLockAsync("t0ken", Ct));

        Assert.IsEmpty(s3.Keys);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Whoever_writes_repomd_in_the_last_moment_wins_with_the_signature_that_belongs_to_it()
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        var key = await TestKey.Rsa;
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("racebase")));
        var theirs = new SignedRepomd("<repomd/>"u8.ToArray(), s3["yum/repodata/repomd.xml.asc"]);
        var packages = await bench.SignedAsync(key, new RpmRecipe("racer"));
        s3.Done = request =>
        {
            if (request.Method is "PUT" && request.Key is "yum/repodata/repomd.xml.asc")
            {
                s3.Done = _ => { };
                s3["yum/repodata/repomd.xml"] = theirs.Bytes;
            }
        };

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, packages));

        Assert.AreEqual(Fault.RepositoryMoved, refused.Fault);
        CollectionAssert.AreEqual(theirs.Bytes, s3["yum/repodata/repomd.xml"]);
        CollectionAssert.AreEqual(theirs.Signature, s3["yum/repodata/repomd.xml.asc"]);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_answer_that_is_lost_after_the_write_is_no_conflict()
    {
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("lostanswer"));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        s3.Misbehave = request =>
        {
            if (request.Method is not "PUT" || request.Key.Contains(".unfinished-", StringComparison.Ordinal) || !seen.Add(request.ToString()))
            {
                return null;
            }

            s3[request.Key] = request.Body;
            return new FakeFailure(500, "InternalError");
        };

        Assert.IsTrue((await bench.PublishAsync(key, packages)).Changed);

        Assert.AreEqual("", await ProblemsAsync(bench, s3, key));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_large_file_goes_up_in_pieces_with_flat_memory_and_what_a_killed_run_left_of_one_is_removed()
    {
        const long size = 200L * 1024 * 1024;
        using var bench = new RepositoryBench(Ct);
        await using var s3 = Serve(bench);
        var discarded = 0L;
        s3.Misbehave = request =>
        {
            // The test's own memory is not what is measured.
            if (!request.Query.ContainsKey("partNumber"))
            {
                return null;
            }

            Interlocked.Add(ref discarded, request.Body.Length);
            return new FakeFailure(200, "ok") { Header = ("ETag", "\"1\"") };
        };
        var file = new RepositoryFile("big.rpm", size, await Zeros.DigestAsync(size, Ct));
        await using var store = bench.Store!.Open();
        await using (await store.LockAsync("publish", Ct))
        {
            var before = GC.GetTotalAllocatedBytes();
            await store.AddAsync([new FileOffer(file, "zeros", _ => Task.FromResult<Stream>(new Zeros(size)))], Ct);

            Assert.AreEqual(size, discarded);
            Assert.IsLessThan(12 * size, GC.GetTotalAllocatedBytes() - before);
            Assert.AreEqual(0, s3.OpenUploads);
        }

        s3.Misbehave = request => request.Query.ContainsKey("uploadId") ? new FakeFailure(403, "AccessDenied") : null;
        await using (await store.LockAsync("publish", Ct))
        {
            await Assert.ThrowsExactlyAsync<ReleaseException>(() =>
                store.AddAsync([new FileOffer(file with { Location = "other.rpm" }, "zeros", _ => Task.FromResult<Stream>(new Zeros(size)))], Ct));
        }

        Assert.AreEqual(1, s3.OpenUploads);
        s3.Misbehave = _ => null;
        await using (await store.LockAsync("publish", Ct))
        {
            Assert.AreEqual(0, s3.OpenUploads);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_real_server_accepts_our_signatures_our_pieces_and_our_listings()
    {
        using var scratch = new Scratch();
        await using var real = await S3Rver.StartAsync(scratch, Ct);
        var address = Address(real.Endpoint);
        using var bucket = new S3Bucket(address);
        const long size = 40L * 1024 * 1024;
        var digest = await Zeros.DigestAsync(size, Ct);

        Assert.IsNotNull(await bucket.PutAsync("repodata/repomd.xml", "<repomd/>"u8.ToArray(), null, Ct));
        Assert.IsTrue(await bucket.AddAsync(new FileOffer(new RepositoryFile("big.rpm", size, digest), "zeros", _ => Task.FromResult<Stream>(new Zeros(size))), Ct));

        await using var read = (await bucket.OpenAsync("big.rpm", Ct))!.Content;
        Assert.AreEqual(digest, await StoreReading.CopyAsync(read, null, Ct));
        Assert.IsNull(await bucket.HeadAsync("nothing", Ct));
        CollectionAssert.AreEqual(new[] { "big.rpm", "repodata/repomd.xml" }, (await bucket.ListAsync("", Ct)).Select(file => file.Location).ToArray());
        await bucket.DeleteAsync("big.rpm", Ct);
        await bucket.DeleteAsync("big.rpm", Ct);
        Assert.HasCount(1, await bucket.ListAsync("", Ct));

        using var stranger = new S3Bucket(address with { Credentials = new BasicAWSCredentials("NOBODY", "wrong") });
        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => stranger.PutAsync("a", "b"u8.ToArray(), null, Ct));
        Assert.AreEqual(Fault.StoreRefused, refused.Fault);
        Assert.Contains("InvalidAccessKeyId", refused.Message, StringComparison.Ordinal);

        await using var store = address.Open();
        Assert.AreEqual(Fault.StoreIncapable, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => store.LockAsync("publish", Ct))).Fault, "it knows no conditions");
    }

    [TestMethod]
    [DataRow("s3://packages/yum?endpoint=https%3A%2F%2Fs3.example.org&region=eu-west-1", "packages", "yum")]
    [DataRow("s3://packages", "packages", "")]
    [DataRow("s3://packages/a/b/?endpoint=http://127.0.0.1:9000", "packages", "a/b")]
    public void An_address_is_read(string url, string bucket, string prefix)
    {
        var address = (S3Address)StoreAddress.Of(url);

        Assert.AreEqual((bucket, prefix), (address.Bucket, address.Prefix));
        Assert.AreEqual(prefix.Length > 0 ? $"s3://{bucket}/{prefix}" : $"s3://{bucket}", address.ToString());
    }

    [TestMethod]
    [DataRow("s3://AKIA:secret@packages/yum")]
    [DataRow("s3://x/yum")]
    [DataRow("s3://packages/yum?endpoint=http://s3.example.org")]
    [DataRow("s3://packages/yum?endpoint=https://user:pass@s3.example.org")]
    [DataRow("s3://packages/yum?secret=1")]
    [DataRow("s3://packages/a b")]
    public void An_address_that_is_none_is_refused(string url) =>
        Assert.AreEqual(Fault.SettingsInvalid, Assert.ThrowsExactly<ReleaseException>(() => StoreAddress.Of(url)).Fault);

    private static FakeS3 Serve(RepositoryBench bench)
    {
        var s3 = FakeS3.Start();
        bench.Store = Address(s3.Endpoint) with { Prefix = "yum" };
        return s3;
    }

    private static S3Address Address(string endpoint) =>
        new(FakeS3.Bucket, "") { Endpoint = new Uri(endpoint), Credentials = new BasicAWSCredentials(S3Rver.Account, S3Rver.Account) };

    /// <summary>What a client would refuse, of a copy of everything that lies there.</summary>
    private static async Task<string> ProblemsAsync(RepositoryBench bench, FakeS3 s3, TestKey key)
    {
        foreach (var name in s3.Keys)
        {
            var path = Path.Combine(bench.Root, name["yum/".Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, s3[name]);
        }

        return RepositoryBench.Problems(await bench.VerifyAsync(key));
    }
}

/// <summary>A large file that needs no disk.</summary>
internal sealed class Zeros(long size) : ForwardStream
{
    private long _left = size;

    public override bool CanRead => true;

    internal static async Task<Digest> DigestAsync(long size, CancellationToken ct)
    {
        await using var zeros = new Zeros(size);
        return await StoreReading.CopyAsync(zeros, null, ct);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Min(buffer.Length, _left);
        buffer.Span[..count].Clear();
        _left -= count;
        return ValueTask.FromResult(count);
    }
}
