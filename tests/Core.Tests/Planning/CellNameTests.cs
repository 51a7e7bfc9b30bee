using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class CellNameTests
{
    [TestMethod]
    [DataRow("python3-pyside6@fedora-43", "python3-pyside6", "fedora-43", null)]
    [DataRow("a@b@el10/aarch64", "a@b", "el10", "aarch64")]
    public void A_name_is_read_and_written(string text, string rpm, string target, string? arch)
    {
        var cell = CellName.Parse(text);

        Assert.AreEqual(new CellName(rpm, target, arch), cell);
        Assert.AreEqual(text, cell.ToString());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("python3-pyside6")]
    [DataRow("@fedora-43")]
    [DataRow("a@")]
    [DataRow("a@/x86_64")]
    [DataRow("a@b/")]
    [DataRow("a@b/c/d")]
    public void Anything_else_is_a_mistake_of_the_user(string text) =>
        Assert.AreEqual(Fault.Usage, Assert.ThrowsExactly<ReleaseException>(() => CellName.Parse(text)).Fault);

    [TestMethod]
    public void Without_a_machine_it_means_all_of_the_target()
    {
        Assert.IsTrue(CellName.Parse("a@b").Means("a", "b", "aarch64"));
        Assert.IsFalse(CellName.Parse("a@b/x86_64").Means("a", "b", "aarch64"));
    }
}
