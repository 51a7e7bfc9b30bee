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
            foreach (var command in (string[])[manager.InstallTools, manager.InstallRequirements])
            {
                Assert.IsTrue(command.Contains(" -y ", StringComparison.Ordinal) || command.Contains(" --non-interactive ", StringComparison.Ordinal), command);
            }
        }
    }

    [TestMethod]
    public void The_one_that_knows_most_is_asked_for_first() =>
        CollectionAssert.AreEqual((string[])["dnf5", "dnf", "microdnf", "zypper"], PackageManager.Known.Select(manager => manager.Program).ToArray());
}
