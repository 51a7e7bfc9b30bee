using System.Collections.Frozen;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class UpdatePolicyTests
{
    private const uint Less = 2, Greater = 4, Equal = 8, RpmLib = 1 << 24;
    private const ushort File = 0x81A4, Program = 0x81ED, Folder = 0x41ED;
    private const uint Ghost = 1 << 6;

    private static readonly WrittenRpm Old = new("updated");
    private static readonly WrittenRpm New = Old with { Version = "1.1" };

    [TestMethod]
    public void What_moves_with_every_version_is_not_worth_a_word()
    {
        var old = Old with
        {
            Dependencies = [(1049, "updated-libs", Equal, "1.0-1"), (1049, "python(abi)", Equal, "3.13"), (1049, "other", Greater | Equal, "1"), (1049, "rpmlib(X)", Less | Equal | RpmLib, "4")],
            Files =
            [
                ("/usr/lib/updated-1.0.dist-info/RECORD", File, 0), ("/usr/lib64/libupdated.so.1.0", File, 0), ("/usr/lib/x/__pycache__/a.pyc", File, 0),
                ("/usr/lib/.build-id/ab", File, 0), ("/usr/share/ghost", File, Ghost), ("/usr/share/folder", Folder, 0), ("/usr/bin/updated", Program, 0),
            ],
        };
        var @new = New with
        {
            Dependencies = [(1049, "updated-libs", Equal, "1.1-1"), (1049, "python(abi)", Equal, "3.13"), (1049, "other", Greater | Equal, "2"), (1049, "rpmlib(Y)", Less | Equal | RpmLib, "4")],
            Files = [("/usr/lib/updated-1.1.dist-info/RECORD", File, 0), ("/usr/lib64/libupdated.so.1.1", File, 0), ("/usr/bin/updated", Program, 0)],
        };

        Assert.AreEqual("", Found(old, @new));
    }

    [TestMethod]
    [DataRow(Less, "2", "REL3216 other")]
    [DataRow(Less | Equal, "1.9", "REL3216 other")]
    [DataRow(Equal, "1.0", "", DisplayName = "the package's own version")]
    [DataRow(Equal, "1.4", "REL3216 other")]
    [DataRow(Greater, "5", "")]
    public void Only_an_upper_bound_keeps_updates_out(uint flags, string version, string expected) => Assert.AreEqual(
        expected,
        Found(Old with { Dependencies = [(1049, "other", Greater | Equal, "1")] }, Old with { Release = "2", Dependencies = [(1049, "other", flags, version)] }));

    [TestMethod]
    public void A_rich_requirement_of_a_wheels_metadata_is_read_for_its_bound() => Assert.AreEqual(
        "REL3216 python3dist(qt)",
        Found(
            Old with { Dependencies = [(1049, "python3dist(qt)", Greater | Equal, "6")] },
            New with { Dependencies = [(1049, "(python3dist(qt) >= 6 with python3dist(qt) < 7)", 0, "")] }));

    [TestMethod]
    public void A_bound_that_was_there_is_no_new_one() => Assert.AreEqual(
        "", Found(Old with { Dependencies = [(1049, "other", Less, "2")] }, New with { Dependencies = [(1049, "other", Less, "3")] }));

    [TestMethod]
    public void A_file_that_moved_to_another_package_of_the_build_is_not_lost()
    {
        var old = Old with { Files = [("/usr/bin/tool", Program, 0), ("/usr/share/a", File, 0), ("/usr/share/b", File, 0), ("/usr/share/applications/tool.desktop", File, 0)] };

        Assert.AreEqual("REL3218 /usr/bin/tool, REL3218 /usr/share/applications/tool.desktop, REL3219 ", Found(old, New));
        Assert.AreEqual("REL3218 /usr/share/applications/tool.desktop, REL3219 /usr/share/b", Found(old, New, "/usr/bin/tool", "/usr/share/a"));
    }

    [TestMethod]
    [DataRow("1.0", "1", "", "", DisplayName = "built again as it is published")]
    [DataRow("1.0", "1", "other", "REL3220 , REL3214 other")]
    [DataRow("1.0", "2", "", "")]
    [DataRow("1.0~rc1", "1", "", "REL3220 ")]
    [DataRow("0.9", "9", "", "REL3220 ")]
    public void Nobody_gets_a_version_that_is_not_above(string version, string release, string requires, string expected) => Assert.AreEqual(
        expected, Found(Old, Old with { Version = version, Release = release, Dependencies = requires.Length is 0 ? [] : [(1049, requires, 0, "")] }));

    private static string Found(WrittenRpm old, WrittenRpm @new, params string[] siblings) => string.Join(
        ", ",
        new UpdatePolicy(Read(old), Read(@new), new SourcePosition("x.spec")) { Siblings = siblings.ToFrozenSet(StringComparer.Ordinal) }.Alarms().Select(alarm => $"{alarm.Kind.Id} {alarm.File}"));

    private static RpmPackage Read(WrittenRpm written)
    {
        var bytes = written.ToBytes();
        return RpmStart.Parse(bytes, bytes.Length, written.FileName);
    }
}
