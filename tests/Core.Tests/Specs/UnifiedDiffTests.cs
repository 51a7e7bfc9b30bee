using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Specs;

namespace DotnetRelease.Core.Tests.Specs;

/// <summary>git is the judge: a diff is right when git makes the second text out of the first with it.</summary>
[TestClass]
public sealed class UnifiedDiffTests(TestContext test)
{
    [TestMethod]
    [DataRow("a\nb\nc\n", "a\nB\nc\n")]
    [DataRow("a\nb\nc\n", "a\nc\n")]
    [DataRow("a\nc\n", "a\nb\nc\n")]
    [DataRow("a\n", "x\na\n")]
    [DataRow("a\n", "a\nx\n")]
    [DataRow("a", "a\n")]
    [DataRow("a\n", "a")]
    [DataRow("a\r\nb\r\n", "a\r\nB\r\n")]
    [DataRow("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n", "1\nX\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\nY\n16\n")]
    [DataRow("1\n2\n3\n4\n5\n6\n7\n8\n", "1\nX\n3\n4\n5\n6\nY\n8\n")]
    [DataRow("a\nb\na\nb\na\n", "b\na\nb\nb\na\na\n")]
    [DataRow("ä\n", "ö\n")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Git_makes_the_second_text_of_the_first(string before, string after)
    {
        using var scratch = new Scratch();
        scratch.Write("x.spec", before);
        scratch.Write("patch", UnifiedDiff.Of(SpecFile.Parse(before, "x.spec"), SpecFile.Parse(after, "x.spec")));

        await Exec.ReadAsync(new Git(scratch.Root).Command("apply", "patch"), test.CancellationToken);

        Assert.AreEqual(after, await File.ReadAllTextAsync(scratch["x.spec"], test.CancellationToken));
    }

    [TestMethod]
    public void Equal_texts_have_no_diff() => Assert.AreEqual("", UnifiedDiff.Of(SpecFile.Parse("a\n", "x"), SpecFile.Parse("a\n", "x")));

    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = true)]
    public void Long_specs_with_few_differences_are_quick()
    {
        var before = string.Concat(Enumerable.Range(0, 200_000).Select(line => $"{line}\n"));

        var diff = UnifiedDiff.Of(SpecFile.Parse(before, "x"), SpecFile.Parse(before.Replace("\n777\n", "\nseven\n", StringComparison.Ordinal), "x"));

        Assert.Contains("@@ -775,7 +775,7 @@", diff, StringComparison.Ordinal);
    }
}
