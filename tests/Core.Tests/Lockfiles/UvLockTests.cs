using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class UvLockTests
{
    [TestMethod]
    public void Files_come_with_url_digest_and_size()
    {
        var read = LockfileReader.Read(Locks.Uv(Locks.UvPackage("attrs", "24.3.0")), "uv.lock");

        Assert.AreEqual(("uv", "1"), (read.Format, read.FormatVersion));
        var package = read.Packages.Single();
        Assert.AreEqual(new LockedSource(LockedSourceKind.Index, "https://pypi.example/simple"), package.Source);
        Assert.AreEqual("attrs-24.3.0.tar.gz attrs-24.3.0-py3-none-any.whl", string.Join(' ', package.Files.Select(file => file.Name)));
        Assert.AreEqual(("https://files.example/attrs-24.3.0-py3-none-any.whl", 200L), (package.Files[1].Url, package.Files[1].Size!.Value));
        Assert.AreEqual(Locks.Hex("attrs24.3.0whl"), package.Files[1].Digest.Hex);
        Assert.AreEqual("uv.lock(6,1)", package.Position.ToString());
    }

    [TestMethod]
    [DataRow("editable = \".\"", LockedSourceKind.Folder)]
    [DataRow("virtual = \".\"", LockedSourceKind.Folder)]
    [DataRow("directory = \"../x\"", LockedSourceKind.Folder)]
    [DataRow("git = \"https://e/x?rev=v1#0123\"", LockedSourceKind.Git)]
    public void A_local_project_or_repository_has_no_files_and_perhaps_no_version(string source, LockedSourceKind kind)
    {
        var package = LockfileReader.Read(Locks.Uv($"[[package]]\nname = \"me\"\nsource = {{ {source} }}"), "u").Packages.Single();

        Assert.AreEqual((kind, "dynamic", 0), (package.Source.Kind, package.Version, package.Files.Length));
    }

    [TestMethod]
    [DataRow("url = \"https://e/a/b-1.0.zip?token=x#frag\"", "sdist = { HASH }", "b-1.0.zip", "https://e/a/b-1.0.zip?token=x#frag")]
    [DataRow("path = \"vendor/b-1.0.tar.gz\"", "sdist = { HASH }", "b-1.0.tar.gz", null)]
    [DataRow("path = \"vendor/b.whl\"", "wheels = [{ filename = \"b-1.0-py3-none-any.whl\", HASH }]", "b-1.0-py3-none-any.whl", null)]
    [DataRow("registry = \"links\"", "wheels = [{ path = \"b-1.0-py3-none-any.whl\", HASH }]", "b-1.0-py3-none-any.whl", null)]
    [DataRow("registry = \"https://e\"", "wheels = [{ url = \"https://e/b-1.0%2Bcpu-py3-none-any.whl\", HASH }]", "b-1.0+cpu-py3-none-any.whl", "https://e/b-1.0%2Bcpu-py3-none-any.whl")]
    public void Archives_get_their_name_from_wherever_uv_writes_it(string source, string files, string name, string? url)
    {
        var hash = $"hash = \"sha256:{Locks.Hex("b")}\"";

        var file = LockfileReader.Read(
            Locks.Uv($"[[package]]\nname = \"b\"\nversion = \"1.0\"\nsource = {{ {source} }}\n{files.Replace("HASH", hash, StringComparison.Ordinal)}"), "u").Packages.Single().Files.Single();

        Assert.AreEqual((name, url), (file.Name, file.Url));
    }

    [TestMethod]
    public void Forks_of_one_package_are_several_versions_with_their_markers()
    {
        var read = LockfileReader.Read(
            Locks.Uv(Locks.UvPackage("click", "8.1.8").Replace("sdist", "resolution-markers = [\"python_full_version < '3.10'\"]\nsdist", StringComparison.Ordinal), Locks.UvPackage("click", "8.3.0")), "u");

        Assert.AreEqual("8.1.8 8.3.0", string.Join(' ', read.Packages.Select(package => package.Version)));
        Assert.AreEqual("python_full_version < '3.10'", read.Packages[0].Markers.Single());
    }
}
