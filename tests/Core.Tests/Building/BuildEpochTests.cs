using System.Globalization;
using DotnetRelease.Building;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class BuildEpochTests
{
    [TestMethod]
    [DataRow("%changelog\n* Thu Jan 15 2026 T <t@x> - 1.0-1\n- First\n", "2026-01-15")]
    [DataRow("%changelog\n\n\n* Mon Feb 02 2026 T <t@x> - 2-1\n- b\n\n* Thu Jan 15 2026 T <t@x> - 1-1\n- a\n", "2026-02-02")]
    [DataRow("%changelog\n* Mon Feb  2 2026 T <t@x>\n", "2026-02-02")]
    [DataRow("%changelog\n* Sat Nov 30 12:34:56 CET 2024 T <t@x>\n", "2024-11-30")]
    [DataRow("Name: x\n%changelog   \n* Thu Jan 15 2026 T <t@x>\n", "2026-01-15")]
    public void It_is_noon_of_the_newest_entry(string spec, string day) =>
        Assert.AreEqual(DateTimeOffset.Parse(day + "T12:00:00Z", CultureInfo.InvariantCulture), BuildEpoch.OfChangelog(spec));

    [TestMethod]
    [DataRow("")]
    [DataRow("Name: x\nVersion: 1\n")]
    [DataRow("%changelog\n")]
    [DataRow("%changelog\n- no entry\n")]
    [DataRow("%changelog\n* Thu Foo 15 2026 T <t@x>\n")]
    [DataRow("%changelog\n* Thu Feb 31 2026 T <t@x>\n")]
    [DataRow("# see %changelog\n* Thu Jan 15 2026 T <t@x>\n")]
    [DataRow("* Thu Jan 15 2026 T <t@x>\n")]
    public void Without_a_readable_entry_there_is_none(string spec) => Assert.IsNull(BuildEpoch.OfChangelog(spec));
}
