using System.Collections.Immutable;
using DotnetRelease.Fixtures;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;
using DotnetRelease.Repositories.Ssh;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>A repository behind OpenSSH's own server; what is published is looked at on its disk.</summary>
[TestClass]
public sealed class SftpStoreTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_is_published_through_ssh_is_a_whole_repository_and_the_same_again_changes_nothing()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("overssh"));
        var known = await File.ReadAllTextAsync(server.KnownHosts, Ct);

        var first = await bench.PublishAsync(key, packages);
        var before = bench.Fingerprint();
        var second = await bench.PublishAsync(key, packages);
        var third = await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("oversshtoo")));

        Assert.AreEqual(2, first.Total);
        Assert.IsFalse(second.Changed);
        Assert.AreEqual(4, third.Total);
        Assert.AreEqual("", RepositoryBench.Problems(await bench.VerifyAsync(key)));
        Assert.AreEqual(known, await File.ReadAllTextAsync(server.KnownHosts, Ct));
        Assert.IsEmpty(Directory.EnumerateFiles(bench.Root, ".*"), "no lock and nothing unfinished stays");
        Assert.AreNotEqual(before, bench.Fingerprint());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_folder_and_ssh_give_the_same_files()
    {
        using var local = new RepositoryBench(Ct);
        using var remote = new RepositoryBench(Ct);
        await using var server = await ServeAsync(remote);
        var key = await TestKey.Rsa;
        var packages = await local.SignedAsync(key, new RpmRecipe("twice"));

        await local.PublishAsync(key, packages);
        await remote.PublishAsync(key, packages);

        static IEnumerable<string> Names(RepositoryBench bench) => Directory.EnumerateFiles(bench.Root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(bench.Root, path)).Where(name => name is not ".dotnet-release.lock").Order(StringComparer.Ordinal);
        CollectionAssert.AreEqual(Names(local).ToList(), Names(remote).ToList());
    }

    // Case 51.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_lock_that_was_left_names_its_owner_and_the_way_out_and_only_that_one_is_taken_away()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("locked"));
        var dead = new StoreLease("t0ken", "alice on build7", 4711, DateTimeOffset.UtcNow.AddMinutes(-12)) { Purpose = "publish" };
        Directory.CreateDirectory(bench.Root);
        await File.WriteAllBytesAsync(Path.Combine(bench.Root, StoreLease.Location), dead.ToBytes(), Ct);
        var before = bench.Fingerprint();

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, packages));
        await using var store = bench.Store!.Open();
        Assert.IsFalse(await store.BreakLockAsync("another", Ct));
        Assert.AreEqual(before, bench.Fingerprint());
        Assert.IsTrue(await store.BreakLockAsync("t0ken", Ct));

        Assert.AreEqual(Fault.LockHeld, refused.Fault);
        Assert.AreEqual(ExitCode.Conflict, refused.Fault.Exit);
        Assert.Contains("alice on build7, process 4711, for 'publish'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("12 minutes ago", refused.Message, StringComparison.Ordinal);
        Assert.Contains("dotnet release repo unlock t0ken", refused.Remedy, StringComparison.Ordinal);
        Assert.IsTrue((await bench.PublishAsync(key, packages)).Changed);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_lock_of_a_process_that_lives_is_never_taken_away()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        await using var one = bench.Store!.Open();
        await using var other = bench.Store!.Open();
        await using var held = await one.LockAsync("publish", Ct);
        var token = StoreLease.Parse(await File.ReadAllBytesAsync(Path.Combine(bench.Root, StoreLease.Location), Ct)).Token;

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => other.BreakLockAsync(token, Ct));

        Assert.AreEqual(Fault.LockHeld, refused.Fault);
        Assert.Contains("runs on this machine", refused.Remedy, StringComparison.Ordinal);
        Assert.IsTrue(File.Exists(Path.Combine(bench.Root, StoreLease.Location)));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_ctrl_c_reaches_us_and_not_the_line_over_which_the_lock_is_given_back()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        await using var store = bench.Store!.Open();
        await using var held = await store.LockAsync("publish", Ct);

        var ours = Session("self");
        var lines = Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path))
            .Where(name => int.TryParse(name, out _) && CommandLine(name).Contains(server.ClientConfig, StringComparison.Ordinal)).ToList();

        Assert.HasCount(1, lines);
        Assert.AreNotEqual(ours, Session(lines[0]));

        static string Session(string process) => File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[3];

        static string CommandLine(string process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process}/cmdline");
            }
            catch (IOException)
            {
                return "";
            }
        }
    }

    // Case 52.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Of_two_publishers_at_once_one_is_refused_and_no_package_is_lost_when_it_comes_again()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        var key = await TestKey.Rsa;
        ImmutableArray<DotnetRelease.Rpm.SignedRpm>[] offers = [await bench.SignedAsync(key, new RpmRecipe("left")), await bench.SignedAsync(key, new RpmRecipe("right"))];

        await using (var holder = bench.Store!.Open())
        await using (await holder.LockAsync("publish", Ct))
        {
            var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, offers[0]));
            Assert.AreEqual(Fault.LockHeld, refused.Fault);
        }

        var results = await Task.WhenAll(offers.Select(async packages =>
        {
            try
            {
                await bench.PublishAsync(key, packages);
                return null;
            }
            catch (ReleaseException ex)
            {
                return ex;
            }
        }));
        foreach (var packages in offers)
        {
            await bench.PublishAsync(key, packages);
        }

        Assert.IsTrue(results.All(failure => failure is null || failure.Fault == Fault.LockHeld));
        Assert.IsTrue(results.Any(failure => failure is null));
        var report = await bench.VerifyAsync(key);
        Assert.AreEqual("", RepositoryBench.Problems(report));
        Assert.AreEqual(4, report.Items.Count(item => item.Nevra is not null));
    }

    // Case 58.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_host_key_that_changed_ends_it_before_anything_is_sent()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        await using var other = await SshServer.StartAsync(bench.Scratch, null, Ct);
        var key = (await File.ReadAllTextAsync(other.KnownHosts, Ct)).Split(' ', 2)[1];
        await File.WriteAllTextAsync(server.KnownHosts, $"[127.0.0.1]:{server.Port} {key}", Ct);
        var known = await File.ReadAllTextAsync(server.KnownHosts, Ct);

        var refused = await RefusedAsync(bench);

        Assert.AreEqual(Fault.StoreUnreachable, refused.Fault);
        Assert.AreEqual(ExitCode.Remote, refused.Fault.Exit);
        Assert.Contains("The key of host 'repo' is not the one that is known for it", refused.Message, StringComparison.Ordinal);
        Assert.AreEqual(known, await File.ReadAllTextAsync(server.KnownHosts, Ct));
        Assert.IsFalse(Directory.Exists(bench.Root));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_host_that_nobody_knows_is_not_learned()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        await File.WriteAllTextAsync(server.KnownHosts, "", Ct);

        var refused = await RefusedAsync(bench);

        Assert.AreEqual(Fault.StoreUnreachable, refused.Fault);
        Assert.AreEqual("", await File.ReadAllTextAsync(server.KnownHosts, Ct));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_key_that_the_server_does_not_take_is_said_with_what_to_try()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "authorized"), "", Ct);

        var refused = await RefusedAsync(bench);

        Assert.AreEqual(Fault.StoreUnreachable, refused.Fault);
        Assert.Contains("did not let us in", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ssh-add", refused.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_server_without_rename_over_a_file_is_refused_before_anything_is_sent()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench, $"{SshServer.SftpServer} -P posix-rename");

        var refused = await RefusedAsync(bench);

        Assert.AreEqual(Fault.StoreIncapable, refused.Fault);
        Assert.Contains("'repo'", refused.Message, StringComparison.Ordinal);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(bench.Root));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_full_disk_there_is_named_and_leaves_no_part_under_a_final_name()
    {
        using var bench = new RepositoryBench(Ct);
        var disk = bench.Scratch.Folder("repo");
        var wrapper = bench.Scratch.Write("full.sh", $"#!/bin/sh\nexec unshare --user --map-root-user --mount sh -c 'mount -t tmpfs -o size=300k tmpfs {disk} && exec {SshServer.SftpServer}'\n");
        File.SetUnixFileMode(wrapper, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var server = await ServeAsync(bench, wrapper);
        await using var store = bench.Store!.Open();
        var big = bench.Scratch["big.rpm"];
        await File.WriteAllBytesAsync(big, new byte[1024 * 1024], Ct);
        var file = new RepositoryFile("big.rpm", 1024 * 1024, await Digest.OfFileAsync(big, Ct));

        await using var held = await store.LockAsync("publish", Ct);
        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => store.AddAsync([FileOffer.Of(big, file)], Ct));

        Assert.AreEqual(Fault.StoreRefused, refused.Fault);
        Assert.Contains("The disk there is full", refused.Message, StringComparison.Ordinal);
        Assert.IsEmpty(await store.ListAsync("", Ct));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_line_that_breaks_in_the_middle_of_a_file_leaves_no_part_under_a_final_name()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        var content = new BreakingStream(64 * 1024 * 1024, 8 * 1024 * 1024, server.Drop);
        await using var store = bench.Store!.Open();
        await using var held = await store.LockAsync("publish", Ct);

        var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() =>
            store.AddAsync([new FileOffer(new RepositoryFile("big.rpm", 1, Digest.Of("x")), "a stream", _ => Task.FromResult<Stream>(content))], Ct));

        Assert.AreEqual(Fault.StoreUnreachable, refused.Fault);
        Assert.AreEqual(ExitCode.Remote, refused.Fault.Exit);
        Assert.Contains("'repo'", refused.Message, StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(Path.Combine(bench.Root, "big.rpm")));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_path_is_no_command()
    {
        using var bench = new RepositoryBench(Ct);
        await using var server = await ServeAsync(bench);
        var odd = bench.Scratch["a $(touch injected) `id` ; 'quoted' \"double\" *"];
        await using var store = (new SshAddress("repo", odd) { Config = server.ClientConfig }).Open();

        await using (await store.LockAsync("publish", Ct))
        {
            await store.WriteAsync("demo.repo", "[demo]"u8.ToArray(), Ct);
        }

        Assert.AreEqual("[demo]", await File.ReadAllTextAsync(Path.Combine(odd, "demo.repo"), Ct));
    }

    [TestMethod]
    [DataRow("ssh://-oProxyCommand=x/srv")]
    [DataRow("ssh://host")]
    [DataRow("ssh://host/")]
    [DataRow("ssh://host/srv?x=1")]
    [DataRow("ssh://-l@host/srv")]
    public void An_address_that_ssh_could_take_for_something_else_is_refused(string url) =>
        Assert.AreEqual(Fault.SettingsInvalid, Assert.ThrowsExactly<ReleaseException>(() => StoreAddress.Of(url)).Fault);

    [TestMethod]
    [DataRow("ssh://host/srv/repo", "/srv/repo")]
    [DataRow("ssh://me@host:2222/~/repo", "repo")]
    [DataRow("ssh://[::1]:22/srv/my%20repo", "/srv/my repo")]
    public void An_address_is_read(string url, string path) => Assert.AreEqual(path, ((SshAddress)StoreAddress.Of(url)).Path);

    private async Task<ReleaseException> RefusedAsync(RepositoryBench bench)
    {
        var key = await TestKey.Rsa;
        var packages = await bench.SignedAsync(key, new RpmRecipe("refused"));
        return await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, packages));
    }

    private async Task<SshServer> ServeAsync(RepositoryBench bench, string? sftp = null)
    {
        var server = await SshServer.StartAsync(bench.Scratch, sftp, Ct);
        bench.Store = new SshAddress("repo", bench.Root) { Config = server.ClientConfig };
        return server;
    }

    /// <summary>Zeros, and something happens on the way.</summary>
    private sealed class BreakingStream(long size, long at, Action breaks) : ForwardStream
    {
        private long _read;

        public override bool CanRead => true;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_read < at && _read + buffer.Length >= at)
            {
                breaks();
            }

            var count = (int)Math.Min(buffer.Length, size - _read);
            _read += count;
            return ValueTask.FromResult(count);
        }
    }
}
