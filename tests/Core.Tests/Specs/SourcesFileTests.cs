using DotnetRelease.Specs;
using static DotnetRelease.Core.Tests.Specs.SpecTexts;

namespace DotnetRelease.Core.Tests.Specs;

[TestClass]
public sealed class SourcesFileTests
{
    [TestMethod]
    public void Lines_comments_and_windows_endings_are_read()
    {
        var file = SourcesFile.Parse($"# from upstream\r\n\r\nSHA256 (a.tar.gz) = {Hex("a")}\r\nSHA256 (b.zip) = {Hex("b").ToUpperInvariant()}", "sources");

        Assert.AreEqual(Digest.Of("a"), file.Find("a.tar.gz")!.Digest);
        Assert.AreEqual(new SourcePosition("sources", 4, 1), file.Find("b.zip")!.Position);
        Assert.IsNull(file.Find("c"));
    }

    [TestMethod]
    [DataRow("abc", 1, "not of the form")]
    [DataRow("0123  a.tar.gz", 1, "not of the form")]
    [DataRow("\nSHA512 (a) = 00", 1, "Only SHA256")]
    [DataRow("SHA256 (../a) = {0}", 9, "path separator")]
    [DataRow("SHA256 (a b) = {0}", 9, "character other than")]
    [DataRow("SHA256 (a) = {0}0", 14, "found 65 characters")]
    [DataRow("SHA256 (a) = zz", 14, "found 2 characters")]
    [DataRow("SHA256 (a) = {0}\nSHA256 (a) = {0}", 1, "a second time; the first is at sources(1,1)")]
    public void A_line_of_another_form_is_refused_with_its_place(string text, int column, string message)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => SourcesFile.Parse(text.Replace("{0}", Hex("x"), StringComparison.Ordinal), "sources"));

        Assert.AreEqual(Fault.SpecMalformed, ex.Fault);
        Assert.AreEqual(column, ex.Position!.Value.Column);
        Assert.Contains(message, ex.Message, StringComparison.Ordinal);
    }
}
