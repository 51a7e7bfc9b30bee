using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Specs;
using static DotnetRelease.Core.Tests.Specs.SpecTexts;

namespace DotnetRelease.Core.Tests.Specs;

[TestClass]
public sealed class SourcesFileTests(TestContext test)
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
    public async Task The_lines_of_sha512sum_and_sha256sum_are_read_and_mean_the_files()
    {
        using var scratch = new Scratch();
        scratch.Write("tool-1.0.tar.gz", "bytes");
        var lines = await Exec.ReadAsync(new Command("sh", "-c", "cd \"$0\" && sha512sum --tag *.gz && cp *.gz other.gz && sha256sum --tag other.gz", scratch.Root), test.CancellationToken);

        var file = SourcesFile.Parse(lines.Output, "sources");

        Assert.AreEqual("sha512", file.Lines[0].Digest.Algorithm);
        Assert.AreEqual(file.Lines[0].Digest, await Digest.OfFileLikeAsync(scratch["tool-1.0.tar.gz"], file.Lines[0].Digest, test.CancellationToken));
        Assert.AreEqual(Digest.Of("bytes"), file.Find("other.gz")!.Digest);
    }

    [TestMethod]
    public void A_name_that_was_escaped_for_nothing_is_the_name() =>
        Assert.AreEqual("a-1~rc1.tar.gz", SourcesFile.Parse($"\\SHA256 (a-1~rc1.tar.gz) = {Hex("a")}", "sources").Lines.Single().File);

    [TestMethod]
    [DataRow("abc", 1, "not of the form")]
    [DataRow("0123  a.tar.gz", 1, "not of the form")]
    [DataRow("d41d8cd98f00b204e9800998ecf8427e  a.tar.gz", 1, "has an MD5 digest")]
    [DataRow("D41D8CD98F00B204E9800998ECF8427E *a.tar.gz", 1, "has an MD5 digest")]
    [DataRow("MD5 (a) = d41d8cd98f00b204e9800998ecf8427e", 1, "has an MD5 digest")]
    [DataRow("SHA1 (a) = da39a3ee5e6b4b0d3255bfef95601890afd80709", 1, "has an SHA1 digest")]
    [DataRow("\nBLAKE2b (a) = 00", 1, "Only SHA512 and SHA256")]
    [DataRow("SHA512 (a) = 00", 14, "has 128 hex digits, found 2 characters")]
    [DataRow("SHA512 (a) = {0}", 14, "has 128 hex digits, found 64 characters")]
    [DataRow("SHA256 (a) = {0}{0}", 14, "has 64 hex digits, found 128 characters")]
    [DataRow("sha256 (a) = {0}", 1, "Only SHA512 and SHA256")]
    [DataRow("\\SHA256 (a\\\\b) = {0}", 10, "path separator")]
    [DataRow("\\SHA256 (a\\nb) = {0}", 10, "character other than")]
    [DataRow("SHA256 (a) = {0}\nSHA512 (a) = {0}{0}", 1, "a second time")]
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
