using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class VersionBoundsTests
{
    [TestMethod]
    [DataRow("^6.7.1", "6.7.1", "7")]
    [DataRow("^0.2.3", "0.2.3", "0.3")]
    [DataRow("^0.0.3", "0.0.3", "0.0.4")]
    [DataRow("^0.0", "0.0", "0.1")]
    [DataRow("^0", "0", "1")]
    [DataRow("~1.2.3", "1.2.3", "1.3")]
    [DataRow("~1", "1", "2")]
    [DataRow("~=1.4.2", "1.4.2", "1.5")]
    [DataRow("~=1.4", "1.4", "2")]
    [DataRow("==6.7.*", "6.7", "6.8")]
    [DataRow("1.*", "1", "2")]
    [DataRow("(>=1.0,<2.0)", "1.0", "2.0")]
    [DataRow(">= 1.0, >=1.2, <3, < 2", "1.2", "2")]
    [DataRow(">=1.26.0,!=1.27", "1.26.0", null)]
    [DataRow("<2", null, "2")]
    [DataRow("*", null, null)]
    [DataRow("", null, null)]
    [DataRow("^6.8.0rc1", "6.8.0rc1", "7")]
    public void A_constraint_is_a_range(string constraint, string? lower, string? upper)
    {
        var bounds = VersionBounds.TryParse(constraint);

        Assert.AreEqual((lower, upper), (bounds?.Lower, bounds?.Upper));
        Assert.IsNotNull(bounds);
    }

    [TestMethod]
    [DataRow("^1 || ^2")]
    [DataRow("~=1")]
    [DataRow(">=1.*")]
    [DataRow("=>1")]
    [DataRow("latest && greatest")]
    [DataRow("^99999999999999999999")]
    public void What_is_no_single_range_is_none(string constraint) => Assert.IsNull(VersionBounds.TryParse(constraint));

    [TestMethod]
    [DataRow("^6.7.1", "6.7.1", true)]
    [DataRow("^6.7.1", "6.10.0", true)]
    [DataRow("^6.7.1", "7.0", false)]
    [DataRow(">1,<=2", "1.0", false)]
    [DataRow(">1,<=2", "2.0", true)]
    [DataRow("1.2.3", "1.2.3", true)]
    [DataRow("==1.2.3", "1.2.3.1", false)]
    public void A_version_is_in_the_range_or_not(string constraint, string version, bool isIn) =>
        Assert.AreEqual(isIn, VersionBounds.TryParse(constraint)!.Allows(version));
}
