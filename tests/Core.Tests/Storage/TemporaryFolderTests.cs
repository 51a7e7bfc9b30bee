using DotnetRelease.Fixtures;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Storage;

[TestClass]
public sealed class TemporaryFolderTests
{
    [TestMethod]
    public void A_folder_is_private_and_gone_afterwards_with_all_that_is_in_it()
    {
        using var scratch = new Scratch();
        string path;
        using (var folder = TemporaryFolder.Create(scratch.Root, "test"))
        {
            path = folder.Path;
            Assert.AreEqual($"dotnet-release-test-{folder.Name}", Path.GetFileName(path));
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            Directory.CreateDirectory(Path.Combine(path, "some", "thing"));
        }

        Assert.IsFalse(Directory.Exists(path));
    }

    [TestMethod]
    public void What_a_killed_run_left_behind_is_found_and_what_is_in_use_stays()
    {
        using var scratch = new Scratch();
        using var inUse = TemporaryFolder.Create(scratch.Root, "test");
        scratch.Write("dotnet-release-test-killed/.in-use", "");
        scratch.Folder("dotnet-release-test-made-just-now");
        scratch.Write("dotnet-release-other-killed/.in-use", "");

        var abandoned = TemporaryFolder.Abandoned(scratch.Root, "test").ToArray();

        Assert.AreSequenceEqual([scratch["dotnet-release-test-killed"]], abandoned);
        Assert.IsTrue(TemporaryFolder.IsInUse(scratch.Root, "test", inUse.Name));
        Assert.IsFalse(TemporaryFolder.IsInUse(scratch.Root, "test", "killed"));
        Assert.IsTrue(TemporaryFolder.TryRemove(abandoned[0]));
        Assert.IsFalse(TemporaryFolder.TryRemove(abandoned[0]), "Another run was faster.");
    }

    [TestMethod]
    public void A_place_that_cannot_be_written_is_named()
    {
        var thrown = Assert.ThrowsExactly<ReleaseException>(() => TemporaryFolder.Create("/proc/no-such-place", "test"));

        Assert.AreEqual(Fault.WriteFailed, thrown.Fault);
        Assert.Contains("/proc/no-such-place", thrown.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Only_what_we_own_is_ours()
    {
        using var scratch = new Scratch();
        File.CreateSymbolicLink(scratch["link"], scratch["nowhere"]);

        Assert.IsTrue(FolderOwner.IsOurs(scratch.Root));
        Assert.IsTrue(FolderOwner.IsOurs(scratch["link"]), "The link itself is ours; it is not followed.");
        Assert.IsFalse(FolderOwner.IsOurs(scratch["missing"]));
        Assert.AreEqual(Environment.UserName is "root", FolderOwner.IsOurs("/proc/1"));
    }
}
