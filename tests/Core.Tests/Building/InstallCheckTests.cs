using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Building;

/// <summary>What can be shown of the install check without a container; the rest is in Distro.Tests.</summary>
[TestClass]
public sealed class InstallCheckTests(TestContext test)
{
    private const uint Less = 2, Greater = 4, Equal = 8, RpmLib = 1 << 24, ScriptPost = 1 << 10;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000)]
    public async Task The_distro_is_asked_for_what_the_packages_do_not_give_each_other()
    {
        using var scratch = new Scratch();
        var main = new WrittenRpm("main")
        {
            Dependencies =
            [
                (1047, "main", Equal, "1.0-1"), (1049, "main-libs", Equal, "1.0-1"), (1049, "/usr/share/libs/data", 0, ""), (1049, "other", Greater | Equal, "2"),
                (1049, "other", Less | ScriptPost, "3"), (1049, "(a if b)", 0, ""), (1049, "rpmlib(Later)", Less | Equal | RpmLib, "9"), (1049, "other", Greater | Equal | ScriptPost, "2"),
            ],
        };
        var libs = new WrittenRpm("main-libs") { Dependencies = [(1047, "main-libs", Equal, "1.0-1"), (1049, "libc.so.6()(64bit)", 0, "")], Files = [("/usr/share/libs/data", 0x81A4, 0)] };

        var path = scratch["requirements.rpm"];
        await RpmWriter.WriteAsync(RequirementsPackage.Of([Read(main), Read(libs)], "/usr/bin/find"), path, Ct);

        var told = (await Exec.ReadAsync(new Command("rpm", "-qp", "--requires", path), Ct)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("rpmlib(", StringComparison.Ordinal));
        CollectionAssert.AreEquivalent((string[])["(a if b)", "/usr/bin/find", "libc.so.6()(64bit)", "other < 3", "other >= 2"], told.ToList());
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_tree_that_find_lists_is_compared_by_type_mode_owner_size_and_time()
    {
        using var scratch = new Scratch();
        foreach (var name in (string[])["same", "longer", "mode", "gone", "two\nlines", "folder/kept"])
        {
            scratch.Write(name, "x");
        }

        var before = await ListAsync(scratch.Root);
        scratch.Write("longer", "xx");
        File.SetUnixFileMode(scratch["mode"], UnixFileMode.UserRead);
        File.Delete(scratch["gone"]);
        scratch.Write("folder/new", "x");
        File.CreateSymbolicLink(scratch["link"], "same");
        scratch.Write("three\nlines", "x");

        var change = before.ChangeTo(await ListAsync(scratch.Root));

        Assert.AreEqual("folder/new link three\nlines", string.Join(' ', change.Added.Select(Relative)));
        Assert.AreEqual("longer mode", string.Join(' ', change.Changed.Select(Relative)));
        Assert.AreEqual("gone", string.Join(' ', change.Removed.Select(Relative)));
        Assert.IsTrue(before.ChangeTo(before).IsEmpty);

        string Relative(string path) => Path.GetRelativePath(scratch.Root, path);
    }

    [TestMethod]
    public void What_is_written_anew_for_everybody_is_no_change() => Assert.IsTrue(
        FileTree.Parse("f 644 0:0 1 1\0/etc/ld.so.cache\0f 644 0:0 1 1\0/etc/passwd\0").ChangeTo(FileTree.Parse("f 644 0:0 2 2\0/etc/ld.so.cache\0f 644 0:0 1 1\0/etc/passwd-\0")).IsEmpty);

    /// <summary>The command of the container, with another root and without what it passes over, because tests are in /tmp.</summary>
    private async Task<FileTree> ListAsync(string root)
    {
        ImmutableArray<string> print = [.. FileTree.Command.SkipWhile(word => word is not "-prune").Skip(2)];
        return FileTree.Parse((await Exec.ReadAsync(new Command("find", [root, "-xdev", .. print]), Ct)).Output);
    }

    private static RpmPackage Read(WrittenRpm written)
    {
        var bytes = written.ToBytes();
        return RpmStart.Parse(bytes, bytes.Length, written.FileName);
    }
}
