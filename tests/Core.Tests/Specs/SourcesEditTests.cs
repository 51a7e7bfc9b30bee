using DotnetRelease.Specs;
using static DotnetRelease.Core.Tests.Specs.SpecTexts;

namespace DotnetRelease.Core.Tests.Specs;

[TestClass]
public sealed class SourcesEditTests
{
    private static readonly string A = Hex("a");
    private static readonly string B = Hex("b");

    [TestMethod]
    public void A_line_takes_the_place_of_the_old_file_and_everything_else_keeps_its_bytes()
    {
        var edit = Edit($"# ü\r\nSHA256 (x-1.tar.gz) = {A}\r\n\r\n# end\r\nSHA256 (y) = {B}");

        var now = edit.With("x-2.tar.gz", Digest.Of("b"), "x-1.tar.gz");

        Assert.AreEqual($"# ü\r\nSHA256 (x-2.tar.gz) = {B}\r\n\r\n# end\r\nSHA256 (y) = {B}", now.Text);
        Assert.IsTrue(now.IsChange);
        Assert.Contains($"-SHA256 (x-1.tar.gz) = {A}\r\n+SHA256 (x-2.tar.gz) = {B}\r\n", now.Diff, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_second_time_changes_nothing()
    {
        var once = Edit($"SHA256 (x-1) = {A}\n").With("x-2", Digest.Of("b"), "x-1");
        var twice = Edit(once.Text).With("x-2", Digest.Of("b"), "x-1");

        Assert.IsFalse(twice.IsChange);
        Assert.AreEqual("", twice.Diff);
    }

    [TestMethod]
    public void Upper_case_of_the_same_digest_is_left_alone() =>
        Assert.IsFalse(Edit($"SHA256 (x) = {A.ToUpperInvariant()}\n").With("x", Digest.Of("a")).IsChange);

    [TestMethod]
    public void The_old_line_goes_when_the_new_one_was_there()
    {
        var now = Edit($"SHA256 (x-1) = {A}\nSHA256 (x-2) = {A}\n").With("x-2", Digest.Of("b"), "x-1");

        Assert.AreEqual($"SHA256 (x-2) = {B}\n", now.Text);
    }

    [TestMethod]
    public void A_new_line_goes_to_the_end_on_a_line_of_its_own()
    {
        var now = Edit($"SHA256 (x) = {A}").With("y", Digest.Of("b"));

        Assert.AreEqual($"SHA256 (x) = {A}\nSHA256 (y) = {B}\n", now.Text);
    }

    [TestMethod]
    [DataRow(null, true)]
    [DataRow("# nothing yet\n", true)]
    [DataRow("SHA256 (x) = {0}", false)]
    [DataRow("SHA512 (x) = {0}{0}", true)]
    public void One_file_has_one_algorithm_and_a_new_one_that_of_dist_git(string? text, bool isLong)
    {
        var before = text is null ? null : SourcesFile.Parse(text.Replace("{0}", A, StringComparison.Ordinal), "sources");

        Assert.AreEqual(isLong, new SourcesEdit(before, "sources").IsLong);
    }

    private static SourcesEdit Edit(string text) => new(SourcesFile.Parse(text, "sources"), "sources");
}
