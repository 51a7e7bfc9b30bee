using System.Text;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class ProjectDependenciesTests
{
    [TestMethod]
    public void Both_notations_are_read_with_their_places()
    {
        var found = Read("""
            [project]
            dependencies = [
                "PySide6 (>=6.7.1,<7.0.0)",
                "requests[socks]>=2.31 ; python_version < '3.13'",
                "local @ file:///x",
            ]
            [tool.poetry.dependencies]
            python = ">=3.10,<3.15"
            PyMuPDF = "^1.25.3"
            typing_extensions = { version = "*", markers = "sys_platform == 'linux'" }
            numpy = [{ version = "^1", python = "<3.12" }, { version = "^2", python = ">=3.12" }]
            here = { path = "../here" }
            """);

        CollectionAssert.AreEqual(
            (string[])
            [
                "pyside6|(>=6.7.1,<7.0.0)||3",
                "requests|>=2.31|python_version < '3.13'|4",
                "pymupdf|^1.25.3||9",
                "typing-extensions|*|sys_platform == 'linux'|10",
                "numpy|^1|python <3.12|11",
                "numpy|^2|python >=3.12|11",
            ],
            found.Select(each => $"{each.Name}|{each.Constraint}|{each.Marker}|{each.Position.Line}").ToArray());
    }

    [TestMethod]
    [DataRow("[project]\nname = 'x'\n")]
    [DataRow("")]
    public void A_project_without_dependencies_has_none(string text) => Assert.IsTrue(Read(text).IsEmpty);

    [TestMethod]
    [DataRow("<<<<<<< HEAD\n")]
    [DataRow("[project]\ndependencies = [1]\n")]
    [DataRow("[tool]\npoetry = 'x'\n")]
    public void What_is_no_such_file_is_refused_with_its_place(string text) =>
        Assert.IsGreaterThan(0, Assert.ThrowsExactly<ReleaseException>(() => Read(text)).Position!.Value.Line);

    private static System.Collections.Immutable.ImmutableArray<ProjectDependency> Read(string text) => ProjectDependencies.Read(Encoding.UTF8.GetBytes(text), "pyproject.toml");
}
