using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class ReleaseLockTests
{
    private static readonly ReleaseLock Two = ReleaseLock.Empty.With("registry.example.org/fedora:44", Digest.Of("b")).With("oci:a \"b\"\\c", Digest.Of("a"));

    [TestMethod]
    public void The_file_is_sorted_and_comes_back_as_it_was()
    {
        var text = Two.ToText();

        Assert.EndsWith($"""
            version = 1

            [images]
            "oci:a \"b\"\\c" = "{Digest.Of("a")}"
            "registry.example.org/fedora:44" = "{Digest.Of("b")}"

            """, text, StringComparison.Ordinal);
        Assert.AreEqual(text, ReleaseLock.Parse(text, "release.lock").ToText());
    }

    [TestMethod]
    public void An_empty_lock_is_a_file_too() => Assert.IsEmpty(ReleaseLock.Parse(ReleaseLock.Empty.ToText(), "release.lock").Images);

    [TestMethod]
    public void Images_that_the_settings_no_longer_name_go()
    {
        var settings = Settings.Parse("[project]\nname = 'x'\n[target.a]\nimage = 'registry.example.org/fedora:44'", "release.toml");

        Assert.AreEqual("registry.example.org/fedora:44", Two.Only(settings).Images.Keys.Single());
    }

    [TestMethod]
    [DataRow("", "has no key 'version'")]
    [DataRow("version = 3", "reads version 1 and 2")]
    [DataRow("version = 1\n[roots]", "'roots' is no setting")]
    [DataRow("version = 2\n[roots.a.x86_64.rpms]", "'roots.a.x86_64.rpms' is no setting")]
    [DataRow("version = 2\n[roots.a]\nx86_64 = 1", "must be a table")]
    [DataRow("version = 2\n[roots.a.x86_64.common]\nbash = ''", "must be NAME-VERSION-RELEASE.ARCH")]
    [DataRow("version = 2\n[roots.a.x86_64.common]\n'bash-5-1.x86_64' = 'md5'", "must be 'sha256:' and 64")]
    [DataRow("version = 1\n[images]\nx = 'abc'", "must be 'sha256:' and 64")]
    [DataRow("version = 1\n[images]\nx = 1", "must be a string")]
    [DataRow("version = 1\n[image]", "'image' is no setting")]
    public void A_damaged_lock_is_refused_with_its_place(string text, string message)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => ReleaseLock.Parse(text, "release.lock"));

        Assert.Contains(message, ex.Message, StringComparison.Ordinal);
        Assert.AreEqual("release.lock", ex.Position!.Value.File);
    }

    [TestMethod]
    public void Packages_that_all_roots_of_a_target_have_are_written_once()
    {
        var text = ReleaseLock.Empty
            .With(new RootKey("a", "x86_64", "two"), Packages("bash-5-1.x86_64", "gcc-15-1.x86_64", "old-1-1.noarch"))
            .With(new RootKey("a", "x86_64", "one"), Packages("zlib-1:1-1.x86_64", "bash-5-1.x86_64"))
            .With(new RootKey("a", "aarch64", "one"), Packages("bash-5-1.aarch64"))
            .ToText();

        Assert.EndsWith($"""
            version = 2

            [roots.a.aarch64.common]
            "bash-5-1.aarch64" = "{Digest.Of("bash-5-1.aarch64")}"

            [roots.a.aarch64.rpm.one]

            [roots.a.x86_64.common]
            "bash-5-1.x86_64" = "{Digest.Of("bash-5-1.x86_64")}"

            [roots.a.x86_64.rpm.one]
            "zlib-1:1-1.x86_64" = "{Digest.Of("zlib-1:1-1.x86_64")}"

            [roots.a.x86_64.rpm.two]
            "gcc-15-1.x86_64" = "{Digest.Of("gcc-15-1.x86_64")}"
            "old-1-1.noarch" = ""

            """, text, StringComparison.Ordinal);
        var again = ReleaseLock.Parse(text, "release.lock");
        Assert.AreEqual(text, again.ToText());
        Assert.AreEqual(Packages("zlib-1:1-1.x86_64", "bash-5-1.x86_64"), again.Roots[new("a", "x86_64", "one")]);
    }

    [TestMethod]
    public void A_package_that_changed_changes_one_line()
    {
        var key = new RootKey("a", "x86_64", "one");
        var before = ReleaseLock.Empty.With(key, Packages("a-1-1.x86_64", "bash-5-1.x86_64", "c-1-1.x86_64")).ToText().Split('\n');
        var after = ReleaseLock.Empty.With(key, Packages("a-1-1.x86_64", "bash-5-2.x86_64", "c-1-1.x86_64")).ToText().Split('\n');

        Assert.AreEqual($"\"bash-5-2.x86_64\" = \"{Digest.Of("bash-5-2.x86_64")}\"", after.Except(before).Single());
        Assert.HasCount(after.Length, before);
    }

    [TestMethod]
    public void Roots_that_the_settings_no_longer_name_go()
    {
        var settings = Settings.Parse("""
            [project]
            name = 'x'
            [[rpm]]
            name = 'one'
            spec = 'one.spec'
            targets = ['a']
            [target.a]
            image = 'rootfs:a.tar'
            arch = ['x86_64']
            [target.b]
            image = 'rootfs:a.tar'
            arch = ['x86_64']
            """, "release.toml");
        var some = Packages("bash-5-1.x86_64");
        RootKey kept = new("a", "x86_64", "one");
        var pins = ReleaseLock.Empty.With(kept, some)
            .With(kept with { Target = "b" }, some).With(kept with { Target = "gone" }, some).With(kept with { Arch = "aarch64" }, some).With(kept with { Rpm = "two" }, some);

        CollectionAssert.AreEqual((RootKey[])[kept], pins.Only(settings).Roots.Keys.ToArray());
    }

    [TestMethod]
    public void What_differs_between_two_sets_is_paired_by_name_and_architecture()
    {
        var changes = RootChanges.Between(
            Packages("a-1-1.x86_64", "b-1-1.x86_64", "kernel-1-1.x86_64", "kernel-2-1.x86_64", "same-1-1.noarch"),
            Packages("b-2-1.x86_64", "b-2-1.i686", "kernel-2-1.x86_64", "kernel-3-1.x86_64", "same-1-1.noarch"));

        CollectionAssert.AreEqual(
            (string[])["a.x86_64: a-1-1.x86_64 -> ", "b.i686:  -> b-2-1.i686", "b.x86_64: b-1-1.x86_64 -> b-2-1.x86_64", "kernel.x86_64: kernel-1-1.x86_64 -> kernel-3-1.x86_64"],
            changes.Select(change => $"{change.Slot}: {change.From} -> {change.To}").ToArray());
        var rebuilt = RootChanges.Between(Packages("a-1-1.x86_64"), RootPackages.Of([Package("a-1-1.x86_64") with { Header = Digest.Of("other") }])).Single();
        Assert.IsTrue(rebuilt.IsRebuilt);
    }

    private static RootPackages Packages(params string[] nevras) => RootPackages.Of(nevras.Select(Package));

    private static RootPackage Package(string text) =>
        new(Nevra.TryParse(text, out var nevra) ? nevra : throw new AssertFailedException(text), text.StartsWith("old", StringComparison.Ordinal) ? null : Digest.Of(text));
}
