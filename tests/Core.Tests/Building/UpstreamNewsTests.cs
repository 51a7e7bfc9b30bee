using DotnetRelease.Building;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class UpstreamNewsTests
{
    [TestMethod]
    public void Folders_that_moved_are_told_once_and_nothing_else_of_the_log()
    {
        using var scratch = new Scratch();
        scratch.Write("01-prepare.log", "warning: new upstream: no build\n");
        scratch.Write("02-build.log", "+ rm\nwarning: gone upstream: a/b\nwarning: new upstream: a/c\nwarning: new upstream: a/c\nwarning: something else\n echo 'warning: new upstream: x'\nwarning: new upstream: \u001b[2J\n");

        CollectionAssert.AreEqual((string[])["gone upstream: a/b", "new upstream: a/c"], UpstreamNews.Read(scratch.Root));
    }

    [TestMethod]
    public void A_build_that_tells_of_everything_is_not_listened_to_for_ever()
    {
        using var scratch = new Scratch();
        scratch.Write("01-build.log", string.Concat(Enumerable.Range(0, 1000).Select(number => $"warning: new upstream: {number}\n")));

        Assert.HasCount(20, UpstreamNews.Read(scratch.Root));
    }
}
