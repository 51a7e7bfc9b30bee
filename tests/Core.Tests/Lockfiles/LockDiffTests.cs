using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class LockDiffTests
{
    [TestMethod]
    [DataRow("6.7.1", "6.7.2", LockChangeKind.Upgraded)]
    [DataRow("6.9.3", "6.10.0", LockChangeKind.Upgraded)]
    [DataRow("2.0rc1", "2.0", LockChangeKind.Upgraded)]
    [DataRow("2024.1", "1!1.0", LockChangeKind.Upgraded)]
    [DataRow("6.10.0", "6.9.3", LockChangeKind.Downgraded)]
    [DataRow("2.0", "2.0.dev1", LockChangeKind.Downgraded)]
    [DataRow("1.0", "1.0.0", LockChangeKind.Changed)]
    [DataRow("", "1.0", LockChangeKind.Added)]
    [DataRow("1.0", "", LockChangeKind.Removed)]
    [DataRow("6.9.3 6.10.1", "6.9.3 6.11.1", LockChangeKind.Upgraded)]
    [DataRow("0.17.0", "0.17.0 0.17.6", LockChangeKind.Upgraded)]
    [DataRow("1.0 2.0", "2.0 3.0", LockChangeKind.Upgraded)]
    [DataRow("1.0 2.0", "1.0", LockChangeKind.Downgraded)]
    [DataRow("1.0 2.0", "2.0", LockChangeKind.Changed)]
    [DataRow("2.0", "1.0 2.0", LockChangeKind.Changed)]
    [DataRow("1.0 3.0", "2.0 2.5", LockChangeKind.Downgraded)]
    [DataRow("1.18.2", "1.19.1 2.1.0", LockChangeKind.Upgraded)]
    public void The_kind_of_a_change_follows_from_all_versions(string old, string now, LockChangeKind kind)
    {
        var change = Compare(Lock("a", old), Lock("a", now)).Changes.Single();

        Assert.AreEqual(kind, change.Kind);
        Assert.AreEqual(old, string.Join(' ', change.Old));
        Assert.AreEqual(now, string.Join(' ', change.New));
    }

    [TestMethod]
    public void Versions_are_ascending_whatever_the_order_of_the_file()
    {
        var change = Compare(Lock("a", "1.10 1.9 1.10rc1"), Lock("a", "2.0 1.9")).Changes.Single();

        Assert.AreEqual("1.9 1.10rc1 1.10", string.Join(' ', change.Old));
        Assert.AreEqual("1.9 2.0", string.Join(' ', change.New));
    }

    [TestMethod]
    public void Equal_locks_have_no_change_whatever_their_order_header_and_comments()
    {
        var before = Locks.Poetry(Locks.Package("b", "1"), Locks.Package("A_x", "2"), Locks.Package("b", "3"));
        var after = "# other comment\n" + Locks.Poetry(Locks.Package("a-X", "2").Replace("a-X-2", "A_x-2", StringComparison.Ordinal)
                .Replace(Locks.Hex("a-X2whl"), Locks.Hex("A_x2whl"), StringComparison.Ordinal).Replace(Locks.Hex("a-X2gz"), Locks.Hex("A_x2gz"), StringComparison.Ordinal),
            Locks.Package("b", "3"), Locks.Package("b", "1")).Replace(Locks.Hex("content"), Locks.Hex("other"), StringComparison.Ordinal);

        var diff = Compare(before, after);

        Assert.AreEqual(0, diff.Changes.Length);
        Assert.AreEqual(0, diff.Warnings.Length);
    }

    [TestMethod]
    public void A_lock_that_is_missing_counts_as_empty()
    {
        var read = LockfileReader.Read(Lock("a", "1"), "p");

        Assert.AreEqual(LockChangeKind.Added, LockDiff.Compare(null, read).Changes.Single().Kind);
        Assert.AreEqual(LockChangeKind.Removed, LockDiff.Compare(read, null).Changes.Single().Kind);
        Assert.AreEqual(0, LockDiff.Compare(null, null).Changes.Length);
    }

    [TestMethod]
    public void Files_that_come_and_go_are_a_change_of_equal_versions()
    {
        var before = Locks.Poetry(Locks.PackageOf("a", "1", File("a-1.zip") + File("b.whl") + File("c.whl")));
        var after = Locks.Poetry(Locks.PackageOf("a", "1", File("d.whl") + File("a-1.zip") + File("B.whl")));

        var change = Compare(before, after).Changes.Single();

        Assert.AreEqual(LockChangeKind.Changed, change.Kind);
        Assert.AreEqual("1 1", $"{change.Old.Single()} {change.New.Single()}");
        Assert.AreEqual("B.whl d.whl", string.Join(' ', change.Files.Added));
        Assert.AreEqual("b.whl c.whl", string.Join(' ', change.Files.Removed));
        Assert.AreEqual(0, change.Files.Rehashed.Length);
    }

    [TestMethod]
    public void A_file_with_another_digest_is_an_alarm()
    {
        var before = Locks.Poetry(Locks.PackageOf("a", "1", File("a-1.zip", "good")));
        var after = Locks.Poetry(Locks.PackageOf("a", "1", File("a-1.zip", "evil")));

        var diff = Compare(before, after);

        var change = diff.Changes.Single();
        Assert.AreEqual(LockChangeKind.Changed, change.Kind);
        Assert.AreEqual("a-1.zip", change.Files.Rehashed.Single().Name);
        Assert.StartsWith(
            $"after.lock(7,27): a: a-1.zip has the digest {Locks.Hex("evil")}, but had {Locks.Hex("good")} at before.lock(7,27).", diff.Warnings.Single(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_file_with_another_digest_is_an_alarm_in_a_bump_too()
    {
        var before = Locks.Poetry(Locks.PackageOf("a", "1", File("a.zip", "good")));
        var after = Locks.Poetry(Locks.PackageOf("a", "2", File("a.zip", "evil") + File("a-2.zip")));

        var diff = Compare(before, after);

        Assert.AreEqual(LockChangeKind.Upgraded, diff.Changes.Single().Kind);
        Assert.AreEqual(1, diff.Warnings.Length);
    }

    [TestMethod]
    public void The_same_version_from_another_place_is_a_change_with_a_warning()
    {
        var before = Locks.Poetry(Locks.Package("a", "1"));
        var after = Locks.Poetry(Locks.Package("a", "1", "[package.source]\ntype = \"legacy\"\nurl = \"https://evil.example/simple\""));

        var diff = Compare(before, after);

        Assert.AreEqual(LockChangeKind.Changed, diff.Changes.Single().Kind);
        Assert.AreEqual("after.lock(3,1): a 1 comes from https://evil.example/simple, but came from the default index.", diff.Warnings.Single());
    }

    [TestMethod]
    [DataRow("2.1", "2.0", 1)]
    [DataRow("2.1", "1.1", 1)]
    [DataRow("2.0", "2.1", 0)]
    [DataRow("2.1", "2.1", 0)]
    public void A_lock_version_that_goes_down_is_a_warning_with_both(string old, string now, int warnings)
    {
        var diff = LockDiff.Compare(LockfileReader.Read(Locks.Poetry(old, []), "b"), LockfileReader.Read(Locks.Poetry(now, []), "a"));

        Assert.AreEqual(warnings, diff.Warnings.Length);
        Assert.IsTrue(diff.Warnings.All(text => text.Contains($"from {old} to {now}", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void The_same_packages_in_another_format_are_no_change_but_a_warning()
    {
        var diff = Compare(Locks.Poetry(Locks.Package("a", "1")), Locks.Uv(Locks.UvPackage("a", "1")));

        Assert.AreEqual(0, diff.Changes.Length);
        Assert.AreEqual("after.lock: the format changed from poetry to uv.", diff.Warnings.Single());
    }

    [TestMethod]
    public void Digests_without_names_are_the_files_that_have_them()
    {
        var old = $"[[package]]\nname='a'\nversion='1'\n[metadata]\ncontent-hash='x'\n[metadata.hashes]\na=['{Locks.Hex("a1whl")}','{Locks.Hex("a1gz")}']";

        Assert.AreEqual(0, Compare(old, Locks.Poetry(Locks.Package("a", "1"))).Changes.Length);
        Assert.AreEqual(0, Compare(Locks.Poetry(Locks.Package("a", "1")), old).Changes.Length);
        var change = Compare(old.Replace(Locks.Hex("a1gz"), Locks.Hex("other"), StringComparison.Ordinal), Locks.Poetry(Locks.Package("a", "1"))).Changes.Single();
        Assert.AreEqual("a-1.tar.gz", change.Files.Added.Single());
        Assert.AreEqual($"sha256:{Locks.Hex("other")}", change.Files.Removed.Single());
    }

    [TestMethod]
    public void Warnings_of_the_newer_lock_are_passed_on()
    {
        var diff = Compare(Locks.Poetry(), Locks.Poetry(Locks.PackageOf("a", "1", "")));

        Assert.Contains("has no files with digests", diff.Warnings.Single(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void Changes_are_in_the_order_of_names_and_the_same_every_time()
    {
        var random = new Random(7);
        string Shuffled(int salt) => Locks.Poetry(
            [.. Enumerable.Range(0, 60).Select(i => Locks.Package($"p{i}", $"{i % 7}.{(i * salt) % 5}")).OrderBy(_ => random.Next())]);
        var (before, after) = (Shuffled(1), Shuffled(3));

        var diff = Compare(before, after);

        var names = diff.Changes.Select(change => change.Name).ToArray();
        CollectionAssert.AreEqual(names.Order(StringComparer.Ordinal).ToArray(), names);
        var expected = Enumerable.Range(0, 60).Where(i => i % 5 != (i * 3) % 5).Select(i => $"p{i}").Order(StringComparer.Ordinal).ToArray();
        CollectionAssert.AreEqual(expected, names);
        var again = Compare(before, after);
        CollectionAssert.AreEqual(names, again.Changes.Select(change => change.Name).ToArray());
        CollectionAssert.AreEqual(diff.Changes.Select(change => change.Kind).ToArray(), again.Changes.Select(change => change.Kind).ToArray());
    }

    [TestMethod]
    public void The_way_back_is_the_mirror_of_the_way_there()
    {
        var before = Locks.Poetry(Locks.Package("a", "1"), Locks.Package("b", "1"), Locks.Package("c", "1"));
        var after = Locks.Poetry(Locks.Package("b", "2"), Locks.Package("c", "1"), Locks.Package("d", "1"));

        var there = Compare(before, after).Changes;
        var back = Compare(after, before).Changes;

        Assert.AreEqual("a Removed,b Upgraded,d Added", string.Join(',', there.Select(change => $"{change.Name} {change.Kind}")));
        Assert.AreEqual("a Added,b Downgraded,d Removed", string.Join(',', back.Select(change => $"{change.Name} {change.Kind}")));
        CollectionAssert.AreEqual(there[1].Files.Added, back[1].Files.Removed);
    }

    private static LockDiff Compare(string before, string after) =>
        LockDiff.Compare(LockfileReader.Read(before, "before.lock"), LockfileReader.Read(after, "after.lock"));

    private static string Lock(string name, string versions) =>
        Locks.Poetry([.. versions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(version => Locks.Package(name, version))]);

    private static string File(string name, string? content = null) => $"{{file = \"{name}\", hash = \"sha256:{Locks.Hex(content ?? name)}\"}},\n";
}
