using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Fixtures;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>Repositories in git behind a real sshd that announces an LFS server, as hosts do it. Cases 52 and 59.</summary>
[TestClass]
public sealed class GitLfsServerTests(TestContext test)
{
    private const int Patience = 180_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Packages_are_on_the_lfs_server_before_the_branch_moves_and_are_read_back_from_there()
    {
        await using var world = await WorldAsync();
        var one = await world.SignedAsync("lfs-one");
        await world.LogObjectsBeforeEachPushAsync();

        await world.PublishAsync(one);

        CollectionAssert.AreEqual(Oids(one), world.Lfs.Objects);
        CollectionAssert.AreEqual(Oids(one), world.ObjectsBeforePush, "what was there when the branch moved");
        CollectionAssert.AreEqual((string[])["batch", "upload", "upload", "verify", "verify"], world.Kinds);
        CollectionAssert.AreEqual((string[])[$"{world.Remote.Path} upload"], world.Lfs.Announced.Distinct().ToArray());
        await using var store = world.Store.Open();
        foreach (var package in one)
        {
            await using var stream = (await store.OpenAsync(package.File.Nevra.FileName, Ct))!;
            Assert.AreEqual(package.File.Sha256, await StoreReading.CopyAsync(stream, null, Ct));
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_next_publication_uploads_only_what_is_new_and_gets_nothing()
    {
        await using var world = await WorldAsync();
        var (one, two) = (await world.SignedAsync("lfs-old"), await world.SignedAsync("lfs-new"));
        await world.PublishAsync(one);
        var before = world.Lfs.Requests.Count;

        var second = await world.PublishAsync(two);
        var more = world.Lfs.Requests.Skip(before).ToArray();
        var again = await world.PublishAsync(two);

        Assert.AreEqual(4, second.Total);
        CollectionAssert.AreEqual(Oids(two), more.Where(request => request.Kind is "upload").Select(request => request.Oid).Order(StringComparer.Ordinal).ToArray());
        Assert.IsFalse(more.Any(request => request.Kind is "download"));
        Assert.IsFalse(again.Changed);
        Assert.HasCount(before + more.Length, world.Lfs.Requests, "the same again asks nothing");
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("batch", "507 Insufficient Storage", "The disk is full", "REL5008", "has no room for the packages (batch response: The disk is full)")]
    [DataRow("batch", "413 Content Too Large", "Larger than 100 MB", "REL5008", "has no room for the packages")]
    [DataRow("each object", "413", "No", "REL5008", "has no room for the packages")]
    [DataRow("each object", "403", "No", "REL5007", "did not let us in")]
    [DataRow("batch", "403 Forbidden", "Pushes need the role of a maintainer", "REL5008", "did not take the packages (batch response: Pushes need the role of a maintainer)")]
    [DataRow("batch", "422 Unprocessable Entity", "No such hash", "REL5008", "did not take the packages")]
    [DataRow("batch", "500 Internal Server Error", "Something broke", "REL5008", "did not take the packages (batch response: Fatal error: Something broke)")]
    [DataRow("upload", "422 Unprocessable Entity", "No such hash", "REL5008", "did not take the packages (it answered an upload with 422)")]
    [DataRow("upload", "507 Insufficient Storage", "The disk is full", "REL5008", "has no room for the packages (LFS: The disk is full)")]
    [DataRow("verify", "404 Not Found", "The object did not arrive", "REL5008", "did not take the packages (The object did not arrive)")]
    public async Task An_lfs_server_that_refuses_is_understood_and_nothing_changed(string kind, string status, string said, string id, string words)
    {
        await using var world = await WorldAsync();
        await world.PublishAsync(await world.SignedAsync("lfs-there"));
        var (tip, objects, signed) = (await world.Remote.TipAsync(), world.Lfs.Objects, await world.SignedAsync("lfs-refused"));
        world.Lfs.Misbehave = request => Task.FromResult(
            request.Kind == kind ? new LfsFailure(status, said)
            : kind is "each object" && request.Kind is "batch" ? LfsFailure.OfEachObject(request, int.Parse(status, CultureInfo.InvariantCulture), said)
            : null);

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => world.PublishAsync(signed));

        Assert.AreEqual(id, thrown.Fault.Id, thrown.Message);
        Assert.AreEqual(ExitCode.Remote, thrown.Fault.Exit);
        Assert.Contains(words, thrown.Message, StringComparison.Ordinal);
        Assert.AreNotEqual("", thrown.Remedy);
        Assert.DoesNotContain("lfs-secret", thrown.Message + thrown.Remedy, StringComparison.Ordinal);
        Assert.AreEqual(tip, await world.Remote.TipAsync());
        if (kind is not "verify")
        {
            CollectionAssert.AreEqual(objects, world.Lfs.Objects);
        }

        world.Lfs.Misbehave = _ => Task.FromResult<LfsFailure?>(null);
        Assert.AreEqual(4, (await world.PublishAsync(signed)).Total, "the same command again");
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(false)]
    [DataRow(true)]
    public async Task An_object_that_is_gone_or_is_another_one_is_not_taken_for_the_package(bool isOther)
    {
        await using var world = await WorldAsync();
        var signed = await world.SignedAsync("lfs-gone");
        await world.PublishAsync(signed);
        var oid = signed[0].File.Sha256.Hex;
        if (isOther)
        {
            await File.WriteAllBytesAsync(Path.Combine(world.Lfs.Folder, oid), new byte[signed[0].File.Size], Ct);
        }
        else
        {
            File.Delete(Path.Combine(world.Lfs.Folder, oid));
        }

        await using var store = world.Store.Open();
        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => store.OpenAsync(signed[0].File.Nevra.FileName, Ct));

        Assert.AreEqual(Fault.StoreRefused, thrown.Fault, thrown.Message);
        Assert.AreEqual(ExitCode.Remote, thrown.Fault.Exit);
        Assert.Contains($"did not give the object {oid} of 'demo/local/{signed[0].File.Nevra.FileName}'", thrown.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Of_two_publishers_at_once_one_meets_a_conflict_and_its_next_run_loses_no_package()
    {
        await using var world = await WorldAsync();
        await world.PublishAsync(await world.SignedAsync("lfs-base"));
        var packages = new[] { await world.SignedAsync("lfs-left"), await world.SignedAsync("lfs-right") };

        // Both have read the branch when they ask where to put their objects: nobody gets an answer before both have asked.
        var (waiting, both) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        world.Lfs.Misbehave = async request =>
        {
            if (request.Kind is "batch" && Interlocked.Increment(ref waiting) is 2)
            {
                both.SetResult();
            }

            await both.Task.WaitAsync(Ct);
            return null;
        };

        var runs = packages.Select(world.PublishAsync).ToArray();
        await Task.WhenAll(runs).ContinueWith(_ => { }, Ct, TaskContinuationOptions.None, TaskScheduler.Default);

        var failure = (ReleaseException)runs.Single(run => run.IsFaulted).Exception!.InnerException!;
        Assert.AreEqual(Fault.RepositoryMoved, failure.Fault, failure.Message);
        Assert.AreEqual(ExitCode.Conflict, failure.Fault.Exit);
        Assert.AreEqual(6, (await world.PublishAsync(packages[runs[0].IsFaulted ? 0 : 1])).Total);
        Assert.AreEqual("3", (await world.Remote.GitAsync(world.Remote.Path, "rev-list", "--count", "main")).Trim());
        Assert.HasCount(6, world.Lfs.Objects);
    }

    // What the ssh server announced is for the server it named.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_token_does_not_follow_a_redirect_to_another_server()
    {
        await using var world = await WorldAsync();
        var signed = await world.SignedAsync("lfs-redirected");
        await using var elsewhere = new RawServer(async (_, answer) => await answer.StatusAsync("404 Not Found"));
        world.Lfs.Misbehave = request => Task.FromResult<LfsFailure?>(new LfsFailure("307 Temporary Redirect") { Headers = $"Location: {elsewhere[request.Http.Target[1..]]}" });

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => world.PublishAsync(signed));

        Assert.AreEqual(ExitCode.Remote, thrown.Fault.Exit);
        Assert.IsNotEmpty(elsewhere.Requests);
        Assert.IsTrue(elsewhere.Requests.All(request => request["Authorization"] is null), "the token went elsewhere");
        Assert.AreEqual("", await world.Remote.TipAsync());
    }

    private async Task<World> WorldAsync()
    {
        var bench = new RepositoryBench(Ct);
        var ssh = await SshServer.StartAsync(bench.Scratch, null, Ct);
        var lfs = LfsServer.Start(bench.Scratch);
        lfs.AnnounceBy(ssh);
        var remote = await new GitRemote(bench.Scratch, Ct).InitAsync();
        bench.Store = remote.Behind(ssh);
        return new World(bench, ssh, lfs) { Remote = remote, Key = await TestKey.Ed25519 };
    }

    private static string[] Oids(ImmutableArray<SignedRpm> packages) => [.. packages.Select(package => package.File.Sha256.Hex).Order(StringComparer.Ordinal)];

    private sealed class World(RepositoryBench bench, SshServer ssh, LfsServer lfs) : IAsyncDisposable
    {
        internal LfsServer Lfs => lfs;

        internal required GitRemote Remote { get; init; }

        internal required TestKey Key { get; init; }

        internal StoreAddress Store => bench.Store!;

        /// <summary>What the LFS server was asked, ordered.</summary>
        internal string[] Kinds => [.. lfs.Requests.Select(request => request.Kind).Order(StringComparer.Ordinal)];

        internal string[] ObjectsBeforePush => File.ReadAllLines(bench.Scratch["before-push"]);

        internal Task<ImmutableArray<SignedRpm>> SignedAsync(string name) => bench.SignedAsync(Key, new RpmRecipe(name));

        internal Task<Receipt> PublishAsync(ImmutableArray<SignedRpm> packages) => bench.PublishAsync(Key, packages);

        internal async Task LogObjectsBeforeEachPushAsync()
        {
            var hook = Path.Combine(Remote.Path, "hooks", "update");
            await File.WriteAllTextAsync(hook, $"#!/bin/sh\nLC_ALL=C ls '{lfs.Folder}' > '{bench.Scratch["before-push"]}'\n");
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public async ValueTask DisposeAsync()
        {
            await ssh.DisposeAsync();
            await lfs.DisposeAsync();
            bench.Dispose();
        }
    }
}
