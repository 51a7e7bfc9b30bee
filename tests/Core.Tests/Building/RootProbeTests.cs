using DotnetRelease.Building;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class RootProbeTests
{
    [TestMethod]
    public void What_an_image_has_is_read_from_its_own_words()
    {
        var probe = RootProbe.Parse("program rpmbuild\nprogram dnf\nprogram microdnf\nsystem fedora-43\n");

        Assert.AreEqual("dnf", probe.Manager!.Program);
        Assert.IsTrue(probe.HasRpmbuild);
        Assert.AreEqual("fedora-43", probe.Distro);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("system ../../etc")]
    [DataRow("system -x")]
    [DataRow("system .hidden")]
    [DataRow("system ")]
    [DataRow("system a b")]
    public void A_system_that_is_no_plain_name_is_no_folder_of_ours(string output)
    {
        var probe = RootProbe.Parse(output);

        Assert.IsNull(probe.Distro);
        Assert.IsNull(probe.Manager);
    }
}
