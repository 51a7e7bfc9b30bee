using DotnetRelease.Fixtures;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class FilePatternTests
{
    [TestMethod]
    [DataRow("dist/**/*.rpm", "dist/a.rpm dist/rpm/f43/b.rpm")]
    [DataRow("dist/*.rpm", "dist/a.rpm")]
    [DataRow("dist/checksums.txt*", "dist/checksums.txt dist/checksums.txt.asc")]
    [DataRow("**/b.???", "dist/rpm/f43/b.rpm")]
    [DataRow("dist/a.rpm", "dist/a.rpm")]
    [DataRow("dist/**", "dist/a.rpm dist/checksums.txt dist/checksums.txt.asc dist/rpm/f43/b.rpm")]
    [DataRow("dist/rpm", "")]
    [DataRow("dist/(a).rpm", "")]
    [DataRow("nowhere/*", "")]
    public void Files_are_found_by_name_and_folders_links_and_hidden_ones_are_not(string pattern, string expected)
    {
        using var scratch = new Scratch();
        foreach (var path in (string[])["dist/a.rpm", "dist/checksums.txt", "dist/checksums.txt.asc", "dist/rpm/f43/b.rpm", "dist/.hidden.rpm", "dist/.git/c.rpm"])
        {
            scratch.Write(path, "x");
        }

        File.CreateSymbolicLink(scratch["dist/link.rpm"], "/etc/hostname");
        Directory.CreateSymbolicLink(scratch["dist/loop"], scratch.Root);

        var found = new FilePattern(pattern).FilesBelow(scratch.Root).Select(path => Path.GetRelativePath(scratch.Root, path));

        Assert.AreEqual(expected, string.Join(' ', found));
    }
}
