using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class PoetryLockTests
{
    [TestMethod]
    [DataRow("2.0")]
    [DataRow("2.1")]
    [DataRow("2.7")]
    public void Packages_of_lock_version_2_have_their_own_files(string version)
    {
        var read = LockfileReader.Read(Locks.Poetry(version, [Locks.Package("PySide6_Addons", "6.7.1")]), "poetry.lock");

        Assert.AreEqual("poetry", read.Format);
        Assert.AreEqual(version, read.FormatVersion);
        Assert.AreEqual(0, read.Warnings.Length);
        var package = read.Packages.Single();
        Assert.AreEqual("pyside6-addons", package.Name);
        Assert.AreEqual("PySide6_Addons", package.WrittenName);
        Assert.AreEqual("6.7.1", package.Version);
        Assert.AreEqual("poetry.lock(3,1)", package.Position.ToString());
        Assert.AreEqual(LockedSource.DefaultIndex, package.Source);
        Assert.AreEqual("PySide6_Addons-6.7.1-py3-none-any.whl PySide6_Addons-6.7.1.tar.gz", string.Join(' ', package.Files.Select(file => file.Name)));
        Assert.AreEqual(Locks.Hex("PySide6_Addons6.7.1whl"), package.Files[0].Digest.Hex);
        Assert.AreEqual("poetry.lock(11,61)", package.Files[0].Position.ToString());
    }

    [TestMethod]
    [DataRow("lock-version = \"1.0\"")]
    [DataRow("lock-version = \"1.1\"")]
    [DataRow("")]
    public void Older_locks_list_files_at_the_end_by_package_name(string lockVersion)
    {
        var read = LockfileReader.Read(
            $$"""
            [[package]]
            name = "Zope.Interface"
            version = "5.0"
            category = "main"

            [[package]]
            name = "local"
            version = "1"
            [package.source]
            type = "directory"
            url = "../local"

            [metadata]
            content-hash = "{{Locks.Hex("c")}}"
            {{lockVersion}}

            [metadata.files]
            local = []
            "zope.interface" = [
                {file = "zope.interface-5.0.tar.gz", hash = "sha256:{{Locks.Hex("z")}}"},
            ]
            unused = [{file = "unused-1.zip", hash = "sha256:{{Locks.Hex("u")}}"}]
            """,
            "poetry.lock");

        Assert.AreEqual("zope-interface local", string.Join(' ', read.Packages.Select(package => package.Name)));
        Assert.AreEqual(Locks.Hex("z"), read.Packages[0].Files.Single().Digest.Hex);
        Assert.AreEqual(0, read.Packages[1].Files.Length);
        Assert.AreEqual(new LockedSource(LockedSourceKind.Folder, "../local"), read.Packages[1].Source);
        Assert.AreEqual(0, read.Warnings.Length);
    }

    [TestMethod]
    public void Versions_that_share_a_list_get_the_files_with_their_version_in_the_name()
    {
        string[] files = ["a_b-1.0-py3-none-any.whl", "a-b-1.0.tar.gz", "a_b-2.0.post1-1-cp39-cp39-win32.whl", "a-b-2.0.post1.zip", "a-b-latest.zip"];
        var list = string.Join(", ", files.Select(file => $"{{file = \"{file}\", hash = \"sha256:{Locks.Hex(file)}\"}}"));

        var read = LockfileReader.Read(
            $"[[package]]\nname = 'a-b'\nversion = '1.0.0'\n[[package]]\nname = 'a-b'\nversion = '2.0-1'\n[metadata]\nlock-version = '1.1'\n[metadata.files]\na-b = [{list}]", "p");

        Assert.AreEqual("a_b-1.0-py3-none-any.whl a-b-1.0.tar.gz a-b-latest.zip", string.Join(' ', read.Packages[0].Files.Select(file => file.Name)));
        Assert.AreEqual("a_b-2.0.post1-1-cp39-cp39-win32.whl a-b-2.0.post1.zip a-b-latest.zip", string.Join(' ', read.Packages[1].Files.Select(file => file.Name)));
    }

    [TestMethod]
    public void The_oldest_locks_have_digests_without_names()
    {
        var read = LockfileReader.Read(
            $"[[package]]\nname = 'a'\nversion = '1'\n[metadata]\ncontent-hash = 'x'\n[metadata.hashes]\na = ['{Locks.Hex("1")}', '{Locks.Hex("2").ToUpperInvariant()}']", "p");

        Assert.AreEqual("0", read.FormatVersion);
        Assert.AreEqual(0, read.Packages[0].Files.Length);
        CollectionAssert.AreEqual(new[] { Locks.Hex("1"), Locks.Hex("2") }, read.Packages[0].NamelessDigests.Select(digest => digest.Hex).ToArray());
        Assert.AreEqual(0, read.Warnings.Length);
    }

    [TestMethod]
    [DataRow("type = \"git\"\nurl = \"https://e/x.git\"\nreference = \"main\"\nresolved_reference = \"abc\"", LockedSourceKind.Git, "https://e/x.git#abc")]
    [DataRow("type = \"url\"\nurl = \"https://e/x.zip\"", LockedSourceKind.Url, "https://e/x.zip")]
    [DataRow("type = \"file\"\nurl = \"x.whl\"", LockedSourceKind.File, "x.whl")]
    [DataRow("type = \"legacy\"\nurl = \"https://e/simple\"\nreference = \"mine\"", LockedSourceKind.Index, "https://e/simple")]
    public void A_source_other_than_the_default_index_is_known(string source, LockedSourceKind kind, string location)
    {
        var read = LockfileReader.Read(Locks.Poetry(Locks.Package("a", "1", $"[package.source]\n{source}")), "p");

        Assert.AreEqual(new LockedSource(kind, location), read.Packages[0].Source);
    }

    [TestMethod]
    public void Markers_are_kept_as_one_or_per_group()
    {
        var read = LockfileReader.Read(
            Locks.Poetry(
                Locks.Package("a", "1", "markers = \"python_version < '3.10'\""),
                Locks.Package("a", "2", "markers = {main = \"x\", dev = \"y\"}"),
                Locks.Package("b", "2")),
            "p");

        Assert.AreEqual("python_version < '3.10'", read.Packages[0].Markers.Single());
        Assert.AreEqual("main: x|dev: y", string.Join('|', read.Packages[1].Markers));
        Assert.AreEqual(0, read.Packages[2].Markers.Length);
    }

    [TestMethod]
    public void One_version_from_two_sources_is_two_packages()
    {
        var read = LockfileReader.Read(
            Locks.Poetry(Locks.Package("torch", "2.0"), Locks.Package("torch", "2.0", "[package.source]\ntype = \"legacy\"\nurl = \"https://e/cpu\"")), "p");

        Assert.AreEqual(2, read.Packages.Length);
    }

    [TestMethod]
    public void A_package_of_an_index_without_files_is_a_warning_with_its_place()
    {
        var read = LockfileReader.Read(Locks.Poetry(Locks.PackageOf("a", "1", "")), "poetry.lock");

        Assert.StartsWith("poetry.lock(3,1): a 1 comes from an index but has no files", read.Warnings.Single(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_lock_of_no_packages_is_a_lock()
    {
        Assert.AreEqual(0, LockfileReader.Read("package = []\n[metadata]\nlock-version = \"2.0\"\ncontent-hash = \"x\"\nfiles = {}", "p").Packages.Length);
        Assert.AreEqual(0, LockfileReader.Read("[metadata]\nlock-version = \"2.1\"", "p").Packages.Length);
    }
}
