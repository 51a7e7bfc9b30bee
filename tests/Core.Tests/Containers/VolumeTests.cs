using DotnetRelease.Containers;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Containers;

[TestClass]
public sealed class VolumeTests
{
    [TestMethod]
    public void A_relative_source_starts_at_the_users_folder()
    {
        using var scratch = new Scratch();
        scratch.Folder("src");

        Assert.AreEqual(new Volume(scratch["src"], "/src", ReadOnly: true), Volume.Parse("src:/src:ro", scratch.Root));
        Assert.AreEqual(new Volume(scratch.Root, "/here", ReadOnly: false), Volume.Parse(".:/here", scratch.Root));
        Assert.AreEqual(new Volume("/etc/passwd", "/p", ReadOnly: false), Volume.Parse("/etc/passwd:/p:rw", scratch.Root));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("/etc")]
    [DataRow(":/x")]
    [DataRow("/etc:relative")]
    [DataRow("/etc:/")]
    [DataRow("/etc:/x:rx")]
    [DataRow("/etc:/x:ro:z")]
    [DataRow("/no/such/folder:/x")]
    public void Anything_else_is_a_usage_error(string text)
    {
        var failure = Assert.ThrowsExactly<ReleaseException>(() => Volume.Parse(text, "/"));

        Assert.AreEqual(Fault.Usage, failure.Fault);
    }
}
