using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class EndOfLifeTests
{
    [TestMethod]
    [DataRow("2026-09-02", false, "ends on 2026-12-02, in 91 days")]
    [DataRow("2026-09-03", true, "ends on 2026-12-02, in 90 days")]
    [DataRow("2026-12-01", true, "ends tomorrow, on 2026-12-02")]
    [DataRow("2026-12-02", true, "ends today, on 2026-12-02")]
    [DataRow("2026-12-03", true, "ended on 2026-12-02, yesterday")]
    [DataRow("2027-01-01", true, "ended on 2026-12-02, 30 days ago")]
    public void It_is_said_with_its_date(string today, bool isNear, string words)
    {
        var (end, day) = (new EndOfLife(new DateOnly(2026, 12, 2)), DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture));

        Assert.AreEqual(isNear, end.IsNear(day));
        Assert.AreEqual(words, end.Say(day));
    }
}
