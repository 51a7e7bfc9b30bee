using DotnetRelease.Fixtures;
using DotnetRelease.WheelFiles;

namespace DotnetRelease.Core.Tests.WheelFiles;

[TestClass]
public sealed class WheelMetadataTests
{
    [TestMethod]
    public void Fields_are_read_in_any_case_folded_and_not_out_of_the_body()
    {
        var metadata = Read("metadata-version: 2.1\r\nNAME: greeter\r\nVersion:1.0\r\nSummary: Greets\r\n  everybody\r\nLicense: UNKNOWN\r\nProject-URL: Bugs, https://b.example.org\r\nProject-URL: Source Code, https://s.example.org\r\nHome-page: https://old.example.org\r\nno field\r\n\r\nLicense: MIT\r\nRequires-Dist: evil\r\n");

        Assert.AreEqual(("greeter", "1.0", "Greets\neverybody", null, "https://s.example.org"), (metadata.Name, metadata.Version, metadata.Summary, metadata.License, metadata.HomePage));
        Assert.IsEmpty(metadata.RequiresDist);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(" Name: folded before anything\n")]
    [DataRow("Name: greeter\n")]
    [DataRow("\nName: greeter\nVersion: 1.0\n")]
    public void A_wheel_that_does_not_say_what_it_is_is_refused(string text) =>
        Assert.AreEqual(Fault.WheelRefused, Assert.ThrowsExactly<ReleaseException>(() => Read(text)).Fault);

    [TestMethod]
    public void A_tree_is_what_an_installer_makes_of_the_wheel()
    {
        using var scratch = new Scratch();
        var path = scratch.Write("x.whl", new WheelBytes("greeter-1.0.dist-info", "Name: greeter\nVersion: 1.0\n", isPure: false)
            .Add("greeter.py", "").Add("greeter-1.0.data/purelib/pure.py", "").Add("greeter-1.0.data/platlib/plat.so", "").Add("greeter-1.0.data/scripts/run", "")
            .Add("greeter-1.0.data/data/etc/greeter.conf", "").Add("greeter-1.0.dist-info/entry_points.txt", "[gui_scripts]\nshow = greeter:show\n# a = b\n[x]\ny = z\n").Build());
        using var wheel = Wheel.Open(path, "x.whl");

        var tree = WheelTree.Read(wheel);

        Assert.IsFalse(tree.IsPure);
        Assert.AreEqual("greeter.py plat.so pure.py", string.Join(' ', tree.Library.Where(file => !file.Contains('/', StringComparison.Ordinal))));
        Assert.AreEqual("run show|etc/greeter.conf", $"{string.Join(' ', tree.Programs)}|{string.Join(' ', tree.Data)}");
    }

    private static WheelMetadata Read(string text)
    {
        using var scratch = new Scratch();
        using var wheel = Wheel.Open(scratch.Write("x.whl", new WheelBytes("greeter-1.0.dist-info", text, isPure: true).Build()), "x.whl");
        return WheelMetadata.Read(wheel);
    }
}
