using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class BuildMatrixTests
{
    private const string TwoMachines = """
        [project]
        name = "hello"
        lockfiles = ["poetry.lock"]
        [[rpm]]
        name = "greeter"
        follows = ["greeter"]
        targets = ["fedora-43", "fedora-44"]
        [target.fedora-43]
        image = "registry.example.org/fedora:43"
        arch = ["x86_64", "aarch64"]
        [target.fedora-44]
        image = "registry.example.org/fedora:44"
        arch = ["s390x"]
        """;

    private const string Spec = "Name: greeter\nVersion: 1.1\nRelease: 1\nSummary: s\nLicense: MIT\nSource0: greeter-%{version}-py3-none-any.whl\n%description\n%files\n";

    [TestMethod]
    public void Every_build_is_a_cell_with_a_runner_of_its_machine()
    {
        var matrix = BuildMatrix.Of(new PlanWorld { SettingsText = TwoMachines, Spec = Spec }.Plan());

        using var json = JsonDocument.Parse(matrix.ToGitHub());
        CollectionAssert.AreEqual(
            (string[])
            [
                "greeter-fedora-43-x86_64 greeter@fedora-43/x86_64 greeter fedora-43 x86_64 ubuntu-24.04",
                "greeter-fedora-43-aarch64 greeter@fedora-43/aarch64 greeter fedora-43 aarch64 ubuntu-24.04-arm",
                "greeter-fedora-44-s390x greeter@fedora-44/s390x greeter fedora-44 s390x s390x",
            ],
            json.RootElement.GetProperty("include").EnumerateArray()
                .Select(cell => string.Join(' ', ((string[])["name", "id", "rpm", "target", "arch", "runner"]).Select(name => cell.GetProperty(name).GetString()))).ToArray());
        Assert.DoesNotContain('\n', matrix.ToGitHub());
    }

    [TestMethod]
    public void One_cell_is_planned_alone_by_its_names()
    {
        var world = new PlanWorld { SettingsText = TwoMachines, Spec = Spec, Request = new(["greeter"], ["fedora-43"]) { Archs = ["aarch64"] } };

        Assert.AreEqual("greeter-fedora-43-aarch64", BuildMatrix.Of(world.Plan()).Cells.Single().Name);
        Assert.AreEqual(Fault.Usage, (world with { Request = world.Request with { Archs = ["aarch46"] } }).Refusal().Fault);
    }

    [TestMethod]
    public void What_is_up_to_date_is_no_cell_and_an_empty_matrix_says_so()
    {
        var world = new PlanWorld { SettingsText = TwoMachines, Spec = Spec };
        var built = world.Plan().Rpms.Single().Targets.Select(target => new BuildRecord("greeter", target.Name, target.Arch, target.InputsKey, [])).ToImmutableArray();

        var matrix = BuildMatrix.Of((world with { Built = built }).Plan());

        Assert.AreEqual("""{"include":[]}""", matrix.ToGitHub());
        Assert.AreEqual("""{"schema":1,"count":0,"matrix":{"include":[]}}""", matrix.ToJson());
    }
}
