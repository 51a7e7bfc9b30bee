using DotnetRelease.Building;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class RootRecordTests
{
    private static readonly string Hex = Digest.Of("header").Hex;

    [TestMethod]
    public void Lines_of_rpm_become_a_sorted_set_without_keys()
    {
        var packages = RootRecord.Parse($"""
            zlib	0	1.3.1	2.fc43	x86_64	{Hex}
            gpg-pubkey	0	a15b79cc	63d04c2c	(none)	(none)
            bash	0	5.3	1.fc43	x86_64	{Hex}
            perl-libs	4	5.42.0	518.fc43	x86_64	{Hex}
            old-package	0	1	1	noarch	(none)

            """);

        CollectionAssert.AreEqual(
            (string[])["bash-5.3-1.fc43.x86_64", "old-package-1-1.noarch", "perl-libs-4:5.42.0-518.fc43.x86_64", "zlib-1.3.1-2.fc43.x86_64"],
            packages.All.Select(package => package.ToString()).ToArray());
        Assert.AreEqual(Digest.Of("header"), packages.All[0].Header);
        Assert.IsNull(packages.All[1].Header);
        Assert.AreEqual("perl-libs.x86_64", packages.All[2].Slot);
    }

    [TestMethod]
    [DataRow("bash")]
    [DataRow("bash\t0\t5.3\t1.fc43\tx86_64\tabc")]
    [DataRow("bash\tx\t5.3\t1.fc43\tx86_64\t(none)")]
    [DataRow("bash\t0\t5-3\t1.fc43\tx86_64\t(none)")]
    [DataRow("ba sh\t0\t5.3\t1.fc43\tx86_64\t(none)")]
    [DataRow("bash\t0\t5.3\t\tx86_64\t(none)")]
    public void A_line_that_rpm_would_not_write_is_named(string line)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => RootRecord.Parse(line));

        Assert.AreEqual(Fault.PrepareFailed, ex.Fault);
        Assert.Contains(line[..2], ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Sets_are_equal_when_their_packages_are_whatever_their_order_was()
    {
        var one = RootRecord.Parse($"a\t0\t1\t1\tnoarch\t{Hex}\nb\t0\t1\t1\tnoarch\t(none)\n");
        var other = RootRecord.Parse($"b\t0\t1\t1\tnoarch\t(none)\na\t0\t1\t1\tnoarch\t{Hex}\n");

        Assert.AreEqual(one, other);
        Assert.AreEqual(one.Digest, other.Digest);
        Assert.AreNotEqual(one.Digest, RootRecord.Parse($"a\t0\t1\t1\tnoarch\t{Hex}\nb\t0\t1\t2\tnoarch\t(none)\n").Digest);
    }

    [TestMethod]
    [DataRow("bash-5.3-1.fc43.x86_64")]
    [DataRow("perl-libs-4:5.42.0-518.fc43.x86_64")]
    [DataRow("a-b-c-1~rc1-0.1.noarch")]
    public void A_nevra_is_read_as_it_was_written(string text)
    {
        Assert.IsTrue(Nevra.TryParse(text, out var nevra));
        Assert.AreEqual(text, nevra.ToString());
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow("bash")]
    [DataRow("bash-5.3")]
    [DataRow("bash-5.3.x86_64")]
    [DataRow("bash-5.3-1.")]
    [DataRow("-5.3-1.x86_64")]
    [DataRow("bash-:5.3-1.x86_64")]
    [DataRow("bash-1:-1.x86_64")]
    [DataRow("bash-5.3-1.x86_64\n")]
    public void What_is_no_nevra_is_not_read(string? text) => Assert.IsFalse(Nevra.TryParse(text, out _));
}
