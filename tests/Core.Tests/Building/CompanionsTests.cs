using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class CompanionsTests
{
    private const int Provides = 1047, Requires = 1049;
    private const uint Equal = 8;

    private static readonly WrittenRpm App = new("app") { Dependencies = [(Requires, "bash", 0, ""), (Requires, "python3dist(qt)", Equal, "6")] };
    private static readonly WrittenRpm Qt = new("python3-qt") { Dependencies = [(Provides, "python3dist(qt)", Equal, "6"), (Requires, "/usr/lib64/libshiboken.so", 0, ""), (Requires, "app", 0, "")] };
    private static readonly WrittenRpm Shiboken = new("shiboken") { Files = [("/usr/lib64/libshiboken.so", 0x81A4, 0)], Dependencies = [(Provides, "shiboken", Equal, "1")] };
    private static readonly WrittenRpm Stranger = new("stranger") { Dependencies = [(Provides, "stranger", Equal, "1"), (Requires, "app", 0, "")] };

    [TestMethod]
    public void What_is_required_comes_along_with_what_that_requires_and_nothing_else() => Assert.AreEqual("python3-qt shiboken", Found([App], Qt, Shiboken, Stranger));

    [TestMethod]
    public void Who_requires_what_only_the_distro_has_goes_alone() => Assert.AreEqual("", Found([App with { Dependencies = [(Requires, "bash", 0, "")] }], Qt, Shiboken, Stranger));

    [TestMethod]
    [DataRow("(python3dist(qt) >= 6 with python3dist(qt) < 7)")]
    [DataRow("((other or python3dist(qt)) and more)")]
    public void A_rich_requirement_names_what_it_may_be(string requirement) =>
        Assert.AreEqual("python3-qt shiboken", Found([App with { Dependencies = [(Requires, requirement, 0, "")] }], Qt, Shiboken, Stranger));

    private static string Found(ImmutableArray<WrittenRpm> packages, params WrittenRpm[] candidates) =>
        string.Join(' ', Companions.Of([.. packages.Select(Read)], [.. candidates.Select(Read)]).Select(package => package.Nevra.Name));

    private static RpmPackage Read(WrittenRpm written)
    {
        var bytes = written.ToBytes();
        return RpmStart.Parse(bytes, bytes.Length, written.FileName);
    }
}
