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
    public void It_is_when_the_day_of_the_newest_entry_began_on_earth(string spec, string day) =>
        Assert.AreEqual(DateTimeOffset.Parse(day + "T00:00:00+14:00", CultureInfo.InvariantCulture), BuildEpoch.OfChangelog(spec));

    [TestMethod]
    [DataRow(-12)]
    [DataRow(0)]
    [DataRow(14)]
    public void An_entry_of_today_is_past_wherever_it_was_written(int zone)
    {
        var now = DateTimeOffset.UtcNow;

        var epoch = BuildEpoch.OfChangelog(now.AddHours(zone).ToString("'%changelog\n* 'ddd MMM dd yyyy' T <t@x> - 1-1\n'", CultureInfo.InvariantCulture));

        Assert.IsTrue(epoch <= now, $"{epoch:O}");
    }

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
