using System.Text;
using DotnetRelease.Toml;

namespace DotnetRelease.Core.Tests.Toml;

[TestClass]
public sealed class TomlValidTests
{
    [TestMethod]
    [DataRow("", "{}")]
    [DataRow("# only a comment, without a line end", "{}")]
    [DataRow("\uFEFFa = 1", "{a:1}")]
    [DataRow("\r\n\t a\t=\t1 # note\r\n\r\nb=2\r\n", "{a:1,b:2}")]
    [DataRow("1 = 'digits'\n-_- = 2\n\"\" = 3\n'a b' = 4\n\"\\u00e9\" = 5", "{1:\"digits\",-_-:2,:3,a b:4,é:5}")]
    [DataRow("3.14 = 'pi'", "{3:{14:\"pi\"}}")]
    [DataRow("a . \"b.c\" . 'd' = 1\na.e = 2", "{a:{b.c:{d:1},e:2}}")]
    [DataRow("a.b = 1\nx = 2\na.c = 3", "{a:{b:1,c:3},x:2}")]
    public void Keys_are_bare_quoted_or_dotted(string toml, string expected) => Assert.AreEqual(expected, TomlDump.Of(toml));

    [TestMethod]
    [DataRow("0", "0")]
    [DataRow("-0", "0")]
    [DataRow("+1_000", "1000")]
    [DataRow("9223372036854775807", "9223372036854775807")]
    [DataRow("-9223372036854775808", "-9223372036854775808")]
    [DataRow("0x7fff_FFFF_ffff_ffff", "9223372036854775807")]
    [DataRow("0xDEAD_beef", "3735928559")]
    [DataRow("0o755", "493")]
    [DataRow("0b1101_0110", "214")]
    [DataRow("0x00ff", "255")]
    [DataRow("0.0", "0f")]
    [DataRow("-0.0", "-0f")]
    [DataRow("6.02_2e+2_3", "6.022E+23f")]
    [DataRow("1E06", "1000000f")]
    [DataRow("-2e-3", "-0.002f")]
    [DataRow("+inf", "Infinityf")]
    [DataRow("-inf", "-Infinityf")]
    [DataRow("-nan", "NaNf")]
    [DataRow("true", "true")]
    [DataRow("false", "false")]
    public void Numbers_and_truths_are_read(string toml, string expected) => Assert.AreEqual($"{{a:{expected}}}", TomlDump.Of($"a = {toml}"));

    [TestMethod]
    [DataRow("1979-05-27", "1979-05-27")]
    [DataRow("2024-02-29", "2024-02-29")]
    [DataRow("07:32:00", "07:32:00")]
    [DataRow("23:59:59.999999999", "23:59:59.9999999")]
    [DataRow("1979-05-27T07:32:00", "1979-05-27T07:32:00")]
    [DataRow("1979-05-27 07:32:00.5", "1979-05-27T07:32:00.5")]
    [DataRow("1979-05-27t07:32:00z", "1979-05-27T07:32:00 0")]
    [DataRow("1979-05-27 00:32:00-07:30", "1979-05-27T00:32:00 -450")]
    [DataRow("0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00 1439")]
    [DataRow("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59 -1439")]
    public void Dates_and_times_are_read(string toml, string expected) => Assert.AreEqual($"{{a:{expected}}}", TomlDump.Of($"a = {toml}"));

    [TestMethod]
    [DataRow(""" "" """, "")]
    [DataRow(""" "\b\t\n\f\r\"\\\u00E9\U0001F600" """, "\b\t\n\f\r\"\\é😀")]
    [DataRow(""" 'C:\no\escape "here"' """, """C:\no\escape "here" """)]
    [DataRow("\"\"\"\nfirst\nsecond\"\"\"", "first\nsecond")]
    [DataRow("\"\"\"a\\\n\n   \tb\\t\"\"\"", "ab\t")]
    [DataRow("\"\"\"a\\  \r\n  b\"\"\"", "ab")]
    [DataRow("\"\"\"\"\"two quotes\"\"\"\"\"", "\"\"two quotes\"\"")]
    [DataRow("\"\"\"a\"\"b\\\"\"\"\"", "a\"\"b\"")]
    [DataRow("''''quoted''''", "'quoted'")]
    [DataRow("'''\r\nkeeps \\n\r\nlines'''", "keeps \\n\nlines")]
    [DataRow("''''''", "")]
    [DataRow("\"tab\there, é, 😀\"", "tab\there, é, 😀")]
    public void Strings_of_all_four_kinds_are_read(string toml, string expected) =>
        Assert.AreEqual(expected.TrimEnd(' '), TomlReader.Parse($"a = {toml}", "f", Fault.SettingsInvalid).Text("a").TrimEnd(' '));

    [TestMethod]
    [DataRow("a = []", "{a:[]}")]
    [DataRow("a = [ 1, 'x', [ ], { b = 2 }, ]", "{a:[1,\"x\",[],{b:2}]}")]
    [DataRow("a = [ # one\n 1 # two\n , # three\n\n 2\n]", "{a:[1,2]}")]
    [DataRow("a = {}", "{a:{}}")]
    [DataRow("a = { b.c = 1, b.d = 2, 'e' = [\n3] }", "{a:{b:{c:1,d:2},e:[3]}}")]
    public void Arrays_and_inline_tables_are_read(string toml, string expected) => Assert.AreEqual(expected, TomlDump.Of(toml));

    [TestMethod]
    [DataRow("[a]\n[b]\nc=1", "{a:{},b:{c:1}}")]
    [DataRow("[ a . 'b c' ]\nd=1", "{a:{b c:{d:1}}}")]
    [DataRow("[a.b]\nx=1\n[a]\ny=2", "{a:{b:{x:1},y:2}}")]
    [DataRow("[[a]]\nx=1\n[[a]]\n[a.b]\ny=2\n[[a.c]]\n[[a.c]]\nz=3", "{a:[{x:1},{b:{y:2},c:[{},{z:3}]}]}")]
    [DataRow("[a]\nb.c=1\n[a.d]\n[a.b.e]\nf=2", "{a:{b:{c:1,e:{f:2}},d:{}}}")]
    [DataRow("[a.b]\n[a.c]\n[[a.d]]", "{a:{b:{},c:{},d:[{}]}}")]
    [DataRow("[x.y.z]\n[x]\n[[p.q]]\n[p.r]", "{x:{y:{z:{}}},p:{q:[{}],r:{}}}")]
    public void Headers_open_tables_in_any_order(string toml, string expected) => Assert.AreEqual(expected, TomlDump.Of(toml));

    [TestMethod]
    public void A_document_of_the_deepest_allowed_nesting_is_read()
    {
        var deep = new string('[', TomlReader.DepthLimit - 1) + new string(']', TomlReader.DepthLimit - 1);

        var root = TomlReader.Parse($"a = {deep}", "f", Fault.SettingsInvalid);

        Assert.AreEqual(deep, TomlDump.Of(root.Value("a")));
    }

    [TestMethod]
    public void Bytes_with_a_byte_order_mark_are_read_and_columns_start_behind_it()
    {
        var root = TomlReader.Parse([.. Encoding.UTF8.Preamble, .. "a = 1"u8], "f", Fault.SettingsInvalid);

        Assert.AreEqual("f(1,5)", root.Value("a").Position.ToString());
    }

    [TestMethod]
    [Timeout(10_000)]
    public void A_table_of_a_hundred_thousand_keys_is_read_in_no_noticeable_time()
    {
        var toml = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"key{i} = {i}\n"));

        var root = TomlReader.Parse(toml, "f", Fault.SettingsInvalid);

        Assert.AreEqual(99_999, root.Value("key99999").AsInteger());
        Assert.AreEqual(100_000, root.Entries.Count);
    }
}
