using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>Whoever wrote a tag may have written the repository's configuration: nothing in it may be run, and nothing may be shown in place of what was signed.</summary>
[TestClass]
public sealed class HostileRepositoryTests
{
    private const int Patience = 60_000;

    /// <summary>Every place known to us where git starts what a repository names.</summary>
    private const string Configuration = """
        [core]
            fsmonitor = CANARY
            hooksPath = HOOKS
            pager = CANARY
            editor = CANARY
            sshCommand = CANARY
            askPass = CANARY
            gitProxy = CANARY
            alternateRefsCommand = CANARY
            attributesFile = ATTRIBUTES
        [gpg]
            program = CANARY
            format = ssh
        [gpg "ssh"]
            program = CANARY
            allowedSignersFile = CANARY
            defaultKeyCommand = CANARY
            revocationFile = CANARY
        [gpg "openpgp"]
            program = CANARY
        [gpg "x509"]
            program = CANARY
        [alias]
            cat-file = !CANARY
            for-each-ref = !CANARY
            symbolic-ref = !CANARY
            verify-tag = !CANARY
        [include]
            path = MORE
        [diff]
            external = CANARY
        [diff "evil"]
            textconv = CANARY
            command = CANARY
        [filter "evil"]
            smudge = CANARY
            clean = CANARY
            process = CANARY
            required = true
        [credential]
            helper = !CANARY
        [log]
            showSignature = true
        [protocol]
            allow = always
        [protocol "ext"]
            allow = always
        [remote "origin"]
            url = ext::CANARY
            uploadpack = CANARY
            promisor = true
            partialclonefilter = blob:none
            fetch = +refs/heads/*:refs/remotes/origin/*
        [extensions]
            partialClone = origin
            worktreeConfig = true
        """;

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_67_nothing_that_the_repository_names_is_run()
    {
        using var project = await TagProject.OfAliceAsync();
        project.Write(".gitattributes", "* filter=evil diff=evil\n");
        await project.CommitAsync("attributes");
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        var payload = project.Payload("v1.0.1");
        await project.StoreAsync("v1.0.1", payload, await TagProject.SignAsync(payload, await TestKey.Rsa));
        var canary = await PoisonAsync(project);

        var accepted = await TagJudge.AcceptAsync(project);
        await TagJudge.RefuseAsync(project, Fault.TagSignerUnknown, "", new("v1.0.1"));

        Assert.AreEqual("1.0.0", accepted.Version);
        Assert.IsFalse(File.Exists(canary), "Something of the repository's configuration was run.");

        // The canary sings: git by itself runs what the configuration names.
        _ = await Exec.RunAsync(new Command("git", "-C", project.Root, "verify-tag", "v1.0.0"), CancellationToken.None);
        Assert.IsTrue(File.Exists(canary), "The trap does not work, so the test proves nothing.");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_68_a_missing_object_of_a_partial_clone_is_not_fetched()
    {
        using var project = await TagProject.OfAliceAsync();
        var id = await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        var canary = await PoisonAsync(project);
        File.Delete(Path.Combine(project.Root, ".git", "objects", id[..2], id[2..]));

        var run = await TagJudge.RunAsync(project);
        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.VerifyAsync(new("v1.0.0"), CancellationToken.None));

        Assert.AreEqual(ExitCode.Usage, failure.Fault.Exit, failure.Message);
        Assert.Contains(id, failure.Message, StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(canary), "git went to fetch what is missing.");
        _ = await Exec.RunAsync(new Command("git", "-C", project.Root, "cat-file", "tag", id), CancellationToken.None);
        Assert.IsTrue(File.Exists(canary), "The trap does not work, so the test proves nothing.");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_68_replace_refs_and_grafts_show_nobody_another_object()
    {
        using var project = await TagProject.OfAliceAsync();
        var (first, commit) = (await project.TagAsync("v1.0.0", await TestKey.Ed25519), project.Commit);
        var other = await project.CommitAsync("two");
        var payload = project.Payload("v1.0.1", other);
        var forged = await project.StoreAsync("v1.0.1", payload);
        await project.GitAsync("replace", "-f", forged, first);
        await project.GitAsync("replace", "-f", commit, other);
        Directory.CreateDirectory(Path.Combine(project.Root, ".git", "info"));
        await File.WriteAllTextAsync(Path.Combine(project.Root, ".git", "info", "grafts"), $"{other}\n", CancellationToken.None);

        await TagJudge.RefuseAsync(project, Fault.TagNotSigned, forged, new("v1.0.1"));
        var verdict = await TagJudge.AcceptAsync(project);

        Assert.AreEqual((first, commit), (verdict.Tag.Id, verdict.Commit));
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Case_68_in_a_shallow_clone_the_true_objects_are_verified_or_named_as_missing()
    {
        using var origin = await TagProject.OfAliceAsync();
        var id = await origin.TagAsync("v1.0.0", await TestKey.Ed25519);
        using var scratch = new Scratch();
        var clone = scratch["clone"];
        await Exec.ReadAsync(new Command("git", "clone", "-q", "--depth", "1", "--branch", "v1.0.0", $"file://{origin.Root}", clone).With("GIT_CONFIG_GLOBAL", "/dev/null"), CancellationToken.None);
        var run = new TagRun(await Workspace.OpenAsync(clone, null, CancellationToken.None), new ListReporter());

        var verdict = await run.VerifyAsync(new("v1.0.0") { Maintainers = "HEAD" }, CancellationToken.None);
        var nobody = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.VerifyAsync(new("v1.0.0"), CancellationToken.None));
        var missing = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.VerifyAsync(new("v2.0.0"), CancellationToken.None));

        Assert.AreEqual(id, verdict.Tag.Id);
        Assert.AreEqual(Fault.ProtectedBranchUnknown, nobody.Fault);
        Assert.AreEqual(Fault.TagUnknown, missing.Fault);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task An_object_whose_bytes_were_exchanged_is_refused()
    {
        using var project = await TagProject.OfAliceAsync();
        var id = await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        var payload = project.Payload(made: DateTimeOffset.UtcNow.AddHours(-1));
        var other = await project.StoreAsync("v1.0.1", payload, await TagProject.SignAsync(payload, await TestKey.Ed25519));
        var objects = Path.Combine(project.Root, ".git", "objects");
        File.Delete(Path.Combine(objects, id[..2], id[2..]));
        File.Copy(Path.Combine(objects, other[..2], other[2..]), Path.Combine(objects, id[..2], id[2..]));

        await TagJudge.RefuseAsync(project, Fault.TagMalformed, "other bytes than its id");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_configuration_that_is_read_from_a_pipe_ends_after_a_while()
    {
        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        var pipe = Path.Combine(project.Root, ".git", "pipe");
        await Exec.ReadAsync(new Command("mkfifo", pipe), CancellationToken.None);
        await File.AppendAllTextAsync(Path.Combine(project.Root, ".git", "config"), $"[include]\n\tpath = {pipe}\n", CancellationToken.None);
        var run = new TagRun(await Workspace.OpenAsync(project.Root, null, CancellationToken.None), new ListReporter()) { Patience = TimeSpan.FromSeconds(1) };

        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.VerifyAsync(new("v1.0.0"), CancellationToken.None));

        Assert.AreEqual(Fault.ToolFailed, failure.Fault);
        Assert.Contains(".git/config", failure.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_repository_of_another_user_can_be_read_because_nothing_of_it_is_run()
    {
        if (Environment.UserName is not "root")
        {
            Assert.Inconclusive("Only root can give a folder to somebody else.");
        }

        using var project = await TagProject.OfAliceAsync();
        await project.TagAsync("v1.0.0", await TestKey.Ed25519);
        await Exec.ReadAsync(new Command("chown", "-R", "65534:65534", project.Root), CancellationToken.None);

        Assert.AreEqual("1.0.0", (await TagJudge.AcceptAsync(project)).Version);
    }

    /// <summary>Sets the trap; the returned file appears when anything of it is run.</summary>
    private static async Task<string> PoisonAsync(TagProject project)
    {
        var git = Path.Combine(project.Root, ".git");
        var (canary, program, hooks) = (Path.Combine(git, "sang"), Path.Combine(git, "canary"), Path.Combine(git, "evil-hooks"));
        await WriteProgramAsync(program, canary);
        foreach (var hook in (string[])["reference-transaction", "post-index-change", "fsmonitor-watchman", "post-checkout"])
        {
            await WriteProgramAsync(Path.Combine(hooks, hook), canary);
            await WriteProgramAsync(Path.Combine(git, "hooks", hook), canary);
        }

        await File.WriteAllTextAsync(Path.Combine(git, "more"), $"[gpg]\n\tprogram = {program}\n\tformat = openpgp\n", CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(git, "attributes"), "* filter=evil diff=evil\n", CancellationToken.None);
        var text = Configuration.Replace("CANARY", program, StringComparison.Ordinal).Replace("HOOKS", hooks, StringComparison.Ordinal)
            .Replace("MORE", Path.Combine(git, "more"), StringComparison.Ordinal).Replace("ATTRIBUTES", Path.Combine(git, "attributes"), StringComparison.Ordinal);
        await File.AppendAllTextAsync(Path.Combine(git, "config"), $"[core]\n\trepositoryformatversion = 1\n{text}\n", CancellationToken.None);
        return canary;
    }

    private static async Task WriteProgramAsync(string path, string canary)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, $"#!/bin/sh\necho \"$0 $*\" >> '{canary}'\n", CancellationToken.None);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
