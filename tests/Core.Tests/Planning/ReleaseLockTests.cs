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
    [DataRow("version = 2", "reads version 1")]
    [DataRow("version = 1\n[images]\nx = 'abc'", "must be 'sha256:' and 64")]
    [DataRow("version = 1\n[images]\nx = 1", "must be a string")]
    [DataRow("version = 1\n[image]", "'image' is no setting")]
    public void A_damaged_lock_is_refused_with_its_place(string text, string message)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => ReleaseLock.Parse(text, "release.lock"));

        Assert.Contains(message, ex.Message, StringComparison.Ordinal);
        Assert.AreEqual("release.lock", ex.Position!.Value.File);
    }
}
