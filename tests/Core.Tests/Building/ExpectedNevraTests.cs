using DotnetRelease.Building;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class ExpectedNevraTests
{
    [TestMethod]
    [DataRow("python3-greeter-1.1.0-1.fc43.noarch", "python3-greeter-1.1.0-1.fc43.noarch")]
    [DataRow("python3-greeter-1.1.0-1%{?dist}.noarch", "python3-greeter-1.1.0-1.fc43.noarch")]
    [DataRow("python3-greeter-1.1.0-1%{?dist}.noarch", "python3-greeter-1.1.0-1.noarch")]
    [DataRow("a-%{version}-1%{?dist}.x86_64", "a-2-1.el9.x86_64")]
    [DataRow("a-%ver-1.x86_64", "a-2-1.x86_64")]
    [DataRow("a-%(echo (2) | tr -d '()')-1.x86_64", "a-2-1.x86_64")]
    [DataRow("a-%[1 + [2]]-1.x86_64", "a-3-1.x86_64")]
    [DataRow("a-1-1%{?pre:.%{pre}}%{?dist}.x86_64", "a-1-1.rc1.fc43.x86_64")]
    [DataRow("a-1-1%?dist.x86_64", "a-1-1.fc43.x86_64")]
    public void A_macro_that_only_the_image_knows_stands_for_any_text(string planned, string actual) =>
        Assert.IsTrue(ExpectedNevra.Allows(planned, actual));

    [TestMethod]
    [DataRow("python3-greeter-1.1.0-1.fc43.noarch", "python3-greeter-1.1.0-1.fc44.noarch")]
    [DataRow("python3-greeter-1.1.0-1%{?dist}.noarch", "python3-greeter-1.1.0-2.fc43.noarch")]
    [DataRow("python3-greeter-1.1.0-1%{?dist}.noarch", "python3-greeter-1.1.0-1.fc43.x86_64")]
    [DataRow("a%{?x}a", "a")]
    [DataRow("ab%{?x}bc", "abc")]
    [DataRow("a-%(echo 1)-1.x86_64", "a-1-2.x86_64")]
    [DataRow("a-%(never ends-1.x86_64", "b-1-1.x86_64")]
    public void What_is_written_out_has_to_be_there(string planned, string actual) =>
        Assert.IsFalse(ExpectedNevra.Allows(planned, actual));

    [TestMethod]
    [DataRow("foo-debuginfo", true)]
    [DataRow("foo-libs-debuginfo", true)]
    [DataRow("foo-debugsource", true)]
    [DataRow("foo", false)]
    [DataRow("debuginfo-tools", false)]
    [DataRow("debuginfo", false)]
    public void What_rpmbuild_makes_for_debuggers_needs_no_plan(string name, bool expected) =>
        Assert.AreEqual(expected, ExpectedNevra.IsDebugPackage(name));
}
