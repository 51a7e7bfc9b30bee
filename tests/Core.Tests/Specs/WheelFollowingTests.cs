using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Specs;
using static DotnetRelease.Core.Tests.Specs.SpecTexts;

namespace DotnetRelease.Core.Tests.Specs;

/// <summary>Which wheel a Source line gets when its package moves.</summary>
[TestClass]
public sealed class WheelFollowingTests
{
    private static readonly SpecMachine Fedora43 = new(".fc43", new("x86_64") { Libc = (2, 42), Python = (3, 14) });
    private static readonly SpecMachine Fedora42 = new(".fc42", new("x86_64") { Libc = (2, 41), Python = (3, 13) });
    private static readonly SpecMachine Rhel9 = new(".el9", new("x86_64") { Libc = (2, 34), Python = (3, 9) });

    // Every change that the names of PySide's Linux wheels went through: build numbers, tags, and the case of letters.
    [TestMethod]
    public void One_spec_follows_every_wheel_name_that_PySide_had()
    {
        (string Package, string[] Files)[] history =
        [
            ("PySide2 5.15.1", ["PySide2-5.15.1-5.15.1-cp27-cp27mu-manylinux1_x86_64.whl", "PySide2-5.15.1-5.15.1-cp35.cp36.cp37.cp38.cp39-abi3-manylinux1_x86_64.whl"]),
            ("PySide2 5.15.2.1", ["PySide2-5.15.2.1-5.15.2-cp27-cp27mu-manylinux1_x86_64.whl", "PySide2-5.15.2.1-5.15.2-cp35.cp36.cp37.cp38.cp39.cp310-abi3-manylinux1_x86_64.whl"]),
            ("PySide6 6.4.2", ["PySide6-6.4.2-pp39-pypy39_pp73-manylinux_2_28_x86_64.whl", "PySide6-6.4.2-cp37-abi3-manylinux_2_28_x86_64.whl"]),
            ("PySide6 6.6.3.1", ["PySide6-6.6.3.1-cp38-abi3-manylinux_2_28_x86_64.whl"]),
            ("PySide6 6.7.1", ["PySide6-6.7.1-cp39-abi3-manylinux_2_31_aarch64.whl", "PySide6-6.7.1-cp39-abi3-manylinux_2_28_x86_64.whl"]),
            ("PySide6 6.9.3", ["pyside6-6.9.3-cp39-abi3-manylinux_2_39_aarch64.whl", "pyside6-6.9.3-cp39-abi3-manylinux_2_28_x86_64.whl"]),
            ("PySide6 6.10.0", ["pyside6-6.10.0-cp39-abi3-win_amd64.whl", "pyside6-6.10.0-cp39-abi3-manylinux_2_34_x86_64.whl"]),
            ("PySide6 6.11.1", ["pyside6-6.11.1-cp310-abi3-manylinux_2_34_x86_64.whl", "pyside6-6.11.1-cp310-abi3-macosx_13_0_universal2.whl"]),
        ];
        LockedPackage[] locked = [.. history.Select(each => Wheels("pyside", each.Package.Split(' ')[1], each.Files))];
        var spec = Small("5.15.1", extra: "Source0: PySide2-5.15.1-5.15.1-cp35.cp36.cp37.cp38.cp39-abi3-manylinux1_x86_64.whl");

        foreach (var (old, now) in locked.Zip(locked.Skip(1)))
        {
            spec = Follow(spec, new([old], now), Fedora43).Spec.Text();

            var name = now.Files.Single(file => file.Name.Contains("x86_64", StringComparison.Ordinal) && file.Name.Contains("abi3", StringComparison.Ordinal)).Name;
            Assert.Contains(name, spec.Replace("%{version}", now.Version, StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void The_wheel_runs_with_the_oldest_glibc_of_the_targets()
    {
        var package = new FollowedPackage([], Wheels("a", "1.1", "a-1.1-cp39-abi3-manylinux_2_40_x86_64.whl", "a-1.1-cp39-abi3-manylinux_2_28_x86_64.whl"));
        var spec = Small("1.0", extra: "Source0: a-1.0-cp39-abi3-manylinux_2_28_x86_64.whl");

        Assert.Contains("manylinux_2_40", Follow(spec, package, Fedora43, Fedora42).Spec.Text(), StringComparison.Ordinal);
        Assert.Contains("manylinux_2_28", Follow(spec, package, Fedora43, Rhel9).Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void The_wheel_is_for_the_Python_of_the_target_and_not_for_that_of_the_old_one()
    {
        var package = new FollowedPackage([], Wheels("a", "1.1", "a-1.1-cp313-cp313-manylinux_2_28_x86_64.whl", "a-1.1-cp314-cp314-manylinux_2_28_x86_64.whl"));
        var spec = Small("1.0", extra: "Source0: a-1.0-cp313-cp313-manylinux_2_28_x86_64.whl");

        Assert.Contains("a-1.1-cp314-cp314", Follow(spec, package, Fedora43).Spec.Text(), StringComparison.Ordinal);
        Assert.Contains("a-1.1-cp313-cp313", Follow(spec, package).Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void Lines_under_conditions_get_the_wheel_of_the_distros_they_are_for_and_the_conditions_stay()
    {
        var package = new FollowedPackage([], Wheels("a", "1.1", "a-1.1-cp313-cp313-manylinux_2_28_x86_64.whl", "a-1.1-cp314-cp314-manylinux_2_28_x86_64.whl"));
        static string Lines(string version, string first, string second) =>
            $"%if 0%{{?fedora}} >= 43\nSource0: a-{version}-{first}-{first}-manylinux_2_28_x86_64.whl\n%else\nSource0: a-{version}-{second}-{second}-manylinux_2_28_x86_64.whl\n%endif";

        var update = Follow(Small("1.0", extra: Lines("1.0", "cp313", "cp312")), package, Fedora43, Fedora42);

        Assert.AreEqual(Small("1.1", extra: Lines("1.1", "cp314", "cp313")), update.Spec.Text());
    }

    // The alarm about such a lock has been accepted by then: the newest wheel there is.
    [TestMethod]
    public void A_wheel_that_no_target_can_run_still_follows_its_predecessor()
    {
        var package = new FollowedPackage([], Wheels("a", "1.1", "a-1.1-cp39-abi3-manylinux_2_40_x86_64.whl"));

        var update = Follow(Small("1.0", extra: "Source0: a-1.0-cp39-abi3-manylinux_2_28_x86_64.whl"), package, Rhel9);

        Assert.Contains("a-1.1-cp39-abi3-manylinux_2_40_x86_64.whl", update.Spec.Text(), StringComparison.Ordinal);
    }

    private static SpecUpdate Follow(string spec, FollowedPackage package, params ImmutableArray<SpecMachine> machines) =>
        SpecUpdate.Make(new SpecUpdateRequest(SpecFile.Parse(spec, SpecPath), package.New.Version, [package]) { Machines = machines });
}
