using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Sources;

namespace DotnetRelease.Core.Tests.Sources;

/// <summary>An archive of a commit has the same bytes for everybody; git itself is the judge.</summary>
[TestClass]
public sealed class GitArchiveTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_bytes_are_those_of_git_archive()
    {
        using var project = await OddProjectAsync();
        using var scratch = new Scratch();
        var commit = await project.CommitAsync("odd");
        await project.GitAsync("-c", "tar.umask=0002", "archive", "--format=tar", "--prefix=tool-1.2/", "-o", scratch["judge.tar"], commit);

        await new GitArchive(new Git(project.Root), commit, "tool-1.2").WriteAsync(scratch["own.tar"], Ct);

        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(scratch["judge.tar"], Ct), await File.ReadAllBytesAsync(scratch["own.tar"], Ct));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Another_clone_with_another_configuration_gives_the_same_bytes()
    {
        using var project = await OddProjectAsync();
        using var scratch = new Scratch();
        project.Write(".gitattributes", "* text=auto eol=crlf ident\n*.md export-ignore\nversion export-subst\n");
        project.Write("version", "$Format:%H$ $Id$\n");
        var commit = await project.CommitAsync("attributes");
        await project.GitAsync("clone", "-q", "--bare", project.Root, scratch["clone.git"]);
        var attributes = scratch.Write("attributes", "* export-ignore\n");
        foreach (var (key, value) in new[] { ("tar.umask", "0077"), ("core.autocrlf", "true"), ("core.attributesFile", attributes), ("core.compression", "0"), ("filter.x.clean", "false"), ("log.showSignature", "true") })
        {
            await project.GitAsync("--git-dir", scratch["clone.git"], "config", key, value);
        }

        scratch.Write("clone.git/info/attributes", "* export-ignore filter=x\n");

        await new GitArchive(new Git(project.Root), commit, "tool").WriteAsync(scratch["one.tar.gz"], Ct);
        await new GitArchive(new Git(scratch["clone.git"]) { IsUntrusted = true }, commit, "tool").WriteAsync(scratch["two.tar.gz"], Ct);

        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(scratch["one.tar.gz"], Ct), await File.ReadAllBytesAsync(scratch["two.tar.gz"], Ct));
        var listed = (await Exec.ReadAsync(new Command("tar", "-xzOf", scratch["one.tar.gz"], "tool/README.md", "tool/version"), Ct)).Output;
        Assert.AreEqual("read me\n$Format:%H$ $Id$\n", listed);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task An_archive_of_sha256_objects_is_made_too()
    {
        using var scratch = new Scratch();
        var folder = scratch.Folder("repo");
        const string script = """
            cd "$0" && git init -q --object-format=sha256 && echo x > a && git add a && git -c user.name=T -c user.email=t@x commit -qm x && git rev-parse HEAD
            """;
        var commit = (await Exec.ReadAsync(new Command("sh", "-c", script, folder).With("GIT_CONFIG_GLOBAL", "/dev/null"), Ct)).Output.Trim();

        await new GitArchive(new Git(folder), commit, "x").WriteAsync(scratch["x.tar"], Ct);

        var id = await Exec.ReadAsync(new Command("git", "get-tar-commit-id") { Input = await File.ReadAllBytesAsync(scratch["x.tar"], Ct) }, Ct);
        Assert.AreEqual(commit, id.Output.Trim());
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_disk_that_takes_no_archive_is_named()
    {
        using var project = await GitProject.CreateAsync();
        var commit = await project.CommitAsync("a", "a");

        var nowhere = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new GitArchive(new Git(project.Root), commit, "x").WriteAsync("/nonexistent/x.tar", Ct));

        Assert.AreEqual(Fault.WriteFailed, nowhere.Fault);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_submodule_is_named_and_refused()
    {
        using var project = await GitProject.CreateAsync();
        var commit = await project.CommitAsync("a", "a");
        await project.GitAsync("update-index", "--add", "--cacheinfo", $"160000,{commit},vendor/lib");
        var with = await CommitIndexAsync(project);

        var error = await RefusedAsync(project, with);

        Assert.Contains("it has submodules (vendor/lib)", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_pointer_to_large_file_storage_is_named_and_refused()
    {
        using var project = await GitProject.CreateAsync();
        var commit = await project.CommitAsync("data/model.bin", $"version https://git-lfs.github.com/spec/v1\noid sha256:{new string('a', 64)}\nsize 12345\n");

        var error = await RefusedAsync(project, commit);

        Assert.Contains("'data/model.bin' is only a pointer", error.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("100644 blob a        5\t../x\0")]
    [DataRow("100644 blob a        5\ta//x\0")]
    [DataRow("100644 blob a        5\ta/.GIT/config\0")]
    [DataRow("100644 blob a        5\0")]
    public void Paths_that_lead_elsewhere_are_no_tree(string line) =>
        Assert.ThrowsExactly<FormatException>(() => GitTreeEntry.ReadAll(Encoding.Latin1.GetBytes(line)));

    private async Task<ReleaseException> RefusedAsync(GitProject project, string commit)
    {
        using var scratch = new Scratch();
        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => new GitArchive(new Git(project.Root), commit, "x").WriteAsync(scratch["x.tar"], Ct));
        Assert.AreEqual(Fault.SourceTreeRefused, error.Fault);
        return error;
    }

    private static async Task<string> CommitIndexAsync(GitProject project)
    {
        await project.GitAsync("commit", "-q", "-m", "index");
        return (await project.GitAsync("rev-parse", "HEAD")).Trim();
    }

    /// <summary>Long names, names of bytes, links, programs, empty files, and an order that is not that of the alphabet.</summary>
    private static async Task<GitProject> OddProjectAsync()
    {
        var project = await GitProject.CreateAsync();
        project.Write("README.md", "read me\n");
        project.Write("empty", "");
        project.Write("full", new string('x', 512));
        project.Write("a.b/file", "1");
        project.Write("a/file", "2");
        project.Write("a0/file", "3");
        project.Write("ümläut/ß", "4");
        project.Write("run.sh", "#!/bin/sh\n");
        File.SetUnixFileMode(Path.Combine(project.Root, "run.sh"), (UnixFileMode)0x1FF);
        var deep = string.Join('/', Enumerable.Repeat("folder-of-some-length", 5));
        project.Write($"{deep}/file", "5");
        project.Write($"{deep}/{deep}/{new string('f', 99)}", "6");
        project.Write($"{deep}/{deep}/{new string('f', 120)}", "7");
        project.Write($"{new string('n', 150)}", "8");
        project.Write($"{new string('d', 95)}/x", "9");
        foreach (var (name, target) in new[] { ("link", "README.md"), ("dangling", "/etc/../nowhere"), ("far", new string('t', 150)) })
        {
            File.CreateSymbolicLink(Path.Combine(project.Root, name), target);
        }

        return project;
    }
}
