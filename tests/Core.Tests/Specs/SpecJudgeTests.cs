using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Specs;

namespace DotnetRelease.Core.Tests.Specs;

/// <summary>rpm is the judge: what we say a spec means without running it has to be what rpm says. The specs are ours, so rpm may parse them here.</summary>
[TestClass]
public sealed class SpecJudgeTests(TestContext test)
{
    [TestMethod]
    [DataRow("Name: a\nVersion: 1.2~rc1\nRelease: 3%{?dist}\nEpoch: 4\n{0}%description\n%package devel\nSummary: s\n%description devel\n%files\n%files devel\n")]
    [DataRow("%global v 1.0\n%define w %{v}.%{?dist:x}%{!?dist:y}%{!?rhel:z}\nName: a\nVersion: %{w}\nRelease: 1\nBuildArch: noarch\n{0}%description\n%files\n")]
    [DataRow("%if 0%{?fedora} > 40\n%global n new\n%else\n%global n old\n%endif\nName: a-%{n}\nVersion: 1\nRelease: 1%{?dist}\n{0}%description\n%package -n other\nSummary: s\nVersion: 9\n%description -n other\n%files -n other\n")]
    [DataRow("%bcond_without x\n%bcond_with y\nName: a%{with x}%{with y}%{without y}\nVersion: %{expand:%%{name}.1}\nRelease: 1\n{0}%description\n%files\n")]
    [DataRow("%ifarch x86_64\n%global a 64\n%endif\nName: a%{a}\nVersion: 100%%\nRelease: 1\n{0}%description\n%files\n", "a64-100")]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Rpm_builds_the_packages_that_we_foresee(string spec, string? only = null)
    {
        using var scratch = new Scratch();
        var text = spec.Replace("{0}", "Summary: s\nLicense: MIT\n", StringComparison.Ordinal).Replace(only is null ? "\0" : "100%%", "100", StringComparison.Ordinal);
        var path = scratch.Write("a.spec", text);

        var outcome = await Exec.ReadAsync(
            new Command("rpmspec", ["-q", "--builtrpms", "--target", "x86_64", "--define", "dist .fc43", "--define", "fedora 43", "--undefine", "rhel", "--qf", "%{NEVRA}\\n", path]),
            test.CancellationToken);

        var foreseen = SpecFile.Parse(text, "a.spec").Read(SpecFacts.For(".fc43", "x86_64")).Nevras("x86_64");
        Assert.AreEqual(outcome.Output.TrimEnd('\n'), string.Join('\n', foreseen[..^1]));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Rpm_has_nothing_to_say_about_a_changelog_entry_of_ours()
    {
        using var scratch = new Scratch();
        var update = SpecTexts.Update(SpecTexts.PySide6, "6.7.2", [.. SpecTexts.PySide6Bump]);
        var path = scratch.Write("x.spec", update.Spec.Text());

        var outcome = await Exec.ReadAsync(
            new Command("rpmspec", ["-q", "--srpm", "--qf", "%{VERSION}-%{RELEASE} [%{CHANGELOGTIME:day}|%{CHANGELOGNAME}\\n]", path]), test.CancellationToken);

        Assert.AreEqual("", outcome.Error);
        Assert.StartsWith("6.7.2-1 Thu Jun 20 2024|Alice Example <alice@example.org> - 6.7.2-1\nMon May 27 2024|", outcome.Output, StringComparison.Ordinal);
    }
}
