using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using DotnetRelease.Fixtures;
using DotnetRelease.Metadata;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Metadata;

/// <summary>What a repository wants of its metadata beyond the packages.</summary>
[TestClass]
public sealed class SnapshotTests(TestContext test)
{
    private static readonly SnapshotStyle Notices = new() { Project = "demo" };

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    public void A_revision_that_was_asked_for_is_taken_when_it_is_above_what_is_served()
    {
        var served = new Repomd(10, []);

        Assert.AreEqual(11, RepositorySnapshot.Of([], served, new SnapshotStyle { Revision = 11 }).Repomd.Revision);
        Assert.AreEqual(1, RepositorySnapshot.Of([], null, new SnapshotStyle { Revision = 1 }).Repomd.Revision);
        foreach (var low in new[] { 10L, 9, 0, -1 })
        {
            var thrown = Assert.ThrowsExactly<ReleaseException>(() => RepositorySnapshot.Of([], served, new SnapshotStyle { Revision = low }));
            Assert.AreEqual(Fault.RevisionNotAbove, thrown.Fault);
            Assert.Contains($"Revision {low.ToString(CultureInfo.InvariantCulture)} was asked for, and what is served has revision 10", thrown.Message, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void The_times_and_the_order_of_files_do_not_show()
    {
        using var scratch = new Scratch();
        var (one, other) = (Read(scratch, "one", new WrittenRpm("a"), new WrittenRpm("b")), Read(scratch, "other", new WrittenRpm("b"), new WrittenRpm("a")));
        foreach (var path in Directory.GetFiles(scratch["other"]))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        }

        CollectionAssert.AreEqual(RepositorySnapshot.Of(one, null, Notices).Repomd.ToXml(), RepositorySnapshot.Of(other.Reverse(), null, Notices).Repomd.ToXml());
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Zstd_has_the_same_text_in_every_file()
    {
        using var scratch = new Scratch();
        var packages = Read(scratch, "rpms", new WrittenRpm("a"), new WrittenRpm("b"));

        var (gzip, zstd) = (RepositorySnapshot.Of(packages, null, Notices), RepositorySnapshot.Of(packages, null, Notices with { Compression = MetadataCompression.Zstd }));

        foreach (var (one, other) in gzip.Files.Zip(zstd.Files))
        {
            Assert.AreEqual(one.Open, other.Open);
            Assert.AreEqual($"{other.Digest.Hex}-{one.Name[..^3]}.zst", other.FileName);
            await File.WriteAllBytesAsync(scratch[other.FileName], other.Members.Single(), Ct);
            await Exec.ReadAsync(new Command("zstd", "-q", "-t", scratch[other.FileName]), Ct);
        }
    }

    [TestMethod]
    public void A_changelog_that_names_a_vulnerability_gives_a_security_notice()
    {
        using var scratch = new Scratch();
        var packages = Read(
            scratch, "rpms",
            Fixed("lib", "- Fixes CVE-2025-12345 and cve-2024-0001 (rhbz#77)\n- <again> CVE-2025-12345 & GHSA-2345-6789-cfgh"), Fixed("lib-devel", "- Same source"), new WrittenRpm("quiet") { SourceRpm = "quiet-1-1.src.rpm" });

        var notices = NoticeReader.Read(packages, "demo");

        var notice = notices.Single();
        Assert.AreEqual(("demo-lib-1.0-1", "security", DateTimeOffset.FromUnixTimeSeconds(1763553600)), (notice.Id, notice.Kind, notice.Issued));
        CollectionAssert.AreEqual(new[] { "lib", "lib-devel" }, notice.Packages.Select(package => package.Nevra.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "CVE-2025-12345", "CVE-2024-0001", "GHSA-2345-6789-cfgh", "77" }, notice.References.Select(reference => reference.Id).ToArray());
        Assert.Contains("<again>", notice.Text, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Everything_else_is_a_bug_fix()
    {
        using var scratch = new Scratch();
        var packages = Read(scratch, "rpms", Fixed("lib", "- Fixes bsc#5, CVE-12 and CVE-2025-1"), Fixed("src", "- x") with { SourceRpm = null });

        var notices = NoticeReader.Read(packages, "demo");

        CollectionAssert.AreEqual(new[] { "demo-lib-1.0-1 bugfix", "demo-src-1.0-1 bugfix" }, notices.Select(notice => $"{notice.Id} {notice.Kind}").ToArray());
        Assert.AreEqual("https://bugzilla.suse.com/show_bug.cgi?id=5", notices[0].References.Single().Url);
    }

    [TestMethod]
    public void The_file_of_notices_is_named_by_repomd_and_says_what_clients_ask_for()
    {
        using var scratch = new Scratch();
        var snapshot = RepositorySnapshot.Of(Read(scratch, "rpms", Fixed("lib", "- Fixes CVE-2025-12345") with { Epoch = 3 }), null, Notices);

        var entry = snapshot.Repomd.Find("updateinfo")!;
        var packed = snapshot.Files.Single(file => file.Type is "updateinfo").Members.Single();
        var update = XDocument.Parse(System.Text.Encoding.UTF8.GetString(PackedReader.Open("updateinfo.xml.gz", entry, packed).Plain)).Root!.Elements("update").Single();

        Assert.AreEqual("security", update.Attribute("type")!.Value);
        Assert.AreEqual("demo-lib-1.0-1", update.Element("id")!.Value);
        Assert.AreEqual("2025-11-19 12:00:00", update.Element("issued")!.Attribute("date")!.Value);
        Assert.AreEqual("CVE-2025-12345", update.Element("references")!.Element("reference")!.Attribute("id")!.Value);
        var package = update.Descendants("package").Single();
        Assert.AreEqual("lib 3 1.0 1 noarch", string.Join(' ', new[] { "name", "epoch", "version", "release", "arch" }.Select(name => package.Attribute(name)!.Value)));
        Assert.AreEqual("lib-1.0-1.noarch.rpm", package.Element("filename")!.Value);
    }

    [TestMethod]
    public void Notices_of_another_tool_stay_unless_ours_are_asked_for()
    {
        var foreign = new RepomdEntry("updateinfo", new RepositoryFile("repodata/updateinfo.xml.gz", 1, Digest.Of("x")), 1);
        var served = new Repomd(1, [foreign, foreign with { Type = "modules" }]);

        Assert.AreSame(foreign, RepositorySnapshot.Of([], served, Notices).Repomd.Find("updateinfo"));
        Assert.AreNotSame(foreign, RepositorySnapshot.Of([], served, Notices with { Notices = true }).Repomd.Find("updateinfo"));
        Assert.IsNotNull(RepositorySnapshot.Of([], served, Notices with { Notices = true }).Repomd.Find("modules"));

        var ours = RepositorySnapshot.Of([], null, Notices).Repomd;
        var next = RepositorySnapshot.Of([], ours, Notices);
        Assert.HasCount(4, next.Files);
        Assert.HasCount(1, next.Repomd.Entries.Where(entry => entry.Type is "updateinfo"));
        Assert.IsNotNull(RepositorySnapshot.Of([], ours, Notices with { Notices = false }).Repomd.Find("updateinfo"), "not made, and not thrown away");
    }

    private static WrittenRpm Fixed(string name, string text) => new(name) { SourceRpm = "lib-1.0-1.src.rpm", Changes = [(1763553600, "A - 1.0-1", text), (1700000000, "A - 0.9-1", "- CVE-2020-00001")] };

    private static ImmutableArray<IndexedPackage> Read(Scratch scratch, string folder, params WrittenRpm[] packages)
    {
        var path = scratch.Folder(folder);
        return [.. PackageReader.ReadAll([.. packages.Select(package => package.WriteTo(path))], file => Path.GetFileName(file), CancellationToken.None).OrderBy(package => package.File.Location, StringComparer.Ordinal)];
    }

}
