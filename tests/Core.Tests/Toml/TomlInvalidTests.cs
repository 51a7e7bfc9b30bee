using System.Text;
using DotnetRelease.Toml;

namespace DotnetRelease.Core.Tests.Toml;

[TestClass]
public sealed class TomlInvalidTests
{
    [TestMethod]
    [DataRow("a", "1,2")]
    [DataRow("a b = 1", "1,3")]
    [DataRow("= 1", "1,1")]
    [DataRow("a. = 1", "1,4")]
    [DataRow("a..b = 1", "1,3")]
    [DataRow("é = 1", "1,1")]
    [DataRow("'''a''' = 1", "1,3")]
    [DataRow("\"a\nb\" = 1", "1,3")]
    [DataRow("a = 1 b = 2", "1,7")]
    [DataRow("a = ", "1,5")]
    [DataRow("a = # nothing", "1,5")]
    [DataRow("ok = 1\n\n  !bad = 2", "3,3")]
    public void A_line_that_is_no_key_and_value_is_refused(string toml, string place) => Refused(toml, place);

    [TestMethod]
    [DataRow("01")]
    [DataRow("-01")]
    [DataRow("1__0")]
    [DataRow("_1")]
    [DataRow("1_")]
    [DataRow("+0x1")]
    [DataRow("-0b1")]
    [DataRow("0X1")]
    [DataRow("0x")]
    [DataRow("0x_1")]
    [DataRow("0o8")]
    [DataRow("0b2")]
    [DataRow("9223372036854775808")]
    [DataRow("-9223372036854775809")]
    [DataRow("0x8000000000000000")]
    [DataRow("99999999999999999999999999")]
    [DataRow("1.")]
    [DataRow(".5")]
    [DataRow("1.e5")]
    [DataRow("1e")]
    [DataRow("1e+")]
    [DataRow("01.5")]
    [DataRow("1._5")]
    [DataRow("1_.5")]
    [DataRow("1e5.5")]
    [DataRow("1e_5")]
    [DataRow("Inf")]
    [DataRow("++inf")]
    [DataRow("nano")]
    [DataRow("True")]
    [DataRow("falsey")]
    [DataRow("yes")]
    [DataRow("١")]
    public void A_word_that_is_nearly_a_number_is_refused(string word) => Refused($"a = {word}", "1,5");

    [TestMethod]
    [DataRow("2023-02-29")]
    [DataRow("2024-13-01")]
    [DataRow("2024-00-01")]
    [DataRow("2024-01-00")]
    [DataRow("2024-1-01")]
    [DataRow("0000-01-01")]
    [DataRow("12024-01-01")]
    [DataRow("2024-01-01T")]
    [DataRow("2024-01-01T24:00:00")]
    [DataRow("2024-01-01T00:60:00")]
    [DataRow("2024-01-01T00:00:60")]
    [DataRow("2024-01-01T00:00")]
    [DataRow("2024-01-01T00:00:00.")]
    [DataRow("2024-01-01T00:00:00.Z")]
    [DataRow("2024-01-01T00:00:00+24:00")]
    [DataRow("2024-01-01T00:00:00+01:60")]
    [DataRow("2024-01-01T00:00:00+0100")]
    [DataRow("2024-01-01T00:00:00+01")]
    [DataRow("2024-01-01x00:00:00")]
    [DataRow("2024/01/01")]
    [DataRow("1:02:03")]
    [DataRow("01:02")]
    [DataRow("01:02:03Z")]
    public void A_date_that_does_not_exist_is_refused(string word) => Refused($"a = {word}", "1,5", anyColumn: true);

    [TestMethod]
    [DataRow("\"abc", "1,9")]
    [DataRow("'abc", "1,9")]
    [DataRow("\"abc'", "1,10")]
    [DataRow("\"a\\qb\"", "1,7")]
    [DataRow("\"\\\"", "1,8")]
    [DataRow("\"\\x41\"", "1,6")]
    [DataRow("\"\\e\"", "1,6")]
    [DataRow("\"\\u12\"", "1,6")]
    [DataRow("\"\\u12G4\"", "1,6")]
    [DataRow("\"\\ud800\"", "1,6")]
    [DataRow("\"\\U00110000\"", "1,6")]
    [DataRow("\"\\UFFFFFFFF\"", "1,6")]
    [DataRow("\"a\nb\"", "1,7")]
    [DataRow("'a\nb'", "1,7")]
    [DataRow("\"\"\"abc\"\"", "1,5")]
    [DataRow("'''abc''", "1,5")]
    [DataRow("\"\"\"a\"\"\"\"\"\"", "1,14")]
    [DataRow("'''a''''''", "1,14")]
    [DataRow("\"\"\"a\\ b\"\"\"", "1,9")]
    public void A_string_that_does_not_end_well_is_refused(string word, string place) => Refused($"a = {word}", place);

    [TestMethod]
    [DataRow("a = [1", "1,7")]
    [DataRow("a = [1 2]", "1,8")]
    [DataRow("a = [,]", "1,6")]
    [DataRow("a = [1,,2]", "1,8")]
    [DataRow("a = [1]]", "1,8")]
    [DataRow("a = {b=1", "1,9")]
    [DataRow("a = {b=1,}", "1,10")]
    [DataRow("a = {,}", "1,6")]
    [DataRow("a = {b=1 c=2}", "1,10")]
    [DataRow("a = {b}", "1,7")]
    [DataRow("a = {\nb=1}", "1,6")]
    [DataRow("a = {b=1 # no\n}", "1,10")]
    [DataRow("a = {b=1, b=2}", "1,11")]
    [DataRow("a = {b=1, b.c=2}", "1,11")]
    [DataRow("a = {b={}, b.c=2}", "1,12")]
    public void An_array_or_inline_table_out_of_form_is_refused(string toml, string place) => Refused(toml, place);

    [TestMethod]
    [DataRow("[a", "1,3")]
    [DataRow("[]", "1,2")]
    [DataRow("[a]]", "1,4")]
    [DataRow("[[a]", "1,5")]
    [DataRow("[ [a]]", "1,3")]
    [DataRow("[a.]", "1,4")]
    [DataRow("[a] b = 1", "1,5")]
    [DataRow("[a\n]", "1,3")]
    [DataRow("[a#b]", "1,3")]
    public void A_header_out_of_form_is_refused(string toml, string place) => Refused(toml, place);

    [TestMethod]
    [DataRow("a = 1\n'a' = 2", "2,1")]
    [DataRow("a = 1\na.b = 2", "2,1")]
    [DataRow("a.b = 1\na = 2", "2,1")]
    [DataRow("a.b = 1\n[a]", "2,2")]
    [DataRow("a.b.c = 1\n[a.b]", "2,4")]
    [DataRow("[a]\n[a]", "2,2")]
    [DataRow("[a]\nb = 1\n[a.b]", "3,4")]
    [DataRow("[a]\nb = 1\n[a.b.c]", "3,4")]
    [DataRow("[a]\n[[a]]", "2,3")]
    [DataRow("[[a]]\n[a]", "2,2")]
    [DataRow("a = [{}]\n[[a]]", "2,3")]
    [DataRow("a = [{}]\n[a.b]", "2,2")]
    [DataRow("a = {}\n[a.b]", "2,2")]
    [DataRow("a = {}\na.b = 1", "2,1")]
    [DataRow("a = {b.c=1}\n[a.b.d]", "2,2")]
    [DataRow("[a.b]\n[a]\nb.c = 1", "3,1")]
    [DataRow("[a.b.c]\n[a]\nb.c.d = 1", "3,1")]
    [DataRow("[[a.b]]\n[a]\nb.c = 1", "3,1")]
    [DataRow("[a]\nb = [1]\n[[a.b]]", "3,5")]
    [DataRow("[a.b]\n[[a]]", "2,3")]
    public void What_is_set_already_is_not_set_again(string toml, string place) => Refused(toml, place);

    [TestMethod]
    public void A_key_that_is_set_twice_names_both_places()
    {
        var fault = Refused("name = 1\n[other]\nname = 1\n\"name\" = 2", "4,1");

        Assert.AreEqual("The key 'name' is already set at f.toml(3,1).", fault.Message);
    }

    [TestMethod]
    [DataRow("a\0b = 1", "1,2")]
    [DataRow("# \u0001", "1,3")]
    [DataRow("a = 1\n# \u007f", "2,3")]
    [DataRow("a = '\u001f'", "1,6")]
    [DataRow("a = 1\r", "1,6")]
    [DataRow("a = '''\n\r'''", "2,1")]
    [DataRow("a = 1\n\u000cb = 2", "2,1")]
    [DataRow("a = 1\n\uFEFFb = 2", "2,1")]
    [DataRow("a\u00a0= 1", "1,2")]
    public void Characters_that_nobody_can_see_are_refused(string toml, string place) => Refused(toml, place);

    [TestMethod]
    [DataRow(new byte[] { (byte)'a', (byte)'=', (byte)'\'', 0xff, (byte)'\'' }, "1,4")]
    [DataRow(new byte[] { (byte)'#', (byte)'\n', (byte)'#', 0xc3 }, "2,2")]
    [DataRow(new byte[] { (byte)'#', 0xc3, 0xa9, 0xed, 0xa0, 0x80 }, "1,3")]
    [DataRow(new byte[] { (byte)'#', 0xf0, 0x9f, 0x98, 0x80, 0xc0, 0xaf }, "1,3")]
    [DataRow(new byte[] { 0xff, 0xfe, (byte)'a', 0 }, "1,1")]
    public void Bytes_that_are_not_UTF8_are_refused_at_their_place(byte[] bytes, string place)
    {
        var fault = Assert.ThrowsExactly<ReleaseException>(() => TomlReader.Parse(bytes, "f.toml", Fault.SettingsInvalid));

        Assert.AreSame(Fault.TomlSyntax, fault.Fault);
        Assert.AreEqual($"f.toml({place})", fault.Position.ToString());
    }

    [TestMethod]
    public void Half_a_surrogate_pair_is_refused() => Refused("a = '\ud83d'", "1,6");

    [TestMethod]
    public void Columns_count_characters_and_not_their_halves() => Refused("a = '😀😀' '", "1,10");

    [TestMethod]
    [DataRow("[[package]]\n<<<<<<< HEAD\nname = 1", "2,1")]
    [DataRow("a = [\n 1,\n=======\n 2,\n]", "3,1")]
    [DataRow("a = 1\n>>>>>>> 1234 (topic)", "2,1")]
    [DataRow("a = 1\r\n|||||||\r\n", "2,1")]
    public void A_conflict_that_git_left_is_called_by_its_name(string toml, string place)
    {
        var fault = Refused(toml, place);

        Assert.AreEqual("This is a merge-conflict marker; resolve the conflict first.", fault.Message);
    }

    [TestMethod]
    public void A_conflict_inside_a_text_is_text() => Assert.AreEqual("{a:\"<<<<<<< HEAD\n\"}", TomlDump.Of("a = '''\n<<<<<<< HEAD\n'''"));

    [TestMethod]
    [DataRow("[")]
    [DataRow("{a=")]
    [DataRow("[{a=")]
    public void Nesting_stops_before_the_stack_does(string opening)
    {
        var fault = Refused("a = " + string.Concat(Enumerable.Repeat(opening, 10_000)), place: null);

        Assert.StartsWith("Nesting deeper than 100 levels", fault.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Nesting_by_dots_stops_too()
    {
        var dots = string.Join('.', Enumerable.Repeat("a", 10_000));

        Refused($"{dots} = 1", "1,201");
        Refused($"[{dots}]", "1,202");
        Refused($"[{string.Join('.', Enumerable.Repeat("a", 60))}]\n{string.Join('.', Enumerable.Repeat("b", 60))} = 1", "2,81");
    }

    [TestMethod]
    public void A_file_beyond_the_size_limit_is_refused_unread()
    {
        var fault = Assert.ThrowsExactly<ReleaseException>(
            () => TomlReader.Parse(new byte[TomlReader.SizeLimit + 1], "f.toml", Fault.SettingsInvalid));

        Assert.AreSame(Fault.InputTooLarge, fault.Fault);
        Assert.AreEqual("f.toml: error REL0006: The file has 25165825 bytes; at most 25165824 are read.", fault.ToDiagnostic("x"));
    }

    [TestMethod]
    [Timeout(30_000)]
    public void A_file_of_nothing_but_values_is_refused_at_its_millionth()
    {
        var toml = "a = [" + string.Concat(Enumerable.Repeat("1,", TomlReader.ValueLimit + 1)) + "]";

        var fault = Assert.ThrowsExactly<ReleaseException>(() => TomlReader.Parse(toml, "f.toml", Fault.SettingsInvalid));

        Assert.AreSame(Fault.InputTooLarge, fault.Fault);
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow("\"")]
    [DataRow("'''")]
    [DataRow("\"\"\"\\")]
    [DataRow("[\"a\\t\",")]
    [DataRow("\"\"\"\"\"\\\"")]
    public void Long_files_that_never_end_well_take_linear_time(string unit)
    {
        var toml = "a = " + string.Concat(Enumerable.Repeat(unit, 4 * 1024 * 1024 / unit.Length));

        Assert.ThrowsExactly<ReleaseException>(() => TomlReader.Parse(toml, "f.toml", Fault.SettingsInvalid));
    }

    [TestMethod]
    [Timeout(60_000)]
    public void Every_truncation_and_every_changed_byte_is_read_or_refused_and_nothing_else()
    {
        var good = Encoding.UTF8.GetBytes("""
            title = "é😀 \u00e9" # note
            [a.b]
            when = 2024-02-29T01:02:03.5+01:00
            list = [1, 0x2, [-3.5e1], {x.y = 'z'}]
            [[c]]
            text = '''
            lines'''
            """);
        for (var at = 0; at < good.Length; at++)
        {
            ReadOrRefuse(good[..at]);
            foreach (var other in (byte[])[0, (byte)'\n', (byte)'"', (byte)'[', (byte)']', (byte)'{', (byte)'=', (byte)'.', (byte)'\\', 0x80, 0xff])
            {
                var changed = (byte[])good.Clone();
                changed[at] = other;
                ReadOrRefuse(changed);
            }
        }
    }

    private static void ReadOrRefuse(byte[] bytes)
    {
        try
        {
            _ = TomlDump.Of(TomlReader.Parse(bytes, "f.toml", Fault.SettingsInvalid));
        }
        catch (ReleaseException ex)
        {
            Assert.IsTrue(ex.Position is { Line: > 0, Column: > 0 }, ex.Message);
        }
    }

    private static ReleaseException Refused(string toml, string? place, bool anyColumn = false)
    {
        var fault = Assert.ThrowsExactly<ReleaseException>(() => TomlReader.Parse(toml, "f.toml", Fault.SettingsInvalid));
        Assert.AreSame(Fault.TomlSyntax, fault.Fault);
        if (anyColumn)
        {
            Assert.AreEqual(1, fault.Position!.Value.Line);
        }
        else if (place is not null)
        {
            Assert.AreEqual($"f.toml({place})", fault.Position.ToString(), fault.Message);
        }

        return fault;
    }
}
