using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class WheelNameTests
{
    [TestMethod]
    public void A_build_tag_and_compressed_tag_sets_are_parsed()
    {
        var wheel = WheelName.Parse("PySide2-5.15.2.1-5.15.2-cp35.cp36.cp37-abi3-manylinux1_x86_64.whl");

        Assert.AreEqual("pyside2 5.15.2.1 5.15.2", $"{wheel.Package} {wheel.Version} {wheel.BuildTag}");
        Assert.AreEqual("cp35 cp36 cp37 / abi3 / manylinux1_x86_64", $"{string.Join(' ', wheel.Pythons)} / {string.Join(' ', wheel.Abis)} / {string.Join(' ', wheel.Platforms)}");
    }

    [TestMethod]
    [DataRow("PySide6_Addons-6.7.1-cp39-abi3-manylinux_2_28_x86_64.whl", "pyside6-addons")]
    [DataRow("pyside6_addons-6.9.3-cp39-abi3-manylinux_2_28_x86_64.whl", "pyside6-addons")]
    [DataRow("zope.interface-7.0-cp312-cp312-manylinux_2_5_x86_64.manylinux1_x86_64.whl", "zope-interface")]
    [DataRow("torch-2.5.0+cpu-cp312-cp312-linux_x86_64.whl", "torch")]
    public void The_package_is_the_same_however_it_is_written(string file, string package) => Assert.AreEqual(package, WheelName.Parse(file).Package);

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow(".whl")]
    [DataRow("a-1.0-py3-none-any.tar.gz")]
    [DataRow("a-1.0-py3-none-any.WHL")]
    [DataRow("a-1.0-py3-none.whl")]
    [DataRow("a-1.0-1-2-py3-none-any.whl")]
    [DataRow("a-1.0-build-py3-none-any.whl")]
    [DataRow("a--py3-none-any.whl")]
    [DataRow("a-1.0-py3-none-any%.whl")]
    [DataRow("../a-1.0-py3-none-any.whl")]
    [DataRow("a-%{version}-py3-none-any.whl")]
    public void Anything_else_is_no_wheel_name(string? file) => Assert.IsFalse(WheelName.TryParse(file, out _));
}
