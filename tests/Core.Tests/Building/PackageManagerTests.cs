using DotnetRelease.Building;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class PackageManagerTests
{
    [TestMethod]
    public void Each_installs_the_requirements_of_the_spec_without_asking_anybody()
    {
        foreach (var manager in PackageManager.Known)
        {
            Assert.Contains("{spec}", manager.InstallRequirements, StringComparison.Ordinal, manager.Program);
            Assert.Contains("rpm-build", manager.InstallTools, StringComparison.Ordinal, manager.Program);
            foreach (var command in (string[])[manager.InstallTools, manager.RequirementsOf("a.spec"), manager.ExactInstallOf("a b", isAlone: true)])
            {
                Assert.IsTrue(command.Contains(" -y ", StringComparison.Ordinal) || command.Contains(" --non-interactive ", StringComparison.Ordinal), command);
            }
        }
    }

    [TestMethod]
    [DataRow("dnf5", "dnf5 -y --setopt=keepcache=1 --disablerepo='*' builddep /b/a.spec", "perl-libs-4:5.42.0-518.fc43.x86_64")]
    [DataRow("dnf", "dnf -y --setopt=keepcache=1 --disablerepo='*' builddep /b/a.spec", "perl-libs-4:5.42.0-518.fc43.x86_64")]
    [DataRow("zypper", "rpmspec -q --buildrequires /b/a.spec | tr '\\n' '\\0' | xargs -0 -r zypper --non-interactive --no-remote install --no-recommends --capability", "perl-libs.x86_64=4:5.42.0-518.fc43")]
    public void Each_can_be_asked_without_repositories_and_for_an_exact_version(string program, string alone, string exact)
    {
        var manager = PackageManager.Known.Single(manager => manager.Program == program);

        Assert.AreEqual(alone, manager.RequirementsOf("/b/a.spec", isAlone: true));
        Assert.AreEqual(exact, manager.WordFor(new Nevra("perl-libs", 4, "5.42.0", "518.fc43", "x86_64")));
    }

    [TestMethod]
    public void The_one_that_knows_most_is_asked_for_first() =>
        CollectionAssert.AreEqual((string[])["dnf5", "dnf", "microdnf", "zypper"], PackageManager.Known.Select(manager => manager.Program).ToArray());
}
