using DotnetRelease.Core.Tests.Specs;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class WheelChoiceTests
{
    private static readonly string[] PySide610 =
    [
        "pyside6-6.10.0-cp39-abi3-macosx_13_0_universal2.whl", "pyside6-6.10.0-cp39-abi3-win_amd64.whl", "pyside6-6.10.0-cp39-abi3-win_arm64.whl",
        "pyside6-6.10.0-cp39-abi3-manylinux_2_39_aarch64.whl", "pyside6-6.10.0-cp39-abi3-manylinux_2_34_x86_64.whl",
    ];

    [TestMethod]
    [DataRow("x86_64", "pyside6-6.10.0-cp39-abi3-manylinux_2_34_x86_64.whl")]
    [DataRow("aarch64", "pyside6-6.10.0-cp39-abi3-manylinux_2_39_aarch64.whl")]
    public void The_machine_decides(string arch, string file) => Assert.AreEqual(file, Choose(new(arch), PySide610));

    [TestMethod]
    [DataRow("manylinux1_x86_64", 2, 5, true)]
    [DataRow("manylinux1_x86_64", 2, 4, false)]
    [DataRow("manylinux2010_x86_64", 2, 12, true)]
    [DataRow("manylinux2010_x86_64", 2, 11, false)]
    [DataRow("manylinux2014_x86_64", 2, 17, true)]
    [DataRow("manylinux2014_x86_64", 2, 16, false)]
    [DataRow("manylinux_2_28_x86_64", 2, 28, true)]
    [DataRow("manylinux_2_28_x86_64", 2, 27, false)]
    [DataRow("linux_x86_64", 2, 1, true)]
    [DataRow("any", 2, 1, true)]
    [DataRow("musllinux_1_2_x86_64", 2, 40, false)]
    [DataRow("macosx_13_0_universal2", 2, 40, false)]
    [DataRow("win_amd64", 2, 40, false)]
    [DataRow("manylinux_2_28_x86_64.linux_armv7l", 2, 30, true)]
    [DataRow("manylinux_2_x86_64", 2, 40, false)]
    [DataRow("manylinux_2_28_x86", 2, 40, false)]
    public void A_platform_tag_fits_when_the_C_library_is_new_enough(string tag, int major, int minor, bool fits)
    {
        var target = new WheelTarget("x86_64") { Libc = (major, minor), Python = (3, 12) };

        Assert.AreEqual(fits, TryChoose(target, $"a-1.0-py3-none-{tag}.whl") is not null);
    }

    [TestMethod]
    [DataRow("cp39", "abi3", 3, 14, true)]
    [DataRow("cp39", "abi3", 3, 8, false)]
    [DataRow("cp312", "cp312", 3, 12, true)]
    [DataRow("cp312", "cp312", 3, 13, false)]
    [DataRow("cp313", "cp313t", 3, 13, false)]
    [DataRow("cp37", "cp37m", 3, 7, true)]
    [DataRow("cp27", "cp27mu", 3, 12, false)]
    [DataRow("cp27", "none", 3, 12, false)]
    [DataRow("pp39", "pypy39_pp73", 3, 9, false)]
    [DataRow("py3", "none", 3, 12, true)]
    [DataRow("py2.py3", "none", 3, 12, true)]
    [DataRow("py2", "none", 3, 12, false)]
    [DataRow("py310", "none", 3, 9, false)]
    [DataRow("cp312", "none", 3, 12, true)]
    public void A_python_tag_fits_the_python(string python, string abi, int major, int minor, bool fits)
    {
        var target = new WheelTarget("x86_64") { Python = (major, minor) };

        Assert.AreEqual(fits, TryChoose(target, $"a-1.0-{python}-{abi}-manylinux_2_17_x86_64.whl") is not null);
    }

    [TestMethod]
    [DataRow(3, 12, 2, 39, "a-1.0-cp312-cp312-manylinux_2_28_x86_64.whl", DisplayName = "made for this Python, newest platform")]
    [DataRow(3, 12, 2, 20, "a-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", DisplayName = "made for this Python, older platform")]
    [DataRow(3, 14, 2, 39, "a-1.0-cp310-abi3-manylinux_2_28_x86_64.whl", DisplayName = "the nearest stable ABI")]
    [DataRow(3, 9, 2, 39, "a-1.0-cp39-abi3-manylinux_2_28_x86_64.whl", DisplayName = "an older stable ABI")]
    [DataRow(3, 8, 2, 39, "a-1.0-py3-none-any.whl", DisplayName = "pure Python")]
    public void Of_several_the_closest_wins_as_with_pip(int major, int minor, int libcMajor, int libcMinor, string file)
    {
        string[] files =
        [
            "a-1.0-py3-none-any.whl", "a-1.0-cp39-abi3-manylinux_2_28_x86_64.whl", "a-1.0-cp310-abi3-manylinux_2_28_x86_64.whl",
            "a-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "a-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
            "a-1.0-cp312-cp312-linux_x86_64.whl", "a-1.0-cp313-cp313t-manylinux_2_28_x86_64.whl", "a-1.0.tar.gz",
        ];
        var target = new WheelTarget("x86_64") { Python = (major, minor), Libc = (libcMajor, libcMinor) };

        Assert.AreEqual(file, Choose(target, files));
        Assert.AreEqual(file, Choose(target, [.. files.Reverse()]), "The order of the lock decides nothing.");
    }

    [TestMethod]
    public void Without_a_known_library_the_wheel_that_runs_on_most_wins() =>
        Assert.AreEqual(
            "a-1.0-cp39-abi3-manylinux_2_17_x86_64.whl",
            Choose(new("x86_64"), "a-1.0-cp39-abi3-manylinux_2_28_x86_64.whl", "a-1.0-cp39-abi3-manylinux_2_17_x86_64.whl", "a-1.0-cp310-abi3-manylinux_2_17_x86_64.whl"));

    [TestMethod]
    public void The_higher_build_number_wins_as_a_number() =>
        Assert.AreEqual("a-1.0-10-py3-none-any.whl", Choose(new("x86_64"), "a-1.0-py3-none-any.whl", "a-1.0-9-py3-none-any.whl", "a-1.0-10-py3-none-any.whl", "a-1.0-9b-py3-none-any.whl"));

    [TestMethod]
    public void On_musl_only_musl_wheels_fit() =>
        Assert.AreEqual(
            "a-1.0-cp39-abi3-musllinux_1_2_x86_64.whl",
            Choose(new("x86_64") { Musl = true }, "a-1.0-cp39-abi3-manylinux_2_28_x86_64.whl", "a-1.0-cp39-abi3-musllinux_1_2_x86_64.whl"));

    [TestMethod]
    [DataRow("i686", "a-1.0-cp39-abi3-manylinux_2_17_i686.whl")]
    [DataRow("i386", "a-1.0-cp39-abi3-manylinux_2_17_i686.whl")]
    [DataRow("armv7hl", "a-1.0-cp39-abi3-manylinux_2_17_armv7l.whl")]
    [DataRow("ppc64le", "a-1.0-cp39-abi3-manylinux_2_17_ppc64le.whl")]
    public void RPMs_names_of_machines_are_understood(string arch, string file) => Assert.AreEqual(file, Choose(new(arch), file));

    [TestMethod]
    public void One_wheel_per_python_is_no_choice_without_a_python()
    {
        string[] files = ["a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"];

        var ex = Assert.ThrowsExactly<ReleaseException>(() => Choose(new("x86_64"), files));
        Assert.AreEqual(Fault.WheelNotFound, ex.Fault);
        Assert.Contains("one wheel per Python (cp311, cp312)", ex.Message, StringComparison.Ordinal);
        Assert.AreEqual(files[0], Choose(new("x86_64"), files[0]));
        Assert.AreEqual(files[1], Choose(WheelTarget.Of(WheelName.Parse("a-0.9-cp312-cp312-manylinux_2_5_x86_64.whl"))!, files));
    }

    [TestMethod]
    [DataRow("a-1.0.tar.gz", "It has no wheel, only a-1.0.tar.gz.")]
    [DataRow("a-1.0-cp39-abi3-win_amd64.whl", "There are: a-1.0-cp39-abi3-win_amd64.whl.")]
    [DataRow(null, "The lock names no file of it at all.")]
    public void A_missing_wheel_says_what_there_is(string? file, string message)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Choose(new("x86_64"), file is null ? [] : [file]));

        Assert.AreEqual(Fault.WheelNotFound, ex.Fault);
        Assert.AreEqual($"a 1.0 has no wheel for Linux x86_64. {message}", ex.Message);
        Assert.AreEqual("poetry.lock(5)", ex.Position.ToString());
    }

    private static string Choose(WheelTarget target, params string[] files) => WheelChoice.Choose(SpecTexts.Wheels("a", "1.0", files), target).Name;

    private static string? TryChoose(WheelTarget target, string file)
    {
        try
        {
            return Choose(target, file);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.WheelNotFound)
        {
            return null;
        }
    }
}
