using DotnetRelease.Building;
using DotnetRelease.Containers;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class BuildResultsTests
{
    private const string Noarch = "/build/RPMS/noarch";

    [TestMethod]
    public void What_a_spec_gives_may_be_copied() => Assert.IsNull(BuildResults.Refuse(
        [
            File("a-1.0~rc1^git.1-1.fc43.x86_64.rpm"), File("a-debuginfo-1.0-1.fc43.x86_64.rpm"), File("a-debugsource-1.0-1.fc43.x86_64.rpm"),
            File("libstdc++-1.0-1.fc43.noarch.rpm"), File("a-1.0-1.src.rpm", "/build/SRPMS"),
        ],
        planned: 3));

    [TestMethod]
    [DataRow(ContainerEntryKind.Link, "is a symbolic link and no plain file")]
    [DataRow(ContainerEntryKind.Other, "is a FIFO, socket or device and no plain file")]
    [DataRow(ContainerEntryKind.Folder, "is a folder and no plain file")]
    public void Only_plain_files_are_taken(ContainerEntryKind kind, string refusal) =>
        Assert.AreEqual($"'{Noarch}/a-1-1.noarch.rpm', which the build gave, {refusal}", BuildResults.Refuse([new(Noarch, new("a-1-1.noarch.rpm", kind))], planned: 2));

    [TestMethod]
    [DataRow("a\nb.rpm", "a\\nb.rpm")]
    [DataRow("..rpm", "..rpm")]
    [DataRow(".rpm", ".rpm")]
    [DataRow("-rf.rpm", "-rf.rpm")]
    [DataRow("a b.rpm", "a b.rpm")]
    [DataRow("a\\..\\b.rpm", "a\\..\\b.rpm")]
    [DataRow("\uFFFD.rpm", "\uFFFD.rpm")]
    public void A_name_that_no_package_has_is_refused_in_one_line(string name, string shown) =>
        Assert.AreEqual($"'{Noarch}/{shown}', which the build gave, has a name that no package has", BuildResults.Refuse([File(name)], planned: 2));

    [TestMethod]
    public void The_same_name_in_two_folders_is_refused() => Assert.AreEqual(
        "'/build/RPMS/x86_64/a-1-1.noarch.rpm', which the build gave, has the name of another one",
        BuildResults.Refuse([File("a-1-1.noarch.rpm"), File("a-1-1.noarch.rpm", "/build/RPMS/x86_64")], planned: 2));

    [TestMethod]
    public void Thousands_are_counted_and_not_listed() => Assert.AreEqual(
        "the plan promises 2 packages, but the build gave 5000", BuildResults.Refuse([.. Enumerable.Range(0, 5000).Select(number => File($"a{number}-1-1.noarch.rpm"))], planned: 2));

    private static FoundResult File(string name, string folder = Noarch) => new(folder, new(name, ContainerEntryKind.File));
}
