namespace DotnetRelease.Core.Tests;

[TestClass]
public sealed class SafeNameTests
{
    [TestMethod]
    [DataRow("PySide6_Essentials-6.7.1-cp39-abi3-manylinux_2_28_x86_64.whl")]
    [DataRow("torch-2.0+cpu.tar.gz")]
    [DataRow("a-1!2.0~rc1.zip")]
    [DataRow("console.whl")]
    [DataRow("com10.txt")]
    [DataRow(".hidden")]
    public void A_plain_segment_is_a_good_name(string name) => Assert.IsNull(SafeName.Refuse(name));

    [TestMethod]
    public void A_name_may_have_255_characters_and_not_one_more()
    {
        Assert.IsNull(SafeName.Refuse(new string('a', 255)));
        Assert.IsNotNull(SafeName.Refuse(new string('a', 256)));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(".")]
    [DataRow("..")]
    [DataRow("/")]
    [DataRow("a/..")]
    [DataRow("a\\b")]
    [DataRow("-a")]
    [DataRow("a\0")]
    [DataRow("a\r")]
    [DataRow("é")]
    [DataRow("a:b")]
    [DataRow("a*")]
    [DataRow("a;b")]
    [DataRow("NUL")]
    [DataRow("lpt9.zip")]
    public void Everything_else_is_refused_with_a_reason(string name) => Assert.IsNotNull(SafeName.Refuse(name));
}
