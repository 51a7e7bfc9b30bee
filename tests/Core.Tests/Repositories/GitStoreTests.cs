using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Repositories.Git;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>Repositories in git with LFS; git and git-lfs themselves are the judges. Cases 52 and 59.</summary>
[TestClass]
public sealed class GitStoreTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_clone_with_git_lfs_is_the_repository_that_was_published()
    {
        using var bench = new RepositoryBench(Ct);
        var (key, remote) = (await TestKey.Ed25519, await RemoteAsync(bench));

        var first = await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("git-one")));
        var two = await bench.SignedAsync(key, new RpmRecipe("git-two"));
        var second = await bench.PublishAsync(key, two);
        var again = await bench.PublishAsync(key, two);

        Assert.IsTrue(first.Changed && second.Changed);
        Assert.IsFalse(again.Changed);
        Assert.AreEqual(4, second.Total);
        var clone = await remote.CloneAsync();
        var report = await VerifyAsync(key, Path.Combine(clone, "demo", "local"));
        Assert.IsTrue(report.Ok, RepositoryBench.Problems(report));
        Assert.IsTrue(report.Items.Where(item => item.Nevra is not null).All(item => item.Signer == key.Fingerprint), "real packages, signed");
        Assert.AreEqual("2", (await remote.GitAsync(remote.Path, "rev-list", "--count", "main")).Trim(), "one commit for each publication");
        Assert.StartsWith("demo-qa: publish git-one-1.0-1.noarch and 1 more\n\n+ git-one-1.0-1.noarch\n+ git-one-1.0-1.src\nRevision: ", await remote.LogAsync("main~1", "%B"), StringComparison.Ordinal);
        Assert.Contains("*.rpm filter=lfs", await File.ReadAllTextAsync(Path.Combine(clone, ".gitattributes"), Ct), StringComparison.Ordinal);
        Assert.StartsWith("version https://git-lfs", await remote.GitAsync(remote.Path, "show", "main:demo/local/git-one-1.0-1.noarch.rpm"), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_that_only_lfs_has_is_read_from_there()
    {
        using var bench = new RepositoryBench(Ct);
        var (key, remote) = (await TestKey.Ed25519, await RemoteAsync(bench));
        var signed = await bench.SignedAsync(key, new RpmRecipe("git-read"));
        await bench.PublishAsync(key, signed);

        await using var store = remote.Address().Open();
        await using var stream = (await store.OpenAsync(signed[0].File.Nevra.FileName, Ct))!;

        Assert.AreEqual(signed[0].File.Sha256, await StoreReading.CopyAsync(stream, null, Ct));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Somebody_who_was_faster_is_not_overwritten()
    {
        using var bench = new RepositoryBench(Ct);
        var (key, remote) = (await TestKey.Ed25519, await RemoteAsync(bench));
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("git-raced")));
        await using var store = remote.Address().Open();
        await using var held = await store.LockAsync("publish", Ct);
        await store.WriteAsync("mine.txt", "mine"u8.ToArray(), Ct);
        await remote.PushAsync("theirs.txt", "theirs");
        var tip = await remote.TipAsync();

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => store.FinishAsync("Mine\n", Ct));

        Assert.AreEqual(Fault.RepositoryMoved, thrown.Fault, thrown.Message);
        Assert.AreEqual(ExitCode.Conflict, thrown.Fault.Exit);
        Assert.Contains("Branch 'main'", thrown.Message, StringComparison.Ordinal);
        Assert.AreEqual(tip, await remote.TipAsync());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_protected_branch_says_how_to_go_on_and_a_pull_request_does()
    {
        using var bench = new RepositoryBench(Ct);
        var (key, remote) = (await TestKey.Ed25519, await RemoteAsync(bench));
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("git-protected")));
        var hook = Path.Combine(remote.Path, "hooks", "update");
        await File.WriteAllTextAsync(hook, "#!/bin/sh\n[ \"$1\" != refs/heads/main ] || { echo 'GH006: protected branch update failed' >&2; exit 1; }\n", Ct);
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var (tip, signed) = (await remote.TipAsync(), await bench.SignedAsync(key, new RpmRecipe("git-protected", "1.1")));

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => bench.PublishAsync(key, signed));
        bench.Store = remote.Address("?pull-request=true");
        var receipt = await bench.PublishAsync(key, signed);

        Assert.AreEqual(Fault.StoreRefused, thrown.Fault, thrown.Message);
        Assert.Contains("pull-request=true", thrown.Remedy, StringComparison.Ordinal);
        Assert.AreEqual(tip, await remote.TipAsync(), "the branch is what it was");
        var branch = receipt.Link!.Split(' ')[1];
        Assert.StartsWith("dotnet-release/demo/local-", branch, StringComparison.Ordinal);
        Assert.IsTrue((await VerifyAsync(key, Path.Combine(await remote.CloneAsync(branch), "demo", "local"))).Ok);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task When_the_objects_do_not_arrive_the_branch_does_not_name_them()
    {
        using var bench = new RepositoryBench(Ct);
        var (key, remote) = (await TestKey.Ed25519, await RemoteAsync(bench));
        await remote.PushAsync("readme", "There was something before");
        await File.WriteAllTextAsync(Path.Combine(remote.Path, "lfs"), "a file where objects should go", Ct);
        var tip = await remote.TipAsync();

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(async () => await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("git-noroom"))));

        Assert.AreEqual(ExitCode.Remote, thrown.Fault.Exit, thrown.Message);
        Assert.AreEqual(tip, await remote.TipAsync());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Nothing_that_lies_in_the_repository_is_obeyed_or_followed()
    {
        using var bench = new RepositoryBench(Ct);
        var (key, remote) = (await TestKey.Ed25519, await RemoteAsync(bench));
        var (canary, victim) = (bench.Scratch["canary"], bench.Scratch.Folder("victim"));
        await remote.PushAsync(".lfsconfig", "[lfs]\n\turl = http://127.0.0.1:9/evil\n\tpushurl = http://127.0.0.1:9/evil\n");
        await remote.PushAsync(".gitattributes", $"* filter=evil\n*.rpm filter=lfs diff=lfs merge=lfs -text\n");
        await remote.PushAsync(".gitignore", "*.rpm\nrepodata\n");
        var clone = await remote.CloneAsync();
        Directory.CreateDirectory(Path.Combine(clone, "demo"));
        File.CreateSymbolicLink(Path.Combine(clone, "demo", "local"), victim);
        await remote.GitAsync(clone, "add", "--all");
        await remote.GitAsync(clone, "commit", "--quiet", "-m", "A link");
        await remote.GitAsync(clone, "push", "--quiet", "origin", "main");

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(async () => await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("git-hostile"))));
        bench.Store = StoreAddress.Of(remote.Url).Below("other");
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("git-hostile")));

        Assert.AreEqual(Fault.WriteFailed, thrown.Fault, thrown.Message);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(victim));
        Assert.IsFalse(File.Exists(canary));
        Assert.StartsWith("version https://git-lfs", await remote.GitAsync(remote.Path, "show", "main:other/git-hostile-1.0-1.noarch.rpm"), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_work_tree_of_pointers_is_verified_and_published_to()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Ed25519;
        var signed = await bench.SignedAsync(key, new RpmRecipe("pointer-one"));
        await bench.PublishAsync(key, signed);
        await Exec.ReadAsync(new Command("git", "init", "--quiet", bench.Scratch["repo"]), Ct);
        foreach (var package in signed)
        {
            await File.WriteAllBytesAsync(Path.Combine(bench.Root, package.File.Nevra.FileName), new LfsPointer(package.File.Sha256, package.File.Size).ToBytes(), Ct);
        }

        var before = await bench.VerifyAsync(key);
        await bench.PublishAsync(key, await bench.SignedAsync(key, new RpmRecipe("pointer-two")));
        var again = await bench.PublishAsync(key, signed);
        var after = await bench.VerifyAsync(key);

        Assert.IsTrue(before.Ok && after.Ok, RepositoryBench.Problems(after));
        Assert.IsTrue(before.Items.Where(item => item.Nevra is not null).All(item => item.Note!.StartsWith("is the Git LFS pointer", StringComparison.Ordinal) && item.Signer is null));
        Assert.HasCount(2, after.Items.Where(item => item.Note?.StartsWith("is the Git LFS pointer", StringComparison.Ordinal) is true));
        Assert.IsFalse(again.Changed);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_pointer_to_another_package_and_one_that_clients_would_get_are_refused()
    {
        using var bench = new RepositoryBench(Ct);
        var key = await TestKey.Ed25519;
        var signed = await bench.SignedAsync(key, new RpmRecipe("pointer-served"));
        await bench.PublishAsync(key, signed);
        var path = Path.Combine(bench.Root, signed[0].File.Nevra.FileName);
        await File.WriteAllBytesAsync(path, new LfsPointer(signed[0].File.Sha256, signed[0].File.Size).ToBytes(), Ct);

        var served = await bench.VerifyAsync(key);
        await Exec.ReadAsync(new Command("git", "init", "--quiet", bench.Scratch["repo"]), Ct);
        await File.WriteAllBytesAsync(path, new LfsPointer(Digest.Of("other"), signed[0].File.Size).ToBytes(), Ct);
        var other = await bench.VerifyAsync(key);

        Assert.IsFalse(served.Ok);
        Assert.IsFalse(other.Ok);
        Assert.Contains("is a Git LFS pointer to sha256", RepositoryBench.Problems(other), StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nsize 12\n", true)]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nsize 12\n\n", false)]
    [DataRow("version https://git-lfs.github.com/spec/v1\nsize 12\noid sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n", false)]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nsize 12\n", false)]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nsize -1\n", false)]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nsize 9999999999999999999\n", false)]
    [DataRow("version https://git-lfs.github.com/spec/v1\next-0-x sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\noid sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nsize 1\n", false)]
    [DataRow("", false)]
    public void A_pointer_has_exactly_three_lines(string text, bool expected)
    {
        var pointer = LfsPointer.TryParse(System.Text.Encoding.UTF8.GetBytes(text));

        Assert.AreEqual(expected, pointer is not null);
        Assert.AreEqual(expected ? text : null, pointer is null ? null : System.Text.Encoding.UTF8.GetString(pointer.ToBytes()));
    }

    [TestMethod]
    [DataRow("git+https://github.com/o/r?branch=release&pull-request=true", "https://github.com/o/r")]
    [DataRow("git+ssh://git@github.com/o/r.git", "ssh://git@github.com/o/r.git")]
    [DataRow("git+file:///srv/r.git?folder=yum", "file:///srv/r.git")]
    public void An_address_gives_git_what_git_takes(string text, string remote) => Assert.AreEqual(remote, ((GitAddress)StoreAddress.Of(text)).Remote);

    [TestMethod]
    [DataRow("git+https://github.com/")]
    [DataRow("git+https://github.com/o/r?branch=--upload-pack=x")]
    [DataRow("git+https://github.com/o/r?branch=a..b")]
    [DataRow("git+https://github.com/o/r?branch=x.lock")]
    [DataRow("git+https://github.com/o/r?folder=../x")]
    [DataRow("git+https://github.com/o/r?pull-request=yes")]
    [DataRow("git+https://github.com/o/r?brunch=x")]
    [DataRow("git+https://github.com/o/r#x")]
    [DataRow("git+ssh://-oProxyCommand=x/o/r")]
    public void An_address_that_git_could_misread_is_refused(string text) =>
        Assert.AreEqual(Fault.SettingsInvalid, Assert.ThrowsExactly<ReleaseException>(() => StoreAddress.Of(text)).Fault);

    [TestMethod]
    public void The_page_for_a_pull_request_follows_from_the_remote()
    {
        var hub = (GitAddress)StoreAddress.Of("git+ssh://git@github.com/o/r.git");
        var lab = (GitAddress)StoreAddress.Of("git+https://gitlab.example.org/g/o/r");

        Assert.AreEqual("https://github.com/o/r/compare/main...a/b?expand=1", hub.PullRequestPage("a/b", "main"));
        Assert.AreEqual("https://gitlab.example.org/g/o/r/-/merge_requests/new?merge_request%5Bsource_branch%5D=a%2Fb&merge_request%5Btarget_branch%5D=main", lab.PullRequestPage("a/b", "main"));
    }

    private async Task<GitRemote> RemoteAsync(RepositoryBench bench)
    {
        var remote = await new GitRemote(bench.Scratch, Ct).InitAsync();
        bench.Store = remote.Address();
        return remote;
    }

    private async Task<RepositoryReport> VerifyAsync(TestKey key, string folder)
    {
        await using var trusted = await RpmVerifier.OpenAsync([await key.PublicAsync()], Ct);
        return await RepositoryVerifier.VerifyAsync(folder, trusted, Ct);
    }
}
