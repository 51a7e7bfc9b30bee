using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Core.Tests.Specs;
using DotnetRelease.Lockfiles;
using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class PlanExplanationTests
{
    private const string Manylinux = "greeter-1.1-cp39-abi3-manylinux_2_28_x86_64.whl";

    [TestMethod]
    public void A_wheel_is_explained_by_its_tags_and_by_what_else_there_was()
    {
        var alone = Explain([Manylinux, "greeter-1.1-cp39-abi3-win_amd64.whl", "greeter-1.1-cp39-abi3-manylinux_2_28_aarch64.whl"]).Rpms.Single().Sources.Single();
        var best = Explain([Manylinux, "greeter-1.1-py3-none-any.whl"]).Rpms.Single().Sources.Single();
        var other = Explain([Manylinux, "greeter-1.1-cp39-abi3-manylinux_2_17_x86_64.whl"]).Rpms.Single().Sources.Single();

        Assert.AreEqual("for CPython 3.9 and later, glibc 2.28 and later, x86_64; the only wheel for this machine among 3 files of greeter 1.1 in the lock", alone.Why);
        Assert.AreEqual("fedora-43 (x86_64)", alone.Targets.Single());
        Assert.Contains("the best tags among 2 files of greeter 1.1 in the lock; also there: greeter-1.1-py3-none-any.whl", best.Why, StringComparison.Ordinal);
        Assert.Contains("greeter-1.1-cp39-abi3-manylinux_2_17_x86_64.whl has the better tags", other.Why, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("^1.0", "(python3.Ydist(greeter) < 2~~ with python3.Ydist(greeter) >= 1)", "ends before 2; the locked 1.1 is allowed")]
    [DataRow(">=1.0", "python3.Ydist(greeter) >= 1", "no upper bound: any later version satisfies it; the locked 1.1 is allowed")]
    [DataRow("<1.1", "python3.Ydist(greeter) < 1.1~~", "ends before 1.1; the locked 1.1 is NOT allowed")]
    [DataRow("==1.1", "python3.Ydist(greeter) = 1.1", "ends with 1.1; the locked 1.1 is allowed")]
    [DataRow("*", "python3.Ydist(greeter)", "no upper bound: any later version satisfies it; the locked 1.1 is allowed")]
    [DataRow("^0 || ^1", null, "no single range; the locked 1.1 is allowed")]
    public void A_constraint_of_the_project_is_what_its_RPM_requires(string constraint, string? requires, string sentence)
    {
        var found = Explain([Manylinux], new ProjectDependency("greeter", constraint, new("pyproject.toml", 7, 5)), new ProjectDependency("other", "*", default)).Rpms.Single().Requirements.Single();

        Assert.AreEqual((requires, sentence), (found.Requires, found.Sentence));
    }

    [TestMethod]
    public void What_is_left_out_is_said_with_its_reason_and_the_document_has_it_all()
    {
        var explanation = Explain([Manylinux], new ProjectDependency("greeter", "^1.0", new("pyproject.toml", 7, 5)));

        Assert.AreEqual("build helper: it follows no locked package; name it to build it", string.Join('\n', explanation.Skipped.Select(step => $"{step.Name}: {step.Why}")));
        using var json = JsonDocument.Parse(explanation.ToJson());
        var rpm = json.RootElement.GetProperty("rpms")[0];
        Assert.AreEqual(("greeter", "poetry.lock: greeter 1.0 -> 1.1"), (rpm.GetProperty("name").GetString(), rpm.GetProperty("reasons")[0].GetString()));
        Assert.AreEqual(("2", 7), (rpm.GetProperty("requires")[0].GetProperty("upper").GetString(), rpm.GetProperty("requires")[0].GetProperty("line").GetInt32()));
    }

    [TestMethod]
    [DataRow("1.1", "ships", "fedora-43 has python3-greeter 1.1-1.fc43 (updates) itself: there, greeter 1.1 of this project is not needed any more")]
    [DataRow("1.10~rc1", "ships", "fedora-43 has python3-greeter 1.10~rc1-1.fc43 (updates) itself: there, greeter 1.1 of this project is not needed any more")]
    [DataRow("1.1~rc1", "older", "fedora-43 has python3-greeter 1.1~rc1-1.fc43 (updates), which is older")]
    [DataRow("1.0.9", "older", "fedora-43 has python3-greeter 1.0.9-1.fc43 (updates), which is older")]
    [DataRow("", "none", "fedora-43 has no package of its own for it")]
    [DataRow("2.0", "ships", "fedora-43 has python3-greeter 2.0-1.fc43 (updates) itself: there, greeter 1.1 of this project is not needed any more; "
        + "pyproject.toml(7,5) does NOT allow its python3-greeter 2.0-1.fc43 (updates), so an update to that breaks the installation")]
    public void What_a_distro_has_itself_decides_whether_the_RPM_is_needed_there(string version, string state, string why)
    {
        var inputs = new PlanWorld().Inputs();
        var offer = new DistroOffer("fedora-43", "x86_64") { Packages = version is "" ? [] : [new("greeter", "python3-greeter", version, "1.fc43", "updates")] };

        var explanation = PlanExplanation.Of(
            Planner.Plan(inputs), inputs, [new ProjectDependency("greeter", "^1.0", new("pyproject.toml", 7, 5))], [offer, offer with { Target = "other" }]);

        var explained = explanation.Rpms.Single().Offers.Single();
        Assert.AreEqual((state, why), (explained.State, explained.Why));
        using var json = JsonDocument.Parse(explanation.ToJson());
        Assert.AreEqual(state, json.RootElement.GetProperty("rpms")[0].GetProperty("distros")[0].GetProperty("state").GetString());
    }

    [TestMethod]
    public void A_distro_that_could_not_be_asked_is_unknown_and_not_without()
    {
        var inputs = new PlanWorld().Inputs();

        var explained = PlanExplanation.Of(Planner.Plan(inputs), inputs, [], [new("fedora-43", "x86_64") { Unknown = "the image has no dnf to ask" }]).Rpms.Single().Offers.Single();

        Assert.AreEqual(("unknown", "the image has no dnf to ask"), (explained.State, explained.Why));
    }

    private static PlanExplanation Explain(string[] wheels, params ImmutableArray<ProjectDependency> dependencies)
    {
        var inputs = new PlanWorld
        {
            New = [SpecTexts.Wheels("greeter", "1.1", wheels)],
            Spec = SpecTexts.Small("1.1", extra: $"Source0: {Manylinux}"),
        }.Inputs();
        return PlanExplanation.Of(Planner.Plan(inputs), inputs, dependencies, []);
    }
}
