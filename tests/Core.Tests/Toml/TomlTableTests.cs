using DotnetRelease.Toml;

namespace DotnetRelease.Core.Tests.Toml;

[TestClass]
public sealed class TomlTableTests
{
    private static readonly TomlTable Root = TomlReader.Parse(
        """
        text = "t"
        number = 7
        yes = true
        day = 2026-12-02
        names = ["a", "b"]
        mixed = ["a", 1]

        [sub]
        "odd key" = { deep = [1, { x = 2 }] }

        [[rpm]]
        name = "first"
        [[rpm]]
          name = "second"
        """,
        "release.toml",
        Fault.SettingsInvalid);

    [TestMethod]
    public void Getters_give_what_is_there()
    {
        Assert.AreEqual("t", Root.Text("text"));
        Assert.AreEqual(7, Root.OptionalInteger("number"));
        Assert.IsTrue(Root.OptionalBoolean("yes"));
        Assert.AreEqual(new DateOnly(2026, 12, 2), Root.OptionalDate("day"));
        CollectionAssert.AreEqual(new[] { "a", "b" }, Root.Texts("names").ToArray());
        CollectionAssert.AreEqual(new[] { "first", "second" }, Root.Tables("rpm").Select(rpm => rpm.Text("name")).ToArray());
        Assert.AreEqual(1, Root.Table("sub").Entries.Count);
    }

    [TestMethod]
    public void A_missing_key_is_null_or_nothing_or_a_fault()
    {
        Assert.IsNull(Root.Find("none"));
        Assert.IsNull(Root.OptionalText("none"));
        Assert.IsNull(Root.OptionalInteger("none"));
        Assert.IsNull(Root.OptionalBoolean("none"));
        Assert.IsNull(Root.OptionalDate("none"));
        Assert.IsNull(Root.OptionalTable("none"));
        Assert.IsNull(Root.OptionalArray("none"));
        Assert.IsTrue(Root.Texts("none").IsEmpty);
        Assert.IsTrue(Root.Tables("none").IsEmpty);
        Failing(() => Root.Text("none"), "release.toml(1,1): error REL0003: The file has no key 'none'.");
        Failing(() => Root.Tables("rpm")[1].Text("none"), "release.toml(13,1): error REL0003: 'rpm[1]' has no key 'none'.");
    }

    [TestMethod]
    public void A_value_of_another_kind_fails_at_its_place_with_its_path()
    {
        Failing(() => Root.Text("number"), "release.toml(2,10): error REL0003: 'number' must be a string, found an integer.");
        Failing(() => Root.OptionalInteger("text"), "release.toml(1,8): error REL0003: 'text' must be an integer, found a string.");
        Failing(() => Root.OptionalBoolean("day"), "release.toml(4,7): error REL0003: 'day' must be true or false, found a date.");
        Failing(() => Root.OptionalDate("yes"), "release.toml(3,7): error REL0003: 'yes' must be a date such as 2026-12-31, found a boolean.");
        Failing(() => Root.Texts("mixed"), "release.toml(6,15): error REL0003: 'mixed[1]' must be a string, found an integer.");
        Failing(() => Root.Table("names"), "release.toml(5,9): error REL0003: 'names' must be a table, found an array.");
        Failing(() => Root.Texts("sub"), "release.toml(8,1): error REL0003: 'sub' must be an array, found a table.");
        Failing(() => Root.Tables("names"), "release.toml(5,10): error REL0003: 'names[0]' must be a table, found a string.");
    }

    [TestMethod]
    public void Every_value_and_key_knows_its_place_and_path()
    {
        var deep = Root.Table("sub").Table("odd key").Array("deep").Items[1].AsTable().Find("x")!;

        Assert.AreEqual("release.toml(9,28)", deep.Position.ToString());
        Assert.AreEqual("release.toml(9,32)", deep.Value.Position.ToString());
        Assert.AreEqual("sub.\"odd key\".deep[1].x", deep.Value.Path);
        Assert.AreEqual("release.toml(14,3)", Root.Tables("rpm")[1].Find("name")!.Position.ToString());
    }

    [TestMethod]
    public void A_value_can_fail_with_another_fault_than_its_document()
    {
        var fault = Root.Value("text").Invalid(Fault.LockFormatUnknown, "is unknown.");

        Assert.AreSame(Fault.LockFormatUnknown, fault.Fault);
        Assert.AreEqual("'text' is unknown.", fault.Message);
    }

    [TestMethod]
    public void Foreign_characters_in_a_path_cannot_play_tricks_with_the_terminal()
    {
        var root = TomlReader.Parse("'a\u202eb' = 1", "f", Fault.SettingsInvalid);

        Assert.AreEqual("\"a\\u202Eb\"", root.Entries[0].Value.Path);
    }

    [TestMethod]
    public void A_key_of_a_large_table_is_found_as_in_a_small_one()
    {
        var root = TomlReader.Parse(string.Join('\n', Enumerable.Range(0, 20).Select(i => $"k{i} = {i}")), "f", Fault.SettingsInvalid);

        Assert.AreEqual(19, root.OptionalInteger("k19"));
        Assert.AreEqual(0, root.OptionalInteger("k0"));
        Assert.IsNull(root.Find("K0"));
    }

    private static void Failing(Action action, string diagnostic) =>
        Assert.AreEqual(diagnostic, Assert.ThrowsExactly<ReleaseException>(action).ToDiagnostic("x"));
}
