using DotnetRelease.Planning;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class LockUpdateTests
{
    private static readonly RootKey One = new("a", "x86_64", "one");
    private static readonly RootKey Two = One with { Rpm = "two" };

    [TestMethod]
    [DataRow(null, "bash-1-1.x86_64", "added")]
    [DataRow("bash-1-1.x86_64", null, "removed")]
    [DataRow("bash-1.9-1.x86_64", "bash-1.10-1.x86_64", "upgraded")]
    [DataRow("bash-1:1-1.x86_64", "bash-2-1.x86_64", "downgraded")]
    [DataRow("bash-1-1.x86_64", "bash-1-1.x86_64", "rebuilt")]
    public void The_kind_of_a_change_is_what_rpm_thinks_of_the_versions(string? from, string? to, string kind) =>
        Assert.AreEqual(kind, LockUpdate.KindOf(new("bash.x86_64", from is null ? null : Package(from), to is null ? null : Package(to) with { Header = Digest.Of("other") })));

    [TestMethod]
    public void Roots_that_changed_in_the_same_way_are_told_once()
    {
        var before = ReleaseLock.Empty.With("fedora:44", Digest.Of("1")).With("same", Digest.Of("1")).With(One, Packages("bash-1-1.x86_64")).With(Two, Packages("bash-1-1.x86_64", "gcc-1-1.x86_64"));
        var after = before.With("fedora:44", Digest.Of("2")).With(One, Packages("bash-2-1.x86_64")).With(Two, Packages("bash-2-1.x86_64", "gcc-1-1.x86_64"))
            .With(One with { Target = "b" }, Packages("bash-2-1.x86_64"));

        var update = new LockUpdate(before, after);

        Assert.IsTrue(update.IsChanged);
        Assert.AreEqual(new ImageChange("fedora:44", Digest.Of("1"), Digest.Of("2")), update.Images.Single());
        Assert.HasCount(2, update.Roots);
        CollectionAssert.AreEqual((RootKey[])[One, Two], update.Roots[0].Roots.ToArray());
        Assert.AreEqual("bash-1-1.x86_64 -> bash-2-1.x86_64", $"{update.Roots[0].Changes.Single().From} -> {update.Roots[0].Changes.Single().To}");
        Assert.IsFalse(update.Roots[0].IsNew);
        Assert.IsTrue(update.Roots[1].IsNew);
        Assert.IsFalse(new LockUpdate(after, after).IsChanged);
    }

    [TestMethod]
    public void A_long_difference_is_cut_and_counted()
    {
        var locked = Packages([.. Enumerable.Range(10, 15).Select(number => $"p{number}-1-1.noarch")]);

        var text = RootChanges.Between(locked, Packages("p10-2-1.noarch", "x-1-1.noarch")).Tell();

        Assert.StartsWith("p10.noarch: locked 1-1, found 2-1; p11.noarch: locked 1-1, missing; ", text, StringComparison.Ordinal);
        Assert.EndsWith("; and 6 more", text, StringComparison.Ordinal);
        Assert.AreEqual("x.noarch: not locked, found 1-1", RootChanges.Between(RootPackages.Empty, Packages("x-1-1.noarch")).Tell());
    }

    private static RootPackages Packages(params string[] nevras) => RootPackages.Of(nevras.Select(Package));

    private static RootPackage Package(string text) => new(Nevra.TryParse(text, out var nevra) ? nevra : throw new AssertFailedException(text), Digest.Of(text));
}
