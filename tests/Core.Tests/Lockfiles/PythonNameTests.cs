using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class PythonNameTests
{
    [TestMethod]
    [DataRow("friendly-bard")]
    [DataRow("Friendly-Bard")]
    [DataRow("FRIENDLY-BARD")]
    [DataRow("friendly.bard")]
    [DataRow("friendly_bard")]
    [DataRow("friendly--bard")]
    [DataRow("FrIeNdLy-._.-bArD")]
    public void All_spellings_of_a_name_are_one_name(string spelling) => Assert.AreEqual("friendly-bard", PythonName.Normalize(spelling));

    [TestMethod]
    [DataRow("")]
    [DataRow("-a")]
    [DataRow("a-")]
    [DataRow("a b")]
    [DataRow("a/b")]
    [DataRow("ä")]
    [DataRow("a\n")]
    public void Anything_else_is_no_name(string text) => Assert.IsFalse(PythonName.IsValid(text));

    [TestMethod]
    [DataRow("a")]
    [DataRow("0")]
    [DataRow("A.b_c-9")]
    public void Letters_digits_and_three_separators_make_a_name(string text) => Assert.IsTrue(PythonName.IsValid(text));
}
